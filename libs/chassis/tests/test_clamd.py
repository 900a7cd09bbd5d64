"""Uploads are scanned while they are stored: what is infected or cannot be judged does not stay.

Verdicts are those of a true clamd that knows the EICAR test file. What a true one is not easily
brought to do (say nothing, give up, answer nonsense) a small one does, which speaks as in clamd(8).
"""

import io
import json
import socketserver
import struct
import threading
import zipfile
from contextlib import contextmanager

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from otsp_chassis import clamd
from otsp_chassis.clamd import FileInfected, ScannerUnavailable, scanned
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.settings import ServiceSettings
from otsp_chassis.tables import attachment
from otsp_testkit.clamd import clamd_for_tests
from otsp_testkit.documents import WORD, document
from otsp_testkit.sample.app import service

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-" + b"TEST-FILE!$H+H*"
"""The test file of eicar.org, in pieces, lest a scanner takes this source for it."""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(600_000)
LIMIT = 4 * 1024 * 1024


class Conversation(socketserver.StreamRequestHandler):
    """INSTREAM and a NUL, then pieces after their lengths (4 bytes, network order); 0 ends it."""

    def handle(self):
        if self.server.is_mute:
            self.rfile.read(1)
            self.server.over.wait()
        if self.rfile.read(len(b"zINSTREAM\0")) != b"zINSTREAM\0":
            return self.wfile.write(b"UNKNOWN COMMAND\0")
        stream = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            stream += self.rfile.read(length)
            if len(stream) > LIMIT:
                return self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        self.server.streams.append(stream)
        return self.wfile.write(self.server.reply or self._verdict(stream))

    def _verdict(self, stream):
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in stream else b"stream: OK\0"


@contextmanager
def scanner(kind, address):
    server = kind(address, Conversation)
    server.daemon_threads = True
    server.streams, server.reply, server.is_mute, server.over = [], None, False, threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def small():
    with scanner(socketserver.ThreadingTCPServer, ("127.0.0.1", 0)) as server:
        server.address = f"127.0.0.1:{server.server_address[1]}"
        yield server


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with clamd_for_tests(tmp_path_factory.mktemp("clamd")) as address:
        yield address


@pytest.fixture
def scanning(make_kit, address):
    kit = make_kit(service, clamd_address=address)
    yield kit
    kit.clean()


def zipped(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as folder:
        folder.writestr("a.com", content)
    return packed.getvalue()


def upload(kit, raw, content_type):
    institution_id = new_id()
    owner = Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=frozenset({"sample:write"}),
        session_id="s",
        institution_id=institution_id,
    )
    place = f"/api/sample/v1/institutions/{institution_id}/files"
    return kit.as_principal(owner).call(
        "POST", place, raw=raw, content_type=content_type, query={"name": "a"}
    )


def kept(kit):
    """Rows, and files in the store."""
    with kit.runtime.database.autocommit.connect() as reader:
        rows = reader.scalar(select(func.count()).select_from(attachment))
    folder = kit.runtime.settings.files_dir / "sample"
    return rows, [path for path in folder.rglob("*") if path.is_file()]


def scan(address, *chunks):
    return list(scanned(iter(chunks), address))


def test_a_clean_file_is_stored(scanning):
    assert upload(scanning, PNG, "image/png").status == 201
    assert upload(scanning, zipped(b"harmless"), "application/zip").status == 201

    rows, files = kept(scanning)
    assert (rows, len(files)) == (2, 2)


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [(zipped(EICAR), "application/zip"), (document({"word/media/a.png": EICAR}), WORD)],
    ids=["archive", "document"],
)
def test_an_infected_file_is_refused_and_nothing_of_it_stays(scanning, raw, content_type):
    before = kept(scanning)

    refused = upload(scanning, raw, content_type)

    assert (refused.status, refused.problem) == (422, "file-infected")
    assert kept(scanning) == before


def test_without_its_scanner_a_service_takes_no_file(make_kit):
    kit = make_kit(service, clamd_address="127.0.0.1:9")

    refused = upload(kit, PNG, "image/png")

    assert (refused.status, refused.problem) == (503, "scanner-unavailable")
    assert refused.headers["Retry-After"] == "5"
    assert kept(kit) == (0, [])


def test_every_byte_is_scanned_and_passed_on(small):
    assert scan(small.address, b"one", b"two" * 100_000) == [b"one", b"two" * 100_000]
    assert small.streams == [b"one" + b"two" * 100_000]


def test_a_scanner_may_listen_at_a_path(tmp_path):
    path = str(tmp_path / "clamd.sock")
    with scanner(socketserver.ThreadingUnixStreamServer, path) as server:
        scan(path, b"one")
        with pytest.raises(FileInfected):
            scan(path, EICAR)
    assert server.streams == [b"one", EICAR]

    with pytest.raises(ScannerUnavailable):
        scan(str(tmp_path / "nobody.sock"), b"one")


def test_a_file_that_the_scanner_gives_up_is_not_taken(small):
    with pytest.raises(ScannerUnavailable):
        scan(small.address, *[bytes(LIMIT // 4)] * 6)


@pytest.mark.parametrize("reply", [b"stream: OK but", b"stream: Can't open file ERROR\0", b"\0"])
def test_only_a_clear_verdict_lets_a_file_pass(small, reply):
    small.reply = reply

    with pytest.raises(ScannerUnavailable):
        scan(small.address, b"one")


def test_a_scanner_that_says_nothing_is_not_waited_for_for_ever(small, monkeypatch):
    monkeypatch.setattr(clamd, "ANSWER_SECONDS", 0.1)
    small.is_mute = True

    with pytest.raises(ScannerUnavailable):
        scan(small.address, b"one")


def test_a_service_that_does_not_scan_says_so_once_at_its_start(kit, scanning, capsys):
    service.wsgi(kit.runtime)
    service.wsgi(scanning.runtime)

    told = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert told == ["uploads_are_not_scanned"]


@pytest.mark.parametrize("address", ["clamd", ":3310", "clamd:", "clamd:0", "run/clamd.sock", ""])
def test_an_address_that_leads_nowhere_stops_the_start(key_files, tmp_path, address):
    with pytest.raises(ValidationError, match="HOST:PORT"):
        ServiceSettings.load(
            "sample",
            database_url="postgresql://x",
            identity_public_keys=key_files.identity_public,
            pii_keys=key_files.pii,
            files_dir=tmp_path,
            clamd_address=address,
        )
