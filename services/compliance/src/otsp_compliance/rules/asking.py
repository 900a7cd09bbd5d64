"""When a service that has not answered is asked again."""

from datetime import timedelta
from typing import Final

_LONGEST_WAIT: Final = timedelta(hours=1)


def asked_again_after(repeats: int, *, first: timedelta) -> timedelta:
    """Twice as long each time, up to an hour: who is away for a day is not asked a thousand times.

    A first wait that is longer stays as it is.
    """
    doubled: timedelta = first * 2 ** min(repeats, 16)
    return min(doubled, max(first, _LONGEST_WAIT))
