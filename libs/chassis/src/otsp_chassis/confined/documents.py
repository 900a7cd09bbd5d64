"""Pages of PDF: how many there are, and one of them drawn."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import pypdfium2 as pdfium

from otsp_chassis.confined.findings import Refused
from otsp_chassis.confined.proportions import scale

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_BEFORE_ROUNDING_UP = 1 - 1e-6
"""PDFium draws no part of a pixel: 800.0000001 would be 801."""


def count_pages(stream: BinaryIO, *, most: int) -> int | None:
    """None for what cannot be opened or has none. Raises Refused above the limit."""
    try:
        with _document(stream) as document:
            count = len(document)
    except (pdfium.PdfiumError, OSError, ValueError):
        return None
    if count > most:
        raise Refused("file-too-many-pages")
    return count or None


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
