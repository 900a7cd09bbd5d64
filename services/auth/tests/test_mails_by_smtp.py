"""Mails through a mail server: over TLS or not at all, and never a pause for nothing."""

import asyncio
import email
import email.policy
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from structlog.testing import capture_logs

from otsp_auth.app import service
from otsp_auth.commands.sending import dispatch, webhook
from otsp_chassis import metrics
from otsp_local.ports import free_port
from otsp_testkit.tls import server_context, write_certificate

BASE, EMAIL = "/api/auth/v1", "zhou@example.test"
USERNAME, SECRET, SENDER = "otsp", "the mail account's password", "no-reply@xwpx.example.test"
TIMEOUT_SECONDS = 1.0


class Inbox:
    """What the server does with a mail."""

    def __init__(self) -> None:
        self.mails: list[email.message.EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.refusal: str | None = None
        self.is_silent = False

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        if self.refusal is not None:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append(message)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if self.is_silent:
            await asyncio.Event().wait()
        return "250 OK"


def authenticate(_server, _session, _envelope, _mechanism, given) -> AuthResult:
    right = LoginPassword(USERNAME.encode(), SECRET.encode())
    return AuthResult(success=given == right, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return write_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def servers(certificate) -> Iterator[dict[str, Controller]]:
    """One that offers STARTTLS, one in TLS from the first byte, one in the clear only."""
    made = {
        "starttls": Controller(
            Inbox(),
            hostname="127.0.0.1",
            port=free_port(),
            tls_context=server_context(certificate),
            require_starttls=True,
            authenticator=authenticate,
            auth_required=True,
        ),
        "tls": Controller(
            Inbox(), hostname="127.0.0.1", port=free_port(), ssl_context=server_context(certificate)
        ),
        "clear": Controller(Inbox(), hostname="127.0.0.1", port=free_port()),
    }
    for each in made.values():
        each.start()
    yield made
    for each in made.values():
        each.stop()


@pytest.fixture(scope="module")
def given(servers, tmp_path_factory) -> dict[str, object]:
    secret = tmp_path_factory.mktemp("secrets") / "smtp"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    return {
        "mail_sender": "smtp",
        "smtp_host": "127.0.0.1",
        "smtp_port": servers["starttls"].port,
        "smtp_from": SENDER,
        "smtp_username": USERNAME,
        "smtp_password_file": secret,
        "smtp_timeout_seconds": TIMEOUT_SECONDS,
    }


@pytest.fixture
def trusted(monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    webhook.trusting_system.cache_clear()
    yield
    webhook.trusting_system.cache_clear()


@pytest.fixture
def inbox(servers):
    inbox = servers["starttls"].handler
    inbox.__init__()
    return inbox


@pytest.fixture
def start(make_kit, given):
    kits = []

    def make(**other):
        kits.append(make_kit(service, **(given | other)))
        kits[-1].anonymous()  # starting it sets the log up
        return kits[-1]

    yield make
    for kit in kits:
        kit.clean()


def ask(kit, address: str = EMAIL):
    return kit.anonymous().post(f"{BASE}/password-resets", {"email": address})


@pytest.mark.usefixtures("trusted")
def test_mail_arrives_over_starttls_from_whom_the_setting_says(start, inbox):
    before = metrics.MAIL.labels("smtp", "sent")._value.get()

    answer = ask(start())

    assert answer.status == 201
    [mail] = inbox.mails
    assert inbox.envelopes == [(SENDER, [EMAIL])]
    assert mail["From"].addresses[0].addr_spec == SENDER
    assert (mail["To"], mail["Subject"]) == (EMAIL, "找回密码")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@xwpx.example.test>")
    assert "没有可以找回的账户" in mail.get_content()
    assert metrics.MAIL.labels("smtp", "sent")._value.get() == before + 1


@pytest.mark.usefixtures("trusted")
def test_mail_arrives_at_a_server_that_speaks_tls_first(start, servers):
    kit = start(
        smtp_port=servers["tls"].port,
        smtp_security="tls",
        smtp_username=None,
        smtp_password_file=None,
    )

    assert ask(kit).status == 201
    assert servers["tls"].handler.envelopes == [(SENDER, [EMAIL])]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_never_travels_in_the_clear(start, servers, security):
    kit = start(
        smtp_port=servers["clear"].port,
        smtp_security=security,
        smtp_username=None,
        smtp_password_file=None,
    )

    refusal = ask(kit)

    assert (refusal.status, refusal.problem) == (503, "message-not-sent")
    assert servers["clear"].handler.mails == []


def test_server_that_nobody_vouches_for_gets_no_mail_and_no_password(start, inbox):
    webhook.trusting_system.cache_clear()

    refusal = ask(start())

    assert (refusal.status, refusal.problem) == (503, "message-not-sent")
    assert inbox.mails == []


@pytest.mark.usefixtures("trusted")
def test_wrong_password_of_ours_is_logged_without_it(start, inbox, tmp_path):
    wrong = tmp_path / "smtp"
    wrong.write_text("another password", encoding="utf-8")

    kit = start(smtp_password_file=wrong)

    with capture_logs() as lines:
        refusal = ask(kit)

    assert refusal.problem == "message-not-sent"
    [line] = [each for each in lines if each["event"] == "mail_not_carried"]
    assert line["reason"] == "SMTPAuthenticationError"
    assert not any(each in str(lines) for each in ("another password", EMAIL, USERNAME))


@pytest.mark.usefixtures("trusted")
def test_refused_address_costs_no_pause(start, inbox):
    kit = start()
    inbox.refusal = "550 no such mailbox"

    refusal = ask(kit)
    inbox.refusal = None
    again = ask(kit)

    assert (refusal.status, refusal.problem) == (503, "message-not-sent")
    assert "暂时无法发送" in refusal.json["detail"]
    assert again.status == 201
    assert ask(kit).problem == "too-many-texts"


@pytest.mark.usefixtures("trusted")
def test_mail_that_may_have_gone_keeps_its_pause(start, inbox):
    kit = start()
    inbox.is_silent = True

    refusal = ask(kit)

    assert (refusal.status, refusal.problem) == (503, "message-perhaps-sent")
    assert ask(kit).problem == "too-many-texts"


def test_server_that_is_not_there_costs_no_pause(start):
    kit = start(smtp_port=free_port())

    assert [ask(kit).problem for _ in range(2)] == ["message-not-sent"] * 2


@pytest.mark.usefixtures("trusted")
def test_line_breaks_never_reach_a_header(start, inbox):
    refusal = ask(start(), "zhou@example.test\r\nBcc: all@example.test")

    assert (refusal.status, refusal.pointers) == (422, {"/email"})
    assert inbox.mails == []


@pytest.fixture(autouse=True)
def _fresh_carriers():
    dispatch._mail_carrier.cache_clear()
