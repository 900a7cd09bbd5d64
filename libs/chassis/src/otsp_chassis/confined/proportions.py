"""How large a page or image is drawn."""

from otsp_chassis.confined.findings import Refused

_HIGHEST_BY_WIDTH = 4
"""A page or image longer than four times its width is drawn narrower."""


def scale(across: float, down: float, width: int) -> float:
    """By what its edges are multiplied so that it is at most `width` pixels wide."""
    if across <= 0 or down <= 0:
        raise Refused("file-has-no-preview")
    return min(width / across, width * _HIGHEST_BY_WIDTH / down)
