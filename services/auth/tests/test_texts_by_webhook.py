"""Texts through a province's gateway: signed, failed over, and never a pause for nothing."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from structlog.testing import capture_logs

from otsp_auth.app import service
from otsp_auth.commands.sending import NotSent, PerhapsSent, Text, dispatch, send_text, webhook
from otsp_auth.commands.sending.carriers import Narrow
from otsp_auth.commands.sending.webhook import Webhook
from otsp_chassis import clock, metrics
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_testkit.tls import server_context, write_certificate

BASE, MOBILE, OTHER = "/api/auth/v1", "13800000001", "13800000009"
SECRETS = {"primary": "a secret of forty characters, shared once.", "fallback": "another"}
TIMEOUT_SECONDS = 0.3


class Carrier:
    """A gateway as a province would build it: a real server, told what to answer."""

    def __init__(self) -> None:
        self.answers: Callable[[], int] = lambda: 202
        self.is_silent = False
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.arrived = threading.Semaphore(0)
        self._closing = threading.Event()
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                carrier.received.append((self.path, dict(self.headers), body))
                carrier.arrived.release()
                if carrier.is_silent:
                    carrier._closing.wait()
                    return
                status = carrier.answers()
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Not to the test's output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1/texts?tenant=zj"

    @property
    def messages(self) -> list[dict[str, str]]:
        return [json.loads(body) for _, _, body in self.received]

    def rest(self) -> None:
        self.answers, self.is_silent = lambda: 202, False
        self.received.clear()

    def close(self) -> None:
        self._closing.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def carriers() -> Iterator[dict[str, Carrier]]:
    made = {name: Carrier() for name in SECRETS}
    yield made
    for each in made.values():
        each.close()


@pytest.fixture(scope="module")
def given(carriers, tmp_path_factory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("secrets")
    for name, secret in SECRETS.items():
        (folder / name).write_text(f"{secret}\n", encoding="utf-8")
    return {
        "sms_sender": "webhook",
        "sms_url": carriers["primary"].url,
        "sms_secret_file": folder / "primary",
        "sms_fallback_url": carriers["fallback"].url,
        "sms_fallback_secret_file": folder / "fallback",
        "sms_timeout_seconds": TIMEOUT_SECONDS,
    }


@pytest.fixture
def kit(make_kit, given):
    kit = make_kit(service, **given)
    kit.anonymous()  # starting it sets the log up
    yield kit
    kit.clean()


@pytest.fixture
def primary(carriers):
    dispatch._switchboard.cache_clear()
    carriers["primary"].rest()
    return carriers["primary"]


@pytest.fixture
def fallback(carriers):
    carriers["fallback"].rest()
    return carriers["fallback"]


@pytest.fixture
def registered(kit, primary):
    """The token of an account on MOBILE, registered a while ago."""
    door = kit.anonymous()
    with clock.frozen(clock.now() - timedelta(minutes=2)):
        begun = door.post(f"{BASE}/registrations", {"mobile": MOBILE}).json
        code = primary.messages[-1]["text"].removeprefix("注册验证码 ")[:6]
        path = f"{BASE}/registrations/{begun['registration_id']}/activation"
        made = door.post(path, {"code": code, "password": "Xihu-2026-peixun"})
    assert made.status == 201
    return made.json


def ask(kit, mobile: str = MOBILE):
    return kit.anonymous().post(f"{BASE}/registrations", {"mobile": mobile})


def is_signed_by(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As the page says, by another library than ours."""
    parts = dict(each.split("=", 1) for each in headers["OTSP-Signature"].split(","))
    mac = HMAC(secret.encode(), hashes.SHA256())
    mac.update(parts["t"].encode() + b"." + body)
    is_fresh = abs(int(parts["t"]) - clock.now().timestamp()) < 300
    return is_fresh and mac.finalize().hex() == parts["v1"]


def counted(provider: str, outcome: str) -> float:
    return metrics.SMS.labels(provider, outcome)._value.get()


def test_text_is_posted_with_a_signature_that_others_can_check(kit, primary, fallback):
    assert ask(kit).status == 201

    [(path, headers, body)] = primary.received
    message = json.loads(body)
    assert path == "/v1/texts?tenant=zj"
    assert headers["Content-Type"] == "application/json"
    assert message.keys() == {"id", "mobile", "text"}
    assert message["mobile"] == MOBILE
    assert "注册验证码" in message["text"]
    assert is_signed_by(SECRETS["primary"], headers, body)
    assert not is_signed_by(SECRETS["fallback"], headers, body)
    assert not is_signed_by(SECRETS["primary"], headers, body.replace(b"1", b"2"))
    assert fallback.received == []


def test_example_of_the_page_is_signed_as_the_page_says():
    page = (Path(__file__).parents[3] / "docs/accounts.md").read_text(encoding="utf-8")
    at, digest = re.search(r"OTSP-Signature: t=(\d+),v1=([0-9a-f]{64})", page).groups()
    body = re.search(r'^\{"id".*\}$', page, re.MULTILINE)[0].encode()

    with clock.frozen(datetime.fromtimestamp(int(at), UTC)):
        ours = webhook.signature(b"example-secret", body)

    assert ours == f"t={at},v1={digest}"
    assert json.loads(body).keys() == {"id", "mobile", "text"}


@pytest.mark.parametrize("status", [301, 307, 400, 401, 429, 500, 503])
def test_second_carrier_is_asked_at_once_when_the_first_refuses(kit, primary, fallback, status):
    primary.answers = lambda: status
    before = counted("primary", "failed"), counted("fallback", "sent")

    assert ask(kit).status == 201

    assert primary.messages == fallback.messages
    _, headers, body = fallback.received[0]
    assert is_signed_by(SECRETS["fallback"], headers, body)
    assert (counted("primary", "failed"), counted("fallback", "sent")) == (
        before[0] + 1,
        before[1] + 1,
    )


def test_failure_is_logged_without_number_or_text(kit, primary, fallback):
    primary.answers = lambda: 500

    with capture_logs() as lines:
        ask(kit)

    [line] = [each for each in lines if each["event"] == "text_not_carried"]
    assert (line["provider"], line["reason"]) == ("primary", "status 500")
    code_and_number = {MOBILE, *fallback.messages[0]["text"].split()}
    assert not any(each in str(lines) for each in code_and_number if len(each) > 4)


def test_carrier_that_failed_is_asked_last_for_half_a_minute(kit, primary, fallback):
    begun = clock.now()
    primary.answers = lambda: 500
    with clock.frozen(begun):
        ask(kit)
    primary.answers = lambda: 202

    with clock.frozen(begun + timedelta(seconds=29)):
        ask(kit, "13800000002")
    with clock.frozen(begun + timedelta(seconds=30)):
        ask(kit, "13800000003")

    assert [each["mobile"] for each in primary.messages] == [MOBILE, "13800000003"]
    assert [each["mobile"] for each in fallback.messages] == [MOBILE, "13800000002"]


def test_silent_carrier_costs_its_timeout_once(kit, primary, fallback):
    primary.is_silent = True

    answers = [ask(kit, f"1380000000{number}") for number in range(1, 4)]

    assert [each.status for each in answers] == [201, 201, 201]
    assert (len(primary.received), len(fallback.received)) == (1, 3)


def test_nothing_sent_is_told_and_costs_no_pause(kit, primary, fallback):
    primary.answers = fallback.answers = lambda: 503

    refusal = ask(kit)
    primary.answers = lambda: 202
    again = ask(kit)

    assert (refusal.status, refusal.problem) == (503, "message-not-sent")
    assert "暂时无法发送" in refusal.json["detail"]
    assert "Retry-After" in refusal.headers
    assert again.status == 201
    assert ask(kit).problem == "too-many-texts"


def test_text_that_may_have_gone_keeps_its_pause(kit, primary, fallback):
    primary.is_silent = fallback.is_silent = True

    refusal = ask(kit)
    primary.is_silent = fallback.is_silent = False
    again = ask(kit)

    assert (refusal.status, refusal.problem) == (503, "message-perhaps-sent")
    assert "可能已经发出" in refusal.json["detail"]
    assert (again.status, again.problem) == (429, "too-many-texts")


def test_failure_tells_nothing_of_who_has_an_account(kit, primary, fallback, registered):
    primary.answers = fallback.answers = lambda: 500

    answers = [
        kit.anonymous().post(f"{BASE}/password-resets", {"mobile": number})
        for number in (registered["mobile"], OTHER)
    ]

    known, unknown = ({**each.json, "instance": None} for each in answers)
    assert known == unknown
    assert known["status"] == 503


def test_no_transaction_is_open_while_a_carrier_is_asked(kit, primary, fallback):
    states: list[str] = []

    def look() -> int:
        with psycopg.connect(kit.owner_url) as connection:
            query = (
                "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE '%transaction%'"
            )
            states.extend(state for (state,) in connection.execute(query))
        return 202

    primary.answers = look
    assert ask(kit).status == 201
    assert len(primary.received) == 1
    assert states == []


def test_text_within_a_transaction_is_a_fault_of_ours(kit, primary):
    with kit.active(), transaction(), pytest.raises(RuntimeError, match="after the transaction"):
        send_text(MOBILE, "验证码")

    assert primary.received == []


def test_gateway_that_nobody_vouches_for_gets_no_text(kit, primary, tmp_path, monkeypatch):
    certificate = write_certificate(tmp_path)
    secured = Carrier()
    secured.server.socket = server_context(certificate).wrap_socket(
        secured.server.socket, server_side=True
    )
    carrier = Webhook(
        "primary", secured.url.replace("http:", "https:"), b"secret", TIMEOUT_SECONDS * 10
    )
    board = dispatch.Switchboard([carrier], rest=timedelta())
    text = Text(new_id(), MOBILE, "验证码")
    webhook.trusting_system.cache_clear()

    with pytest.raises(NotSent) as refusal:
        board.carry(text)
    assert type(refusal.value) is NotSent
    assert secured.received == []

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    webhook.trusting_system.cache_clear()
    board.carry(text)
    assert len(secured.received) == 1
    webhook.trusting_system.cache_clear()
    secured.close()


def test_gateway_that_is_not_there_is_not_asked_for_a_pause(make_kit, given):
    closed = Carrier()
    closed.close()
    alone = {"sms_url": closed.url, "sms_fallback_url": None, "sms_fallback_secret_file": None}
    kit = make_kit(service, **(given | alone))

    with kit.active(), pytest.raises(NotSent) as refusal:
        send_text(MOBILE, "验证码")

    assert type(refusal.value) is NotSent


def test_mobile_change_whose_second_text_failed_frees_the_new_number(
    kit, primary, fallback, registered
):
    answers = iter([202, 500, 202, 202])
    primary.answers = lambda: next(answers)
    fallback.answers = lambda: 500
    client = kit.as_institution(registered["institution_id"])
    owner = kit.as_principal(_with_account(client.principal, registered["account_id"]))

    refusal = owner.post(f"{BASE}/account/mobile-changes", {"new_mobile": OTHER})

    assert (refusal.status, refusal.problem) == (503, "message-not-sent")
    assert ask(kit, MOBILE).problem == "too-many-texts"
    assert ask(kit, OTHER).status == 201


def test_mobile_change_whose_first_text_failed_frees_both_numbers(
    kit, primary, fallback, registered
):
    primary.answers = fallback.answers = lambda: 500
    client = kit.as_institution(registered["institution_id"])
    owner = kit.as_principal(_with_account(client.principal, registered["account_id"]))
    refusal = owner.post(f"{BASE}/account/mobile-changes", {"new_mobile": OTHER})
    primary.answers = lambda: 202

    again = owner.post(f"{BASE}/account/mobile-changes", {"new_mobile": OTHER})

    assert (refusal.status, again.status) == (503, 201)


def test_second_factor_whose_text_failed_may_be_asked_for_at_once(
    kit, primary, fallback, registered
):
    primary.answers = fallback.answers = lambda: 500
    client = kit.as_institution(registered["institution_id"])
    owner = kit.as_principal(_with_account(client.principal, registered["account_id"]))
    body = {"kind": "sms", "password": "Xihu-2026-peixun"}
    refusal = owner.post(f"{BASE}/account/second-factors", body)
    primary.answers = lambda: 202

    again = owner.post(f"{BASE}/account/second-factors", body)

    assert (refusal.status, refusal.problem, again.status) == (503, "message-not-sent", 201)


def test_changed_password_stands_though_its_owner_could_not_be_told(
    kit, primary, fallback, registered
):
    primary.answers = fallback.answers = lambda: 500
    client = kit.as_institution(registered["institution_id"])
    owner = kit.as_principal(_with_account(client.principal, registered["account_id"]))
    body = {
        "current_password": "Xihu-2026-peixun",
        "new_password": "Xihu-2027-peixun",
        "new_password_confirmation": "Xihu-2027-peixun",
    }

    with capture_logs() as lines:
        answer = owner.post(f"{BASE}/account/password", body)

    assert answer.status == 204
    assert "owner_not_told" in [each["event"] for each in lines]


def _with_account(principal, account_id: str):
    return replace(principal, account_id=UUID(account_id))


def test_silent_carrier_holds_so_many_threads_and_no_more():
    silent = Carrier()
    silent.is_silent = True
    narrow = Narrow(Webhook("primary", silent.url, b"secret", 30), at_once=2)
    told: list[type[NotSent]] = []

    def send() -> None:
        try:
            narrow.carry(Text(new_id(), MOBILE, "验证码"))
        except NotSent as failure:
            told.append(type(failure))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert silent.arrived.acquire(timeout=10)
    send()

    assert told == [NotSent]
    silent.close()
    for thread in threads:
        thread.join()
    assert told == [NotSent, PerhapsSent, PerhapsSent]
    with pytest.raises(NotSent):
        narrow.carry(Text(new_id(), MOBILE, "验证码"))
