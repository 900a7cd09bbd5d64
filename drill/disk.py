"""A disk that fills up: one service's outbox lies on a file system of a few megabytes.

A true one, mounted in memory, which only root can do; nothing else gives PostgreSQL a true 53100.
"""

import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from drill.topology import Topology

SERVICE = "compliance"
MEGABYTES = 24
_CHUNK = b"\0" * 65_536
_FULL = "No space left on device"


def can_be_had() -> bool:
    """Only root mounts."""
    return os.geteuid() == 0


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """Mounted beside the server's data, with the outbox of `SERVICE` on it."""

    topology: Topology

    def mount(self) -> None:
        postgres = self.topology.platform.postgres
        self._folder.mkdir()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0700", "drill", self._folder],
            check=True,
            capture_output=True,
        )
        self.topology.mounts.append(self._folder)
        if postgres._account is not None:
            os.chown(self._folder, postgres._account.uid, postgres._account.gid)
        url = self.topology.database_urls()[SERVICE]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE drill LOCATION '{self._folder}'")
            connection.execute("ALTER TABLE outbox SET TABLESPACE drill")

    def fill(self) -> None:
        """To the last byte: what is deleted frees nothing of it."""
        with suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(_CHUNK)

    def free(self) -> int:
        """Returns how many statements found it full, in this life of the server."""
        self._filler.unlink(missing_ok=True)
        log = self.topology.platform.postgres.log
        return log.read_text(encoding="utf-8", errors="replace").count(_FULL)

    @property
    def _folder(self) -> Path:
        return self.topology.platform.postgres.data.parent / "small-disk"

    @property
    def _filler(self) -> Path:
        return self._folder / "filler"
