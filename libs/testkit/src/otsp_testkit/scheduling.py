"""In which order and process tests run: what shares servers or ports stays together, the longest
begins, and what a folder's tests share ends with the last of them.
"""

from collections.abc import Sequence
from contextlib import ExitStack

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SHARING_DEMO = ("tests/browser/", "tests/e2e/")
"""One demonstration, kept for the last of them."""
_ALONE = (
    *SHARING_DEMO, "tests/over_rabbitmq/", "tests/faults/", "tests/drill/", "tests/bench/",
)  # fmt: skip
"""Real processes, some on fixed ports: one after the other, in one process, begun at once."""
_TOGETHER = ("tests/flows/", "tests/security/")
"""Six services and a town that costs seconds to build."""


_KEPT = pytest.StashKey[dict[tuple[str, ...], ExitStack]]()


class FoldersAndFiles(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    """Hands out whole files, and whole folders where tests share more than a file."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """What of the suite goes to one process."""
    if nodeid.startswith(_ALONE):
        return "platform"
    return _folder_of(nodeid) or nodeid.partition("::")[0]


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The longest scopes first, so that no process ends long after the others; their folders one
    after the other.
    """
    longest = (*_ALONE, *_TOGETHER)

    def rank(item: pytest.Item) -> int:
        folder = _folder_of(item.nodeid)
        return longest.index(folder) if folder else len(longest)

    return sorted(items, key=rank)


def kept_for(config: pytest.Config, *folders: str) -> ExitStack:
    """What is entered here is left after the last test of the folders, not of the session: a whole
    platform that nobody asks takes a quarter of a core from all that follows.
    """
    return config.stash.setdefault(_KEPT, {}).setdefault(folders, ExitStack())


def leave(item: pytest.Item, following: pytest.Item | None) -> None:
    """After each test, told of the one that comes next in this process."""
    kept = item.config.stash.get(_KEPT, {})
    next_folder = _folder_of(following.nodeid) if following else None
    for folders in [each for each in kept if next_folder not in each]:
        kept.pop(folders).close()


def _folder_of(nodeid: str) -> str | None:
    return next((each for each in (*_ALONE, *_TOGETHER) if nodeid.startswith(each)), None)


def make_scheduler(config: pytest.Config, log: Producer) -> FoldersAndFiles:
    """In the order of the collection, which is random but for the longest."""
    config.option.loadscopereorder = False
    return FoldersAndFiles(config, log)
