"""What earlier lines of a file have told, kept on disk: memory does not grow with the file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager


class SeenLines:
    """Keys, and the line on which each first stood."""

    def __init__(self, scratch: sqlite3.Connection) -> None:
        self._scratch = scratch
        scratch.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def line_of(self, key: bytes) -> int | None:
        found = self._scratch.execute("SELECT line FROM seen WHERE key = ?", (key,)).fetchone()
        return None if found is None else int(found[0])

    def note(self, key: bytes, line: int) -> None:
        self._scratch.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line))


@contextmanager
def seen_lines() -> Iterator[SeenLines]:
    """In a temporary file without a name (sqlite.org/inmemorydb.html), gone at the end."""
    with closing(sqlite3.connect("", isolation_level=None)) as scratch:
        scratch.execute("PRAGMA journal_mode = OFF")
        scratch.execute("BEGIN")
        yield SeenLines(scratch)
