"""What a zip, a document or a workbook holds: judged by its directory, then held to its word."""

import codecs
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from otsp_chassis.confined.findings import Refused

_PART_OF = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word/document.xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xl/workbook.xml",
}
"""The part without which a document is none (ECMA-376)."""
TYPES = frozenset({"application/zip", *_PART_OF})
_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".gz", ".bz2", ".xz", ".zst", ".tar", ".tgz", ".jar"})
_MACROS = frozenset({"vbaproject.bin", "vbadata.xml"})
_MACRO_FILES = frozenset({".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".ppam"})
_LINKS = "externallinks"
_OBJECT = "oleobject"
_ENCRYPTED = 0x1
codecs.lookup("cp437")  # that of old names: a confined process cannot load it any more


def inspect(stream: BinaryIO, content_type: str, *, unpacked_bytes: int, entries: int) -> None:
    """Raises Refused. Once what the directory promises is little enough, all of it is unpacked into
    nothing: an entry that is larger than it says, or damaged, is found by its checksum.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            held = archive.infolist()
            _require_sound(held, content_type, unpacked_bytes=unpacked_bytes, entries=entries)
            if archive.testzip() is not None:
                raise Refused("file-unreadable")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, OSError) as error:
        raise Refused("file-unreadable") from error


def is_archive_too(stream: BinaryIO) -> bool:
    """Whether what looks like something else can be opened as a zip as well."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return bool(archive.infolist())
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError):
        return False


def _require_sound(
    held: list[zipfile.ZipInfo], content_type: str, *, unpacked_bytes: int, entries: int
) -> None:
    if len(held) > entries or sum(entry.file_size for entry in held) > unpacked_bytes:
        raise Refused("file-unpacks-too-large")
    for reason in _faults(held):
        raise Refused(reason)
    part = _PART_OF.get(content_type)
    if part is not None and part not in {entry.filename for entry in held}:
        raise Refused("file-content-differs")


def _faults(held: list[zipfile.ZipInfo]) -> Iterator[str]:
    for entry in held:
        name = entry.filename.replace("\\", "/")
        path = PurePosixPath(name.lower())
        if path.name in _MACROS or path.suffix in _MACRO_FILES or "activex" in path.parts:
            yield "file-has-macros"
        if _LINKS in path.parts or path.name.startswith(_OBJECT):
            yield "file-has-active-content"
        if stat.S_ISLNK(entry.external_attr >> 16):
            yield "file-archive-unsafe"
        if name.startswith("/") or ".." in path.parts or name[1:2] == ":":
            yield "file-archive-unsafe"
        if entry.flag_bits & _ENCRYPTED or path.suffix in _ARCHIVES:
            yield "file-archive-unsafe"
