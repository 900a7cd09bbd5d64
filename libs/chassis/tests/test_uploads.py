"""What may be uploaded: the attack cases of S4, each refused with its reason or stored safe."""

import struct
import sys
import tracemalloc
import zlib
from shutil import rmtree
from subprocess import run

import pytest
from sqlalchemy import func, select

from otsp_chassis import metrics
from otsp_chassis.confined import running
from otsp_chassis.files import find_attachment
from otsp_chassis.identity import HEADER, IdentityMinter, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.tables import attachment
from otsp_testkit.documents import SHEET, WORD, archive, document, pdf, picture
from otsp_testkit.sample.app import service

PDF, PNG, JPEG, ZIP = "application/pdf", "image/png", "image/jpeg", "application/zip"
MB = 1024 * 1024


@pytest.fixture
def strict(make_kit):
    """The same service with limits that a test reaches quickly."""
    kit = make_kit(
        service,
        pdf_max_pages=3,
        image_max_megapixels=1,
        archive_max_unpacked_mb=1,
        archive_max_entries=10,
        file_max_mb=1,
    )
    yield kit
    kit.clean()
    empty_store(kit)


@pytest.fixture(autouse=True)
def begins_with_nothing(kit):
    empty_store(kit)


def empty_store(kit):
    rmtree(kit.runtime.settings.files_dir / "sample", ignore_errors=True)


def owner_of(institution_id):
    return Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=frozenset({"sample:read", "sample:write"}),
        session_id="s",
        institution_id=institution_id,
    )


def upload(kit, raw, content_type, name="a"):
    institution_id = new_id()
    place = f"/api/sample/v1/institutions/{institution_id}/files"
    return kit.as_principal(owner_of(institution_id)).call(
        "POST", place, raw=raw, content_type=content_type, query={"name": name}
    )


def kept(kit):
    """Rows, and files in the store."""
    with kit.runtime.database.autocommit.connect() as reader:
        rows = reader.scalar(select(func.count()).select_from(attachment))
    folder = kit.runtime.settings.files_dir / "sample"
    return rows, [path for path in folder.rglob("*") if path.is_file()]


def bomb():
    """Ten files of 200 KB, which take a few bytes each."""
    return archive({f"{number}.txt": bytes(200_000) for number in range(10)})


def liar():
    """An entry of 10 MB that says of itself, at both places, that it has 100 bytes."""
    packed = archive({"a.txt": bytes(10 * MB)})
    return packed.replace(struct.pack("<L", 10 * MB), struct.pack("<L", 100))


def locked():
    """Its entry is marked as encrypted."""
    packed = bytearray(archive({"a.txt": b"a" * 50}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def huge_picture():
    """A PNG of 50,000 x 50,000 pixels in a few hundred bytes."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">L", len(content)) + body + struct.pack(">L", zlib.crc32(body))

    head = struct.pack(">LLBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1_000)))
        + chunk(b"IEND", b"")
    )


WORKBOOK = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
REFUSED = [
    ("a web page as an image", b"<html><script>1</script></html>" * 9, PNG, "file-content-differs"),
    ("an executable as a PDF", b"MZ\x90\x00" + bytes(500), PDF, "file-content-differs"),
    ("a PDF as an image", pdf("1"), PNG, "file-content-differs"),
    ("an archive as a document", archive({"a.txt": b"a"}), WORD, "file-content-differs"),
    ("a document as a workbook", document(), SHEET, "file-content-differs"),
    (
        "an image that is an archive",
        picture(9, 9) + archive({"a": b"a"}),
        PNG,
        "file-is-two-things",
    ),
    ("a PDF that is an archive", pdf("1") + archive({"a": b"a"}), PDF, "file-is-two-things"),
    ("an image that is a PDF", picture(9, 9)[:60] + pdf("1"), PNG, "file-is-two-things"),
    ("a zip bomb", bomb(), ZIP, "file-unpacks-too-large"),
    ("a document that is a bomb", document({"b": bytes(2 * MB)}), WORD, "file-unpacks-too-large"),
    ("many entries", archive({str(n): b"" for n in range(11)}), ZIP, "file-unpacks-too-large"),
    ("an archive that lies", liar(), ZIP, "file-unreadable"),
    ("an archive in an archive", archive({"a.zip": bomb()}), ZIP, "file-archive-unsafe"),
    ("an archive with a password", locked(), ZIP, "file-archive-unsafe"),
    ("a way out of the folder", archive({"../../etc/cron.d/x": b"x"}), ZIP, "file-archive-unsafe"),
    ("a place of its own", archive({"/etc/passwd": b"x"}), ZIP, "file-archive-unsafe"),
    ("a drive", archive({"C:\\x.txt": b"x"}), ZIP, "file-archive-unsafe"),
    ("half an archive", bomb()[:300], ZIP, "file-unreadable"),
    ("macros", document({"word/vbaProject.bin": b"\xd0\xcf"}), WORD, "file-has-macros"),
    ("controls", document({"word/activeX/activeX1.xml": b"<a/>"}), WORD, "file-has-macros"),
    (
        "macros of a workbook",
        archive(WORKBOOK | {"xl/vbaProject.bin": b"\xd0"}),
        SHEET,
        "file-has-macros",
    ),
    ("macros in an archive", archive({"a/b.XLSM": b"x"}), ZIP, "file-has-macros"),
    ("too many pages", pdf("1", "2", "3", "4"), PDF, "file-too-many-pages"),
    ("too many pixels", picture(1_001, 1_000), PNG, "file-too-many-pixels"),
    ("a decompression bomb", huge_picture(), PNG, "file-too-many-pixels"),
    ("nothing", b"", PDF, "file-empty"),
    ("too many bytes", b"%PDF-1.7\n" + bytes(MB), PDF, "file-too-large"),
    ("another type", b"GIF89a", "image/gif", "unsupported-media-type"),
]


@pytest.mark.parametrize(
    ("raw", "content_type", "problem"),
    [case[1:] for case in REFUSED],
    ids=[case[0].replace(" ", "_") for case in REFUSED],
)
def test_is_refused_with_its_reason_and_nothing_of_it_stays(strict, raw, content_type, problem):
    refused = upload(strict, raw, content_type)

    assert refused.problem == problem
    assert kept(strict) == (0, [])


TAKEN = [
    ("a PDF", pdf("1", "2", "3"), PDF, 3),
    ("an image", picture(1_000, 1_000), PNG, 1),
    ("a photo", picture(30, 20, "JPEG"), JPEG, 1),
    ("a document", document(), WORD, None),
    ("a workbook", archive(WORKBOOK), SHEET, None),
    ("an archive", archive({"教材/第一课.txt": b"a", "b.txt": b"b"}), ZIP, None),
    ("a PDF that nobody can open", b"%PDF-1.7\n" + bytes(300), PDF, None),
    ("half a photo", picture(300, 200, "JPEG")[:200], JPEG, None),
]


@pytest.mark.parametrize(
    ("raw", "content_type", "pages"),
    [case[1:] for case in TAKEN],
    ids=[case[0].replace(" ", "_") for case in TAKEN],
)
def test_is_kept_as_it_is_with_the_pages_that_can_be_shown(strict, raw, content_type, pages):
    stored = upload(strict, raw, content_type)

    assert (stored.status, stored.json["size"], stored.json["pages"]) == (201, len(raw), pages)
    _, [path] = kept(strict)
    assert path.read_bytes() == raw


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Users\\zhou\\营业执照.png", "营业执照.png"),
        ("scan.png/", "未命名"),
        ("..", "未命名"),
        ("invoice\u202egnp.exe", "invoicegnp.exe.png"),
        ("setup.exe", "setup.exe.png"),
        ("教材 v1.2", "教材 v1.2.png"),
        ("A.PNG", "A.PNG"),
        ("照片", "照片"),
    ],
)
def test_a_name_is_only_a_name(kit, sent, told):
    stored = upload(kit, picture(9, 9), PNG, name=sent).json

    with kit.active(), kit.runtime.database.autocommit.connect() as reader:
        assert reader.scalar(select(attachment.c.name)) == told
        [key] = reader.scalars(select(attachment.c.storage_key))
    assert stored["name"] == told
    assert key == stored["file_id"].replace("-", "")[::-1]


def test_refusals_are_counted_by_their_reason(strict):
    counted = metrics.UPLOADS_REFUSED.labels("sample", "file-has-macros")._value
    before = counted.get()

    upload(strict, document({"word/vbaProject.bin": b"\xd0\xcf"}), WORD)

    assert counted.get() == before + 1


def test_a_file_over_which_the_process_breaks_is_refused(kit, monkeypatch):
    monkeypatch.setattr(running.sys, "executable", "/bin/false")

    assert upload(kit, picture(9, 9), PNG).problem == "file-too-complex"
    assert kept(kit) == (0, [])


def test_who_does_not_get_a_turn_is_told_to_come_back(kit, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_SECONDS", 0.05)
    for _ in range(running.AT_ONCE):
        running._turns.acquire()
    try:
        refused = upload(kit, picture(9, 9), PNG)
    finally:
        running._turns.release(running.AT_ONCE)

    assert (refused.status, refused.problem) == (503, "file-opener-unavailable")
    assert upload(kit, picture(9, 9), PNG).status == 201


def test_a_process_that_takes_too_long_is_ended(kit, monkeypatch):
    monkeypatch.setattr(running, "RUN_SECONDS", 0.001)

    assert upload(kit, picture(9, 9), PNG).problem == "file-opener-unavailable"


class Video:
    """So many bytes that look like a video, made up as they are read."""

    def __init__(self, size):
        self._size, self._at = size, 0

    def read(self, size=-1):
        head = b"" if self._at else b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
        chunk = head.ljust(min(size, self._size - self._at), b"\0")
        self._at += len(chunk)
        return chunk

    def tell(self):
        return self._at

    def seek(self, offset, whence=0):
        self._at = self._size if whence else offset


def test_a_video_of_100_mb_takes_8_mb_of_memory_at_most(kit, key_files):
    institution_id, size = new_id(), 100 * MB
    token = IdentityMinter(key_files.identity_private).mint(owner_of(institution_id))
    upload(kit, picture(9, 9), PNG)

    tracemalloc.start()
    try:
        answer = kit.app.test_client().post(
            f"/api/sample/v1/institutions/{institution_id}/files",
            query_string={"name": "a.mp4"},
            input_stream=Video(size),
            content_length=size,
            content_type="video/mp4",
            headers={HEADER: token},
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (answer.status_code, answer.json["size"]) == (201, size)
    assert peak <= 8 * MB
    with kit.active(), kit.runtime.database.autocommit.connect() as reader:
        assert find_attachment(reader, institution_id, answer.json["file_id"]).size == size


ATTEMPTS = """
import os, socket, sys
from pathlib import Path
from otsp_chassis.confined.limits import confine

own = Path(sys.argv[1])
confine(answer_bytes=1_000, readable=[own / "fonts"])
attempts = {
    "socket": lambda: socket.socket(),
    "program": lambda: os.execv("/bin/true", ["true"]),
    "process": os.fork,
    "signal": lambda: os.kill(os.getppid(), 0),
    "memory": lambda: bytearray(2 * 1024**3),
    "secret": lambda: (own / "secret").read_text(),
    "new file": lambda: (own / "new").write_text("x"),
    "removal": (own / "fonts" / "font").unlink,
    "font": lambda: (own / "fonts" / "font").read_text(),
    "long answer": lambda: os.write(1, bytes(2_000)),
}
for name, attempt in attempts.items():
    try:
        print(name, "done", attempt(), file=sys.stderr)
    except (OSError, MemoryError) as error:
        print(name, "refused", file=sys.stderr)
"""


def test_the_process_that_opens_files_can_do_nothing_else(tmp_path):
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "font").write_text("glyphs")
    (tmp_path / "secret").write_text("key")
    out = tmp_path / "out"

    with out.open("wb") as answer:
        told = run(
            [sys.executable, "-I", "-c", ATTEMPTS, str(tmp_path)],
            stdout=answer, stderr=-1, text=True, check=True,
        ).stderr.splitlines()  # fmt: skip

    done = [line for line in told if not line.endswith("refused")]
    assert done == ["font done glyphs", "long answer done 1000"]
    assert out.stat().st_size == 1_000


def test_the_process_is_told_no_secret_of_its_service(kit, monkeypatch, tmp_path):
    told = tmp_path / "told"
    spy = tmp_path / "python"
    spy.write_text(f"#!/bin/sh\nenv > {told}\nexit 1\n")
    spy.chmod(0o700)
    monkeypatch.setenv("OTSP_SAMPLE_DATABASE_URL", "postgresql://secret")
    monkeypatch.setattr(running.sys, "executable", str(spy))

    upload(kit, picture(9, 9), PNG)

    assert "OTSP" not in told.read_text()
