"""Small true files, made up by tests: a PDF of so many pages, a picture, an archive."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def pdf(*pages: str) -> bytes:
    """One page for each text, A4, in a font that every reader has."""
    count = len(pages)
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>".encode(),
    ]
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    for number, text in enumerate(pages):
        drawn = f"BT /F 60 Tf 60 700 Td ({text}) Tj ET".encode()
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {4 + 2 * number} 0 R"
            f"/Resources<</Font<</F {font}>>>>>>".encode()
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
    return _assembled(objects)


def locked_pdf() -> bytes:
    """One that asks for a password, which nobody knows."""
    code = "0" * 64
    lock = f"/Encrypt<</Filter/Standard/V 1/R 2/O<{code}>/U<{code}>/P -4>>/ID[<{code}><{code}>]"
    return pdf("1").replace(b"trailer\n<<", b"trailer\n<<" + lock.encode())


def packed_pdf(extra: bytes, *, is_in_letters: bool = False) -> bytes:
    """One page whose objects lie in a stream of objects, as most programs write them today.

    `extra` stands in the catalogue. In letters the stream is spelled in hexadecimal besides.
    """
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % extra,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ]
    places = [sum(len(each) + 1 for each in objects[:number]) for number in range(len(objects))]
    heads = " ".join(f"{number} {place}" for number, place in enumerate(places, 1)) + " "
    held = zlib.compress(heads.encode() + b" ".join(objects))
    filters = "/FlateDecode"
    if is_in_letters:
        held, filters = held.hex().encode() + b">", "[/ASCIIHexDecode/FlateDecode]"
    written = b"%PDF-1.5\n"
    packed_at = len(written)
    about = f"/Type/ObjStm/N {len(objects)}/First {len(heads)}/Filter{filters}"
    written += b"4 0 obj\n<<%s/Length %d>>stream\n%s\nendstream\nendobj\n" % (
        about.encode(), len(held), held,
    )  # fmt: skip
    table_at = len(written)
    rows = [
        (0, 0, 255),
        *((2, 4, number) for number in range(3)),
        (1, packed_at, 0),
        (1, table_at, 0),
    ]
    table = b"".join(struct.pack(">BHB", *row) for row in rows)
    return written + (
        b"5 0 obj\n<</Type/XRef/Size 6/W[1 2 1]/Root 1 0 R/Length %d>>stream\n%s\nendstream\n"
        b"endobj\nstartxref\n%d\n%%%%EOF\n" % (len(table), table, table_at)
    )


def picture(width: int, height: int, kind: str = "PNG", *, color: str = "white") -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), color).save(drawn, kind)
    return drawn.getvalue()


def archive(entries: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in entries.items():
            folder.writestr(name, content)
    return packed.getvalue()


def document(extra: Mapping[str, bytes] | None = None) -> bytes:
    """As little as a word processor writes, with whatever else it should hold."""
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
    return archive(parts | dict(extra or {}))


def _assembled(objects: list[bytes]) -> bytes:
    written, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(written))
    )
