"""`python -m otsp_chassis.confined.program TASK`: the file on standard input, the answer on output.

TASK is JSON, `inspect` or `draw` with its limits. Exit status 0: the answer is there; 3: what was
written is the reason of a refusal; 4: the process could not be confined and opened nothing. All
others are failures over the file.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from otsp_chassis.confined import archives
from otsp_chassis.confined.findings import Refused
from otsp_chassis.confined.limits import confine

REFUSED, NOT_CONFINED = 3, 4
PDF = "application/pdf"
IMAGES = frozenset({"image/jpeg", "image/png"})
_HEAD = 1024
_FONTS = tuple(
    Path(folder)
    for folder in (
        "/usr/share/fonts",
        "/usr/share/X11/fonts/Type1",
        "/usr/share/X11/fonts/TTF",
        "/usr/local/share/fonts",
    )
)
"""Where PDFium looks for the fonts that a document names and does not bring."""


Work = Callable[[BinaryIO], bytes]


def inspection(task: dict[str, Any]) -> Work:
    """Libraries take longer to load than most files to open: only what the type needs."""
    content_type, count = task["content_type"], None
    if content_type == PDF:
        from otsp_chassis.confined import documents  # noqa: PLC0415 - see above

        count = partial(documents.count_pages, most=task["pages"])
    elif content_type in IMAGES:
        from otsp_chassis.confined import pictures  # noqa: PLC0415 - see above

        count = partial(pictures.count_pages, most_pixels=task["pixels"])

    def inspect(stream: BinaryIO) -> bytes:
        pages = None
        if count is not None:
            _require_one_thing(stream, content_type)
            pages = count(stream)
        elif content_type in archives.TYPES:
            archives.inspect(
                stream, content_type, unpacked_bytes=task["unpacked_bytes"], entries=task["entries"]
            )
        return json.dumps({"pages": pages}).encode()

    return inspect


def drawing(task: dict[str, Any]) -> Work:
    from otsp_chassis.confined import documents, pictures  # noqa: PLC0415 - see above

    def draw(stream: BinaryIO) -> bytes:
        of_type = documents.draw_page if task["content_type"] == PDF else pictures.draw_smaller
        picture = of_type(stream, page=task["page"], width=task["width"])
        return pictures.as_jpeg(picture, mark=task["mark"], font=task["font"])

    return draw


def _require_one_thing(stream: BinaryIO, content_type: str) -> None:
    """A file that two programs read as two different things is taken for neither."""
    head = stream.read(_HEAD)
    stream.seek(0)
    is_pdf_too = content_type != PDF and b"%PDF-" in head
    if is_pdf_too or archives.is_archive_too(stream):
        raise Refused("file-is-two-things")
    stream.seek(0)


def main() -> int:
    task = json.loads(sys.argv[1])
    work = {"inspect": inspection, "draw": drawing}[task["do"]](task)
    font = task.get("font")
    try:
        confine(
            answer_bytes=task["answer_bytes"],
            readable=[*_FONTS, *([Path(font).parent] if font else [])],
        )
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_CONFINED
    try:
        answer, status = work(sys.stdin.buffer), 0
    except Refused as refused:
        answer, status = refused.reason.encode(), REFUSED
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
