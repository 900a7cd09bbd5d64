"""Python's collector of cycles, told how a service lives: much at the start, little afterwards.

The defaults look for cycles after each 700 objects and so walk through all sessions of a large
dossier again and again while it is judged, though there is not one cycle in it. Reference counts
free nearly everything here; what is left to collect can wait for tens of thousands of objects.
"""

import gc

YOUNG = 50_000
"""Objects made and not yet freed before the collector looks at them; a few megabytes."""


def spare_what_stays() -> None:
    """Call it once a process has loaded what it needs: that is never looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
