"""`otsp doctor` on keys, files, stores, names, certificates, clocks and carriers."""

import json
import os
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from otsp_chassis import clock
from otsp_cli.__main__ import main
from otsp_cli.doctor import command
from otsp_local.ports import free_port
from otsp_local.settings import inherited_environment
from otsp_testkit.keys import write_key_files

PATHS = {
    "OTSP_AUTH_IDENTITY_PRIVATE_KEY": "identity_private",
    "OTSP_IDENTITY_PUBLIC_KEYS": "identity_public",
    "OTSP_PII_KEYS": "pii",
    "OTSP_AUDIT_SIGNING_KEY": "audit_private",
    "OTSP_AUDIT_PUBLIC_KEYS": "audit_public",
}


@pytest.fixture
def doctor(capsys, monkeypatch):
    """An environment that names nothing; the lines by check and subject."""
    monkeypatch.setattr(command, "CHECK_SECONDS", 60)
    for name in [each for each in inherited_environment() if each.startswith("OTSP_")]:
        monkeypatch.delenv(name)

    def ask(*arguments):
        capsys.readouterr()
        main(["doctor", "--json", "--only", *arguments])
        rows = map(json.loads, capsys.readouterr().out.splitlines())
        return {(row["check"], row["subject"]): row for row in rows}

    return ask


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """A folder of good keys, named by the environment as files that only we may read."""
    files = write_key_files(tmp_path)
    for name, field in PATHS.items():
        getattr(files, field).chmod(0o600)
        monkeypatch.setenv(name, str(getattr(files, field)))
    monkeypatch.setenv("OTSP_AUTH_DATABASE_URL", "postgresql://x:x@127.0.0.1:1/otsp")
    return files


def certificate(folder, *, days, host="127.0.0.1"):
    """One PEM file, good for so many days more; it vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "of a test")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
    until = clock.now() + timedelta(days=days, hours=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=400))
        .not_valid_after(until)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / f"{days}-{host}.pem"
    text = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    file.write_bytes(text + made.public_bytes(pem))
    return file


class Dated(BaseHTTPRequestHandler):
    """Answers with the server's own idea of the time."""

    def do_HEAD(self):
        self.send_response_only(200)
        self.send_header("Date", format_datetime(clock.now() + self.server.ahead, usegmt=False))
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


@contextmanager
def serving(*, file=None, ahead=timedelta()):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Dated)
    server.ahead = ahead
    if file:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_keys_that_belong_together_are_well(doctor, keys):
    lines = doctor("keys", "files")

    assert {row["state"] for row in lines.values()} == {"ok"}
    assert lines["keys", "identity"]["found"].startswith("signs as test-1, published among 1")


def test_a_key_that_is_not_published_is_told(doctor, keys, tmp_path_factory):
    others = write_key_files(tmp_path_factory.mktemp("others"))
    keys.identity_public.write_bytes(others.identity_public.read_bytes())
    keys.audit_public.write_text('{"keys": []}')

    lines = doctor("keys")

    assert "test-1 is not among the keys of" in lines["keys", "identity"]["found"]
    assert lines["keys", "audit"]["state"] == "failed"
    assert lines["keys", "personal data"]["state"] == "ok"


def test_a_private_half_among_the_public_ones_is_told_without_quoting_it(doctor, keys):
    private = json.loads(keys.identity_private.read_text())
    keys.identity_public.write_text(json.dumps({"keys": [private]}))

    found = doctor("keys")["keys", "identity"]["found"]

    assert "holds a private half" in found
    assert private["d"] not in found


def test_keys_of_the_wrong_kind_are_told(doctor, keys):
    keys.pii.write_text(json.dumps({"current": "k1", "keys": {"k1": "c2hvcnQ="}, "index": "eA=="}))
    keys.audit_private.write_text(json.dumps({"kty": "oct", "k": "c2VjcmV0", "kid": "audit-1"}))
    keys.identity_private.write_text("no json")

    lines = doctor("keys")

    assert {lines["keys", name]["state"] for name in ("personal data", "audit", "identity")} == {
        "failed"
    }
    assert "c2hvcnQ" not in str(lines)


def test_an_old_key_and_a_misplaced_one_are_warned_of(doctor, keys, monkeypatch):
    old = (clock.now() - timedelta(days=400)).timestamp()
    os.utime(keys.pii, (old, old))
    monkeypatch.delenv("OTSP_AUTH_DATABASE_URL")

    lines = doctor("keys")

    assert "400 days old" in lines["keys", "personal data"]["found"]
    assert lines["keys", "personal data"]["state"] == "warn"
    assert lines["keys", "identity"]["advice"] == "give identity-private.jwk to auth alone"


def test_files_that_others_may_read_or_that_are_not_there_are_told(doctor, keys, monkeypatch):
    keys.pii.chmod(0o644)
    keys.audit_private.unlink()
    monkeypatch.setenv("OTSP_FILES_DIR", str(keys.pii.parent / "files"))
    (keys.pii.parent / "files").mkdir(mode=0o777)
    (keys.pii.parent / "files").chmod(0o777)

    lines = doctor("files")

    assert "others may read it" in lines["files", "OTSP_PII_KEYS"]["found"]
    assert lines["files", "OTSP_AUDIT_SIGNING_KEY"]["state"] == "failed"
    assert "others may write there" in lines["files", "OTSP_FILES_DIR"]["found"]


def test_a_store_that_cannot_be_written_is_told(doctor, keys, monkeypatch):
    keys.pii.parent.joinpath("store").write_text("a file where a folder belongs")
    monkeypatch.setenv("OTSP_FILES_DIR", str(keys.pii.parent / "store"))
    monkeypatch.setenv("OTSP_ENV", "test")

    line = doctor("store")["store", "auth"]

    assert line["state"] == "failed"
    assert "OTSP_FILES_DIR" in line["advice"]


def test_a_name_that_nobody_knows_is_told_with_its_setting(doctor, monkeypatch):
    monkeypatch.setenv("OTSP_AMQP_URL", "amqp://x:x@rabbit.invalid/otsp")
    monkeypatch.setenv("OTSP_GATEWAY_UPSTREAMS", '{"auth": ["127.0.0.1:8001"]}')

    lines = doctor("dns")

    assert lines["dns", "127.0.0.1"]["state"] == "ok"
    assert lines["dns", "rabbit.invalid"]["state"] == "failed"
    assert "OTSP_AMQP_URL" in lines["dns", "rabbit.invalid"]["advice"]


@pytest.mark.parametrize(
    ("days", "state"), [(-2, "failed"), (1, "failed"), (10, "warn"), (90, "ok")]
)
def test_certificates_are_told_before_they_end(doctor, monkeypatch, tmp_path, days, state):
    file = certificate(tmp_path, days=days)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(file=file) as port:
        monkeypatch.setenv("OTSP_PORTAL_GATEWAY_URL", f"https://127.0.0.1:{port}")
        line = doctor("tls")["tls", f"https 127.0.0.1:{port}"]

    assert line["state"] == state
    assert (f"{days} days" if days > 0 else "certificate has expired") in line["found"]


def test_certificates_of_strangers_and_of_other_names_are_told(doctor, monkeypatch, tmp_path):
    file = certificate(tmp_path, days=90, host="10.9.9.9")
    with serving(file=file) as port:
        monkeypatch.setenv("OTSP_PORTAL_GATEWAY_URL", f"https://127.0.0.1:{port}")
        stranger = doctor("tls")["tls", f"https 127.0.0.1:{port}"]
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        other = doctor("tls")["tls", f"https 127.0.0.1:{port}"]

    assert "self-signed" in stranger["found"].replace(" ", "-")
    assert "IP address mismatch" in other["found"]


def test_what_travels_in_the_clear_is_warned_of_in_production(doctor, monkeypatch, postgres):
    monkeypatch.setenv("OTSP_AMQP_URL", "amqp://x:x@rabbit.example/otsp")
    asks_for_tls = postgres.service_database("auth").app_url + "?sslmode=require"
    monkeypatch.setenv("OTSP_AUTH_DATABASE_URL", asks_for_tls)

    lines = doctor("tls")

    assert lines["tls", "amqp rabbit.example:5672"]["state"] == "warn"
    assert "offers no TLS" in lines["tls", f"postgresql 127.0.0.1:{postgres.port}"]["found"]


@pytest.mark.parametrize(("ahead", "state"), [(0, "ok"), (3600, "failed"), (-5, "failed")])
def test_clocks_that_part_are_told(doctor, monkeypatch, ahead, state):
    with serving(ahead=timedelta(seconds=ahead)) as port:
        monkeypatch.setenv("OTSP_GATEWAY_URL", f"http://127.0.0.1:{port}")
        line = doctor("clock")["clock", f"http 127.0.0.1:{port}"]

    assert line["state"] == state


def test_a_carrier_is_greeted_and_sent_nothing(doctor, monkeypatch, tmp_path):
    file = certificate(tmp_path, days=90)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    controller = Controller(
        handler=object(), hostname="127.0.0.1", port=free_port(), tls_context=context
    )
    controller.start()
    try:
        monkeypatch.setenv("OTSP_AUTH_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("OTSP_AUTH_SMTP_PORT", str(controller.port))
        monkeypatch.setenv("OTSP_AUTH_SMS_URL", "https://127.0.0.1:1/texts")
        lines = doctor("senders")
    finally:
        controller.stop(no_assert=True)

    assert lines["senders", "OTSP_AUTH_SMTP_HOST"]["state"] == "ok"
    assert lines["senders", "OTSP_AUTH_SMS_URL"]["state"] == "failed"


def test_who_never_answers_costs_the_check_its_seconds_and_no_more(doctor, monkeypatch):
    monkeypatch.setattr(command, "CHECK_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("OTSP_PORTAL_GATEWAY_URL", f"https://127.0.0.1:{port}")
        line = doctor("tls")["tls", f"https 127.0.0.1:{port}"]

    assert line["found"] == "no answer within 0.3 s"


def test_what_the_environment_does_not_name_is_said_not_to_be_seen(doctor):
    lines = doctor("broker", "database", "senders", "keys")

    assert {row["state"] for row in lines.values()} == {"skipped"}
    assert all("this environment does not name" in row["found"] for row in lines.values())
