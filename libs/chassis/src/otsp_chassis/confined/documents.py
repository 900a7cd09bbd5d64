"""Pages of PDF: how many there are, whether anything in it acts, and one of them drawn."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from otsp_chassis.confined.findings import Refused
from otsp_chassis.confined.proportions import scale

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_BEFORE_ROUNDING_UP = 1 - 1e-6
"""PDFium draws no part of a pixel: 800.0000001 would be 801."""
_ACTING = ("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia")
_MOST_OF_OBJECTS = 64 * 1024 * 1024
"""Unpacked, of all object streams together."""
_PIECE = 16 * 1024


def _spelled(name: str) -> str:
    """Each letter as it is or by its number (ISO 32000-1, 7.3.5)."""
    return "".join(f"(?:{each}|#(?i:{ord(each):02x}))" for each in name)


_ACTS = re.compile(f"/(?:{'|'.join(map(_spelled, _ACTING))})(?![A-Za-z0-9])".encode())
_OBJECTS = re.compile(rb"/ObjStm(?![A-Za-z0-9])[^>]*(?:>(?!>)[^>]*)*>>\s*stream\r?\n")


def count_pages(stream: BinaryIO, *, most: int) -> int | None:
    """None for what cannot be opened or has none. Raises Refused above the limit, for what acts
    by itself or brings files, and for what asks for a password: nobody could look at it.
    """
    _require_inert(stream.read())
    stream.seek(0)
    try:
        with _document(stream) as document:
            count = len(document)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise Refused("file-unreadable") from error
        return None
    except (OSError, ValueError):
        return None
    if count > most:
        raise Refused("file-too-many-pages")
    return count or None


def _require_inert(content: bytes) -> None:
    """By the names that actions and attachments have, also where objects are packed."""
    if _ACTS.search(content):
        raise Refused("file-has-active-content")
    left = _MOST_OF_OBJECTS
    for head in _OBJECTS.finditer(content):
        unpacked = _unpacked(memoryview(content)[head.end() :], left)
        left -= len(unpacked)
        if left <= 0:
            raise Refused("file-unpacks-too-large")
        if _ACTS.search(unpacked):
            raise Refused("file-has-active-content")


def _unpacked(packed: memoryview, most: int) -> bytes:
    """The stream that begins there, wherever it ends: a file may have thousands of them."""
    stream, found = zlib.decompressobj(), bytearray()
    at = 0
    try:
        while at < len(packed) and len(found) < most and not stream.eof:
            found += stream.decompress(packed[at : at + _PIECE], most - len(found))
            at += _PIECE - len(stream.unconsumed_tail)
    except zlib.error:
        pass  # so far it could be unpacked, and is looked at
    return bytes(found)


def draw_page(stream: BinaryIO, *, page: int, width: int) -> "Picture":
    """The page (from 1) at most `width` pixels wide; raises Refused. Pillow is to be loaded."""
    try:
        with _document(stream) as document:
            if page > len(document):
                raise Refused("preview-no-such-page")
            document.init_forms()
            shown = document[page - 1]
            across, down = shown.get_size()
            by = scale(across, down, width) * _BEFORE_ROUNDING_UP
            drawn: Picture = shown.render(scale=by).to_pil()
            return drawn.convert("RGB")
    except (pdfium.PdfiumError, OSError, SyntaxError, ValueError) as error:
        raise Refused("file-has-no-preview") from error


@contextmanager
def _document(stream: BinaryIO) -> Iterator[pdfium.PdfDocument]:
    document = pdfium.PdfDocument(stream.read())
    try:
        yield document
    finally:
        document.close()
