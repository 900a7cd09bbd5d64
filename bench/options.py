"""How much to measure, and what stands for it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

Stand = TypeVar("Stand")
USUAL_REQUESTS = 1500


class Stands:
    """Keeps a test stand for the next figure that wants the same one. At most one stands."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._standing: tuple[object, Any] | None = None

    def of(self, make: Callable[[], AbstractContextManager[Stand]]) -> Stand:
        """What `make` gives, made now unless it stands already."""
        if self._standing is None or self._standing[0] is not make:
            self.clear()
            self._standing = (make, self._stack.enter_context(make()))
        stand: Stand = self._standing[1]
        return stand

    def clear(self) -> None:
        """Remove what stands."""
        self._standing = None
        self._stack.close()


@dataclass(frozen=True, slots=True)
class Options:
    """`requests` is what one run of one variant sends; slower things are done less often."""

    rounds: int = 7
    requests: int = USUAL_REQUESTS
    stands: Stands = field(default_factory=Stands)

    def part_of(self, whole: int, *, least: int) -> int:
        """As much of something as `requests` are of what they usually are."""
        return max(whole * self.requests // USUAL_REQUESTS, least)
