"""The process that reads a workbook, which comes on its stdin; its argument names the sheet.

It holds no secret, no connection and little memory, and gives up all else before it looks at the
first byte (`confined.limits`): a workbook that is made to break readers breaks this one. Written to
stdout, one JSON value a line: `{"titles": […], "rows": N}`, then pages of rows `[number, cell, …]`,
where "" is an empty cell; or `{"refused": CODE}` and nothing more. It imports next to nothing of
the platform, so that starting it costs a tenth of a second.
"""

import codecs
import io
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from otsp_chassis.confined.limits import confine

MOST_ROWS = 100_000
MOST_UNPACKED = 50 * 1024 * 1024
MOST_PARTS = 1_000
MOST_COLUMNS = 200
MEMORY_BYTES = 400 * 1024 * 1024
"""Of addresses: what is resident stays below 300 MB."""
ROWS_A_PAGE = 1_000
NOT_CONFINED = 4
_CHUNK = 1024 * 1024
_OVERLAP = 64
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_TYPE_DEFINITION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


class Refused(Exception):
    """By its code; `reading.REFUSALS_ZH` has the words."""


def main() -> int:
    codecs.lookup("cp437")  # that of old names: a confined process cannot load it any more
    try:
        confine(answer_bytes=0, readable=())
    except OSError:
        return NOT_CONFINED
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    content = sys.stdin.buffer.read()
    try:
        for line in _lines(content, sys.argv[1]):
            sys.stdout.buffer.write(orjson.dumps(line, default=str) + b"\n")
    except Refused as refused:
        sys.stdout.buffer.write(orjson.dumps({"refused": str(refused)}) + b"\n")
    return 0


def _lines(content: bytes, name: str) -> Iterator[Any]:
    _require_sound(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if name not in book.sheet_names:
            raise Refused("wrong_template")
        sheet = book.get_sheet_by_name(name)
    except (CalamineError, ValueError, OSError) as error:
        raise Refused("damaged") from error
    if sheet.start != (0, 0):
        raise Refused("wrong_template")
    if sheet.width > MOST_COLUMNS:
        raise Refused("too_wide")
    if sheet.height > MOST_ROWS + 1:
        raise Refused("too_many_rows")
    rows = iter(sheet.iter_rows())
    yield {"titles": [str(cell).strip() for cell in next(rows)], "rows": sheet.height - 1}
    page: list[list[Any]] = []
    for number, row in enumerate(rows, start=2):
        page.append([number, *row])
        if len(page) == ROWS_A_PAGE:
            yield page
            page = []
    yield page


def _require_sound(content: bytes) -> None:
    """What a reader may be given: the directory is judged first, then every byte is counted."""
    if content.startswith(_OLE):
        raise Refused("encrypted")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _require_sound_directory(package.infolist())
            for part in package.infolist():
                _require_sound_part(package, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError) as error:
        raise Refused("damaged") from error


def _require_sound_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename.lower() for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("encrypted")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused("too_large")
    if "xl/workbook.xml" not in names or len(names) < len(parts) or len(parts) > MOST_PARTS:
        raise Refused("damaged")
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
        raise Refused("macros")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise Refused("external_links")
    if any(name.startswith(("xl/embeddings/", "xl/activex/")) for name in names):
        raise Refused("embedded_objects")


def _require_sound_part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpacked to its end, which its declared size does not exceed: else the check sum is wrong."""
    is_sheet = part.filename.lower().startswith("xl/worksheets/")
    rest = b""
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            seen = rest + chunk
            if is_sheet and _FORMULA.search(seen):
                raise Refused("formulas")
            if _TYPE_DEFINITION.search(seen):
                raise Refused("damaged")
            rest = seen[-_OVERLAP:]


if __name__ == "__main__":
    sys.exit(main())
