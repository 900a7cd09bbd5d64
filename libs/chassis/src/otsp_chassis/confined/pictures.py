"""Images and pages of PDF: how many there are, and one of them drawn as JPEG."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont, JpegImagePlugin, PngImagePlugin
from PIL.Image import Image as Picture

from otsp_chassis.confined.findings import Refused

PDF = "application/pdf"
TYPES = frozenset({PDF, "image/jpeg", "image/png"})
_FORMATS = [JpegImagePlugin.JpegImageFile.format, PngImagePlugin.PngImageFile.format]
Image.init()  # loads all plugins, which cannot be done any more once the process is confined
_JPEG_QUALITY = 80
_HIGHEST_BY_WIDTH = 4
"""A page or image longer than four times its width is drawn narrower."""
_BEFORE_ROUNDING_UP = 1 - 1e-6
"""PDFium draws no part of a pixel: 800.0000001 would be 801."""

_TILT_DEGREES = 28
_INK, _HALO = (90, 90, 90, 96), (255, 255, 255, 96)
"""On white and on black alike something of it is seen, and what lies below stays legible."""


def count_pages(stream: BinaryIO, content_type: str, *, pages: int, pixels: int) -> int | None:
    """1 for an image; None for what cannot be opened. Raises Refused above a limit."""
    try:
        if content_type == PDF:
            with _document(stream) as document:
                count = len(document)
            if count > pages:
                raise Refused("file-too-many-pages")
            return count or None
        with _image(stream) as image:
            if image.width * image.height > pixels:
                raise Refused("file-too-many-pixels")
            return 1
    except (pdfium.PdfiumError, OSError, SyntaxError, ValueError):
        return None


def draw(
    stream: BinaryIO, content_type: str, *, page: int, width: int, mark: str | None, font: str
) -> bytes:
    """The page (from 1) at most `width` pixels wide, `mark` all over it; raises Refused."""
    try:
        picture = (
            _page(stream, page, width) if content_type == PDF else _shrunk(stream, page, width)
        )
    except (pdfium.PdfiumError, OSError, SyntaxError, ValueError) as error:
        raise Refused("file-has-no-preview") from error
    if mark is not None:
        picture = _marked(picture, mark, font)
    drawn = io.BytesIO()
    picture.save(drawn, "JPEG", quality=_JPEG_QUALITY)
    return drawn.getvalue()


@contextmanager
def _document(stream: BinaryIO) -> Iterator[pdfium.PdfDocument]:
    document = pdfium.PdfDocument(stream.read())
    try:
        yield document
    finally:
        document.close()


@contextmanager
def _image(stream: BinaryIO) -> Iterator[Picture]:
    """Opened, not decoded. How many pixels there may be is for the caller."""
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(stream, formats=_FORMATS) as image:
        yield image


def _page(stream: BinaryIO, page: int, width: int) -> Picture:
    with _document(stream) as document:
        if page > len(document):
            raise Refused("preview-no-such-page")
        document.init_forms()
        shown = document[page - 1]
        across, down = shown.get_size()
        scale = _scale(across, down, width) * _BEFORE_ROUNDING_UP
        drawn: Picture = shown.render(scale=scale).to_pil()
        return drawn.convert("RGB")


def _shrunk(stream: BinaryIO, page: int, width: int) -> Picture:
    if page > 1:
        raise Refused("preview-no-such-page")
    with _image(stream) as image:
        scale = min(1, _scale(*image.size, width))
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image.draft("RGB", size)
        return _on_white(image).resize(size, reducing_gap=2.0)


def _on_white(image: Picture) -> Picture:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("RGB")


def _scale(across: float, down: float, width: int) -> float:
    if across <= 0 or down <= 0:
        raise Refused("file-has-no-preview")
    return min(width / across, width * _HIGHEST_BY_WIDTH / down)


def _marked(picture: Picture, mark: str, font: str) -> Picture:
    """Tilted lines below and beside each other, so near that no part is without."""
    type_size = max(12, picture.width // 32)
    line = _tilted(mark, ImageFont.truetype(font, type_size))
    across, down = line.width + type_size // 2, type_size * 4
    for top in range(-line.height, picture.height, down):
        for left in range(-across // 2, picture.width, across):
            picture.paste(line, (left, top), line)
    return picture


def _tilted(text: str, face: ImageFont.FreeTypeFont) -> Picture:
    left, top, right, bottom = (round(edge) for edge in face.getbbox(text, stroke_width=1))
    line = Image.new("RGBA", (right - left, bottom - top), (0, 0, 0, 0))
    pen = ImageDraw.Draw(line)
    pen.text((-left, -top), text, font=face, fill=_INK, stroke_width=1, stroke_fill=_HALO)
    return line.rotate(_TILT_DEGREES, resample=Image.Resampling.BILINEAR, expand=True)
