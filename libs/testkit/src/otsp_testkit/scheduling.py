"""Several test processes: what shares servers or ports stays together, the longest begins."""

from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_ALONE = ("tests/browser/", "tests/e2e/", "tests/faults/", "tests/bench/")
"""Real processes, some on fixed ports: one after the other, in one process, begun at once."""
_TOGETHER = ("tests/flows/", "tests/security/")
"""Six services and a town that costs seconds to build."""


class FoldersAndFiles(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    """Hands out whole files, and whole folders where tests share more than a file."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """What of the suite goes to one process."""
    if nodeid.startswith(_ALONE):
        return "platform"
    together = next((folder for folder in _TOGETHER if nodeid.startswith(folder)), None)
    return together or nodeid.partition("::")[0]


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The longest scopes first, so that no process ends long after the others."""
    longest = ("platform", *_TOGETHER)

    def rank(item: pytest.Item) -> int:
        scope = scope_of(item.nodeid)
        return longest.index(scope) if scope in longest else len(longest)

    return sorted(items, key=rank)


def make_scheduler(config: pytest.Config, log: Producer) -> FoldersAndFiles:
    """In the order of the collection, which is random but for the longest."""
    config.option.loadscopereorder = False
    return FoldersAndFiles(config, log)
