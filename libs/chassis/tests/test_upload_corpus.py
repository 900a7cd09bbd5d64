"""The rest of S4's corpus: what hides in files of the accepted types, and files that are spoilt."""

import io
import stat
import struct
import zipfile
import zlib
from contextlib import suppress
from random import Random
from shutil import rmtree

import openpyxl
import pytest
from sqlalchemy import select

from otsp_chassis.confined.findings import Refused
from otsp_chassis.confined.program import inspection
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.imports import reader as imports_reader
from otsp_chassis.tables import attachment
from otsp_testkit.documents import (
    SHEET,
    WORD,
    archive,
    document,
    locked_pdf,
    packed_pdf,
    pdf,
    picture,
)
from otsp_testkit.sample.app import service

PDF, PNG, JPEG, ZIP = "application/pdf", "image/png", "image/jpeg", "application/zip"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
WORKBOOK = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
LIMITS = {"pages": 3, "pixels": 1_000_000, "unpacked_bytes": 1_000_000, "entries": 10}


@pytest.fixture(scope="module")
def strict(make_kit):
    """With limits that a test reaches quickly."""
    kit = make_kit(service, pdf_max_pages=3, archive_max_unpacked_mb=1, archive_max_entries=10)
    yield kit
    kit.clean()


@pytest.fixture(autouse=True)
def begins_with_nothing(strict):
    strict.clean()
    rmtree(strict.runtime.settings.files_dir / "sample", ignore_errors=True)


def upload(kit, raw, content_type, name="a"):
    institution_id = new_id()
    owner = Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=frozenset({"sample:read", "sample:write"}),
        session_id="s",
        institution_id=institution_id,
    )
    place = f"/api/sample/v1/institutions/{institution_id}/files"
    return kit.as_principal(owner).call(
        "POST", place, raw=raw, content_type=content_type, query={"name": name}
    )


def kept(kit):
    folder = kit.runtime.settings.files_dir / "sample"
    return [path for path in folder.rglob("*") if path.is_file()]


def with_link():
    """An entry that is a symbolic link out of wherever it is unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as folder:
        link = zipfile.ZipInfo("scan.pdf")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        folder.writestr(link, "/etc/passwd")
    return packed.getvalue()


def overlapping():
    """One entry of 200 KB that its directory names twenty times."""
    packed = archive({"a.txt": bytes(200_000)})
    at, size = packed.index(b"PK\x01\x02"), packed.index(b"PK\x05\x06")
    entry, end = packed[at:size], bytearray(packed[size:])
    struct.pack_into("<HHL", end, 8, 20, 20, 20 * len(entry))
    return packed[:at] + 20 * entry + bytes(end)


def with_streams(count, unpacked):
    """Each says nothing; looking into one must not take longer the more there are."""
    held = zlib.compress(unpacked)
    head = b"9 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(held)
    return pdf("1") + count * (head + held + b"\nendstream\nendobj\n")


def saying(extra):
    """A PDF with one more object, which its catalogue need not name."""
    return pdf("1").replace(b"/Type/Catalog", b"/Type/Catalog" + extra)


HTML = b"<html><script>1</script></html>\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
SCRIPT = b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"
NAMED_SCRIPT = b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>"
LAUNCH = b"/OpenAction<</S/Launch/F(cmd.exe)>>"
ATTACHED = b"/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(a)/EF<</F 9 0 R>>>>]>>>>"
NOISE = b"/PieceInfo(%s)" % Random(1).randbytes(20_000).hex().encode()
SPELLED = b"/OpenAction<</S/#4Aava#53cript/JS(1)>>"
ACTIVE = "file-has-active-content"
REFUSED = [
    ("a script as GIF", b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", PNG, "file-content-differs"),
    ("a page before a PDF", HTML + pdf("1"), PDF, "file-content-differs"),
    ("SVG as an image", SVG, PNG, "file-content-differs"),
    ("SVG as it is", SVG, "image/svg+xml", "unsupported-media-type"),
    ("a page as a photo", HTML * 9, JPEG, "file-content-differs"),
    ("an old document", OLE, WORD, "file-content-differs"),
    ("an encrypted document", OLE, SHEET, "file-content-differs"),
    ("an OLE object", document({"word/embeddings/oleObject1.bin": OLE}), WORD, ACTIVE),
    (
        "an OLE object of a workbook",
        archive(WORKBOOK | {"xl/embeddings/oleObject1.bin": OLE}),
        SHEET,
        ACTIVE,
    ),
    (
        "links to other workbooks",
        archive(WORKBOOK | {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}),
        SHEET,
        ACTIVE,
    ),
    ("a PDF with a password", locked_pdf(), PDF, "file-unreadable"),
    ("a PDF that runs a script", saying(SCRIPT), PDF, ACTIVE),
    ("a PDF that names a script", saying(NAMED_SCRIPT), PDF, ACTIVE),
    ("a script by another spelling", saying(SPELLED), PDF, ACTIVE),
    ("a PDF that starts a program", saying(LAUNCH), PDF, ACTIVE),
    ("a PDF that brings a file", saying(ATTACHED), PDF, ACTIVE),
    ("a script beyond the first megabyte", pdf("1", "x" * 3_000_000) + SCRIPT, PDF, ACTIVE),
    ("a script among packed objects", packed_pdf(SCRIPT), PDF, ACTIVE),
    ("a program among packed objects", packed_pdf(LAUNCH), PDF, ACTIVE),
    ("a program behind much that does not shrink", packed_pdf(NOISE + LAUNCH), PDF, ACTIVE),
    ("packed objects of 70 MB", with_streams(1, bytes(70_000_000)), PDF, "file-unpacks-too-large"),
    ("scripts in letters", packed_pdf(NAMED_SCRIPT, is_in_letters=True), PDF, ACTIVE),
    ("files in letters", packed_pdf(ATTACHED, is_in_letters=True), PDF, ACTIVE),
    ("a link out of the folder", with_link(), ZIP, "file-archive-unsafe"),
    ("entries that overlap", overlapping(), ZIP, "file-unpacks-too-large"),
    ("42.zip", archive({f"{n}.zip": archive({"a": bytes(9)}) for n in range(9)}), ZIP,
     "file-archive-unsafe"),
    ("an archive by another name", archive({"A.TAR.GZ": b"a"}), ZIP, "file-archive-unsafe"),
    ("a way out by backslashes", archive({"..\\..\\x.txt": b"x"}), ZIP, "file-archive-unsafe"),
    ("a way out of a document", document({"../../x": b"x"}), WORD, "file-archive-unsafe"),
    ("half a document", document()[:-30], WORD, "file-unreadable"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "content_type", "problem"),
    [case[1:] for case in REFUSED],
    ids=[case[0].replace(" ", "_") for case in REFUSED],
)
def test_is_refused_with_its_reason_and_nothing_of_it_stays(strict, raw, content_type, problem):
    refused = upload(strict, raw, content_type)

    assert refused.problem == problem
    assert kept(strict) == []


TAKEN = [
    ("a chart with its own workbook", document({"word/embeddings/Sheet1.xlsx": b"PK"}), WORD),
    ("a link to a page", saying(b"/OpenAction<</S/URI/URI(https://example.test)>>"), PDF),
    ("packed objects", packed_pdf(b""), PDF),
    ("packed objects in letters", packed_pdf(b"", is_in_letters=True), PDF),
    ("a text that speaks of scripts", pdf("JavaScript and Launch"), PDF),
    ("a page after a PDF", pdf("1") + HTML, PDF),
    ("twenty thousand streams of packed objects", with_streams(20_000, bytes(range(256)) * 2), PDF),
]


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [case[1:] for case in TAKEN],
    ids=[case[0].replace(" ", "_") for case in TAKEN],
)
def test_what_only_looks_dangerous_is_kept(strict, raw, content_type):
    assert upload(strict, raw, content_type).status == 201
    assert [path.read_bytes() for path in kept(strict)] == [raw]


@pytest.mark.parametrize(
    ("sent", "told"),
    [("🏫📄.png", "🏫📄.png"), ("a" * 200, "a" * 200), ("a\u202e\u200bgnp.pdf", "agnp.pdf.png")],
    ids=["pictograms", "long", "turned round"],
)
def test_an_odd_name_is_kept_as_what_can_be_seen(strict, sent, told):
    upload(strict, picture(9, 9), PNG, name=sent)

    with strict.active(), strict.runtime.database.autocommit.connect() as reader:
        assert reader.scalar(select(attachment.c.name)) == told


@pytest.mark.parametrize("name", ["a" * 300, "scan.png\0.exe"], ids=["300 letters", "NUL"])
def test_a_name_that_cannot_be_kept_is_refused(strict, name):
    assert upload(strict, picture(9, 9), PNG, name=name).status == 400
    assert kept(strict) == []


EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>"""


def test_a_workbook_that_names_a_file_of_the_machine_is_not_imported():
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as folder:
        parts = {name: folder.read(name) for name in folder.namelist()}
    parts["xl/worksheets/sheet1.xml"] = EXTERNAL

    with pytest.raises(imports_reader.Refused, match="damaged"):
        list(imports_reader._lines(archive(parts), book.active.title))


SPOILT = [
    (PDF, pdf("1", "2")),
    (PDF, saying(SCRIPT)),
    (PNG, picture(40, 40)),
    (JPEG, picture(40, 40, "JPEG")),
    (WORD, document({"word/media/a.png": picture(9, 9)})),
    (SHEET, archive(WORKBOOK)),
    (ZIP, archive({"教材/第一课.txt": b"a" * 500, "b.txt": b"b"})),
]


@pytest.mark.parametrize("seed", range(4))
def test_a_spoilt_file_is_refused_or_kept_and_breaks_nothing(seed):
    """Bytes of a sound one changed, cut out or doubled; opened in this process, so by hundreds."""
    random = Random(seed)
    for _ in range(300):
        content_type, sound = random.choice(SPOILT)
        inspect = inspection({"content_type": content_type, **LIMITS})
        with suppress(Refused):
            inspect(io.BytesIO(spoilt(sound, random)))


def spoilt(sound, random):
    raw = bytearray(sound)
    for _ in range(random.randint(1, 12)):
        at = random.randrange(len(raw))
        match random.randrange(3):
            case 0:
                raw[at] = random.randrange(256)
            case 1:
                del raw[at : at + random.randint(1, 9)]
            case 2:
                raw[at:at] = raw[at : at + random.randint(1, 40)]
        raw = raw or bytearray(b"x")
    return bytes(raw)
