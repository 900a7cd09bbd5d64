"""A backup looked at: is all there that its manifest names, and is it what it was?"""

from collections.abc import Iterator
from contextlib import closing

from otsp_cli.backups.files import entries, faults
from otsp_cli.backups.hashing import sha256_of
from otsp_cli.backups.manifest import File, Manifest
from otsp_cli.backups.places import MANIFEST, Place
from otsp_cli.messages.desk import CannotDo


def read_manifest(place: Place, name: str | None) -> Manifest:
    """Of the named set, or of the newest."""
    known = place.sets()
    if name is None and not known:
        raise CannotDo("there is no backup")
    try:
        with closing(place.open(f"{name or known[-1]}/{MANIFEST}")) as stream:
            return Manifest.from_bytes(stream.read())
    except FileNotFoundError as error:
        raise CannotDo(f"there is no set {name}; there are {', '.join(known)}") from error
    except ValueError as error:
        raise CannotDo(f"{name or known[-1]}: {error}") from error


def find_faults(place: Place, manifest: Manifest, *, is_deep: bool) -> Iterator[str]:
    """Dumps are read whole; of files the sizes, and the bytes only when it goes deep."""
    for dumped in manifest.databases.values():
        yield from _file_faults(place, manifest.name, dumped.dump)
    if manifest.store is None:
        return
    index = list(_file_faults(place, manifest.name, manifest.store.index))
    yield from index
    yield from (f"{name} was missing when it was made" for name in manifest.store.missing)
    yield from (f"{name} was altered when it was made" for name in manifest.store.altered)
    if not index:
        with closing(place.open(f"{manifest.name}/{manifest.store.index.name}")) as lines:
            yield from faults(place, entries(lines), is_deep=is_deep)


def _file_faults(place: Place, name: str, told: File) -> Iterator[str]:
    try:
        with closing(place.open(f"{name}/{told.name}")) as stream:
            digest = sha256_of(stream)
    except FileNotFoundError:
        yield f"{told.name} is missing"
        return
    if digest != told.sha256:
        yield f"{told.name} is not what was written"
