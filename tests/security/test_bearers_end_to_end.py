"""A real nginx before the real auth and staff services: who is refused there, and how soon."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import flask
import pytest
from sqlalchemy import text, update
from werkzeug.serving import make_server

from otsp_auth.app import service as auth_service
from otsp_auth.model import Account
from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_gateway.routes import load_routes
from otsp_gateway.settings import GatewaySettings
from otsp_gateway_testkit.edge import Edge, free_port, running_nginx
from otsp_staff.app import service as staff_service
from otsp_testkit.specifications import all_operations

BASE = "/api/auth/v1"
MOBILE, PASSWORD = "13800000001", "Xihu-2026-peixun"
REVOKED_WITHIN_SECONDS = 2
EXAMPLES = {each.id: each for each in all_operations()}


@contextmanager
def served(app: flask.Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def kits(make_kit):
    kits = {"auth": make_kit(auth_service), "staff": make_kit(staff_service)}
    for kit in kits.values():
        kit.clean()
    yield kits
    for kit in kits.values():
        kit.clean()


@pytest.fixture(scope="module")
def edge(kits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("edge")
    with ExitStack() as stack:
        addresses = {name: stack.enter_context(served(kit.app)) for name, kit in kits.items()}
        edge = Edge(free_port(), folder / "out", None, None, None)
        upstreams = {name: (addresses.get(name, "127.0.0.1:9"),) for name in load_routes().services}
        settings = GatewaySettings.model_validate(
            {
                "env": "test",
                "listen": (f"127.0.0.1:{edge.port}",),
                "upstreams": upstreams,
                "session_cache_dir": folder / "cache",
                "limit_exempt": ("127.0.0.0/8",),
                "specs": {},
            }
        )
        stack.enter_context(running_nginx(settings, edge.out_dir))
        yield edge


@pytest.fixture
def ask(edge):
    def send(method, path, token=None, body=None, **headers):
        raw = None if body is None else as_json(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Content-Type": "application/json", **named} if raw else named
        return edge.ask(method, path, token=token, headers=given, body=raw)

    return send


def as_json(body):
    return flask.json.dumps(body).encode()


@pytest.fixture
def session(kits, ask):
    """Token and institution of somebody who has just registered."""
    for kit in kits.values():
        kit.clean()
    asked = ask("POST", f"{BASE}/registrations", body={"mobile": MOBILE}).json()
    texts = ask("GET", f"{BASE}/development/messages?mobile={MOBILE}").json()
    code = re.search(r"\d{6}", texts["items"][0]["text"])[0]
    activation = f"{BASE}/registrations/{asked['registration_id']}/activation"
    body = EXAMPLES["otsp_auth.api.registration.activate_account"].example()
    account = ask("POST", activation, body=body | {"code": code, "password": PASSWORD}).json()
    opened = ask("POST", f"{BASE}/sessions", body={"username": MOBILE, "password": PASSWORD})
    return opened.json()["token"], account["institution_id"]


@pytest.fixture
def key(session, ask):
    """A key, and what it is told by."""
    token, _ = session
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    wanted = {"name": "教务系统", "scopes": ["staff:read", "staff:write"], "expires_on": day}
    made = ask("POST", f"{BASE}/api-keys", token, wanted)
    assert made.status == 201, made.body
    return made.json()


def last_taken(ask, bearer, path, *, since):
    """Seconds from `since` to the sending of the last request that was let through."""
    last = 0.0
    while True:
        sent = time.monotonic() - since
        assert sent < 2 * REVOKED_WITHIN_SECONDS
        if ask("GET", path, bearer).status != 200:
            return last
        last = sent


def test_key_works_like_a_session_and_is_the_actor_of_what_it_does(kits, session, key, ask):
    token, institution_id = session
    path = f"/api/staff/v1/institutions/{institution_id}/staff"
    example = EXAMPLES["otsp_staff.api.people.create_staff"].example()

    listed = ask("GET", path, key["key"])
    written = ask("POST", path, key["key"], example, Idempotency_Key="0123456789")
    by_hand = ask("POST", path, token, example, Idempotency_Key="0123456789")

    assert listed.status == 200, listed.body
    assert listed.headers["otsp-session-expires-at"].endswith("T16:00:00+00:00")
    told = text("SELECT actor_id, role, client_ip FROM audit_entry ORDER BY sequence")
    with kits["staff"].active(), reading() as tx:
        trail = list(tx.execute(told))
    assert written.status == 201, written.body
    assert by_hand.body != written.body, "a person's Idempotency-Key is not a key's"
    assert (str(trail[0].actor_id), trail[0].role) == (key["api_key_id"], "api_key")
    assert trail[0].client_ip == "127.0.0.1"


def test_key_opens_nothing_that_it_was_not_given(key, ask):
    for path in (f"{BASE}/account", f"{BASE}/api-keys", f"{BASE}/authorities"):
        assert ask("GET", path, key["key"]).status == 403
    other = ask("GET", "/api/staff/v1/institutions/01932d2f-7c3a-7d54-9c11-3f4f6f1f0a99/staff",
                key["key"])  # fmt: skip
    assert other.status == 403


def test_revoked_key_is_refused_within_two_seconds(session, key, ask):
    token, institution_id = session
    path = f"/api/staff/v1/institutions/{institution_id}/staff"
    assert ask("GET", path, key["key"]).status == 200

    assert ask("DELETE", f"{BASE}/api-keys/{key['api_key_id']}", token).status == 204

    revoked = time.monotonic()
    assert last_taken(ask, key["key"], path, since=revoked) <= REVOKED_WITHIN_SECONDS
    assert ask("GET", f"{BASE}/account", token).status == 200


def test_suspension_ends_session_and_key_within_two_seconds(kits, session, key, ask):
    token, institution_id = session
    path = f"/api/staff/v1/institutions/{institution_id}/staff"
    assert [ask("GET", path, each).status for each in (token, key["key"])] == [200, 200]

    with kits["auth"].active(), transaction() as tx:
        tx.execute(update(Account).values(status="suspended"))

    suspended = time.monotonic()
    for each in (token, key["key"]):
        assert last_taken(ask, each, path, since=suspended) <= REVOKED_WITHIN_SECONDS


def test_logout_takes_effect_within_two_seconds(session, ask):
    token, institution_id = session
    path = f"/api/staff/v1/institutions/{institution_id}/staff"
    assert ask("GET", path, token).status == 200

    assert ask("DELETE", f"{BASE}/sessions/current", token).status == 204

    ended = time.monotonic()
    assert last_taken(ask, token, path, since=ended) <= REVOKED_WITHIN_SECONDS


def test_holder_of_a_mobile_is_known_through_the_edge_and_opens_nothing_else(session, ask):
    _, institution_id = session
    mobile = "13900000077"
    asked = ask("POST", f"{BASE}/data-subject-codes", body={"mobile": mobile}).json()
    texts = ask("GET", f"{BASE}/development/messages?mobile={mobile}").json()
    code = re.search(r"\d{6}", texts["items"][0]["text"])[0]
    body = {"verification_id": asked["verification_id"], "code": code}
    person = ask("POST", f"{BASE}/data-subject-sessions", body=body).json()

    refused = ask("GET", f"/api/staff/v1/institutions/{institution_id}/staff", person["token"])
    left = ask("DELETE", f"{BASE}/data-subject-sessions/current", person["token"])

    assert (refused.status, left.status) == (403, 204)
    assert refused.headers["otsp-session-expires-at"] == person["expires_at"][:19] + "+00:00"
