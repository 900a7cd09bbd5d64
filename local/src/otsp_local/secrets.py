"""Files and folders that only their owner may read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_secret(path: Path, content: bytes) -> None:
    """Whole or not at all, and at no moment readable by others."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.replace(path)


def private_folder(note: Path, parent: Path, owners: frozenset[int] = frozenset()) -> Path:
    """A folder of mode 0700 in a place that all may write to, its name kept in `note`.

    Its name cannot be guessed. It is made anew when a restart of the machine cleared it, also
    when somebody else has taken its name since: `owners` are those allowed besides ourselves.
    """
    if note.is_file():
        folder = Path(note.read_text(encoding="utf-8"))
        if folder.is_dir() and folder.stat().st_uid in owners | {os.geteuid()}:
            return folder
    note.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="otsp-", dir=parent))
    note.write_text(str(folder), encoding="utf-8")
    return folder
