"""Images: whether they can be taken, one drawn smaller, and marks on what was drawn."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont, JpegImagePlugin, PngImagePlugin
from PIL.Image import Image as Picture

from otsp_chassis.confined.findings import Refused
from otsp_chassis.confined.proportions import scale

_FORMATS = [JpegImagePlugin.JpegImageFile.format, PngImagePlugin.PngImageFile.format]
Image.preinit()
import_module("PIL.MpoImagePlugin")  # of which a JPEG may bring parts; later nothing can be loaded
_JPEG_QUALITY = 80

_TILT_DEGREES = 28
_INK, _HALO = (90, 90, 90, 96), (255, 255, 255, 96)
"""On white and on black alike something of it is seen, and what lies below stays legible."""


def count_pages(stream: BinaryIO, *, most_pixels: int) -> int | None:
    """1; None for what cannot be opened. Raises Refused above the limit."""
    try:
        with _image(stream) as image:
            if image.width * image.height > most_pixels:
                raise Refused("file-too-many-pixels")
            return 1
    except (OSError, SyntaxError, ValueError):
        return None


def draw_smaller(stream: BinaryIO, *, page: int, width: int) -> Picture:
    """At most `width` pixels wide; raises Refused."""
    if page > 1:
        raise Refused("preview-no-such-page")
    try:
        with _image(stream) as image:
            by = min(1, scale(*image.size, width))
            size = (max(1, round(image.width * by)), max(1, round(image.height * by)))
            image.draft("RGB", size)
            return _on_white(image).resize(size, reducing_gap=2.0)
    except (OSError, SyntaxError, ValueError) as error:
        raise Refused("file-has-no-preview") from error


def as_jpeg(picture: Picture, *, mark: str | None, font: str) -> bytes:
    """`mark` all over it."""
    if mark is not None:
        picture = _marked(picture, mark, font)
    drawn = io.BytesIO()
    picture.save(drawn, "JPEG", quality=_JPEG_QUALITY)
    return drawn.getvalue()


@contextmanager
def _image(stream: BinaryIO) -> Iterator[Picture]:
    """Opened, not decoded. How many pixels there may be is for the caller."""
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(stream, formats=_FORMATS) as image:
        yield image


def _on_white(image: Picture) -> Picture:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("RGB")


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
