"""Documents of our own as PDF: a typst template of ours, data of anybody's.

Data travel as JSON and are never markup. The same template, data, font and moment give the same
bytes. A process of its own has bounded memory and time: a long text must not take a service along.
"""

from otsp_chassis.typesetting.running import DocumentFontMissing, TypesetterUnavailable, typeset

__all__ = ["DocumentFontMissing", "TypesetterUnavailable", "typeset"]
