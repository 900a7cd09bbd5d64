"""The cookie of a form holds whichever replica made it, and no longer than it should."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from itsdangerous import SignatureExpired, TimestampSigner
from structlog.testing import capture_logs

from otsp_chassis import clock
from otsp_portal.app import create_app
from otsp_portal.form_sessions import FURTHEST_AHEAD_SECONDS, FormSessions
from otsp_portal.settings import PortalSettings

MONTH = 31 * 24 * 60 * 60


@pytest.fixture
def sessions():
    app = Flask("otsp_portal")
    app.config.update(SECRET_KEY="k" * 48)
    return FormSessions(), app


def _cookie_dated(monkeypatch, serializer, ahead):
    """What a replica whose clock is that many seconds ahead gives to a browser."""
    moment = int((clock.now() + timedelta(seconds=ahead)).timestamp())
    with monkeypatch.context() as other_clock:
        other_clock.setattr(TimestampSigner, "get_timestamp", lambda _: moment)
        return serializer.dumps({"csrf_token": "t"})


@pytest.mark.parametrize("ahead", [1, 3, FURTHEST_AHEAD_SECONDS - 60, -60, -MONTH + 60])
def test_a_form_opened_at_one_replica_is_sent_to_another_whose_clock_is_behind(
    monkeypatch, sessions, ahead
):
    interface, app = sessions
    cookie = _cookie_dated(monkeypatch, interface.get_signing_serializer(app), ahead)

    with app.test_request_context("/", headers={"Cookie": f"session={cookie}"}) as asked:
        found = interface.open_session(app, asked.request)

    assert found == {"csrf_token": "t"}


@pytest.mark.parametrize("ahead", [FURTHEST_AHEAD_SECONDS + 60, -MONTH - 60])
def test_what_is_dated_far_ahead_or_long_ago_is_nobodys(monkeypatch, sessions, ahead):
    interface, app = sessions
    serializer = interface.get_signing_serializer(app)
    cookie = _cookie_dated(monkeypatch, serializer, ahead)

    with pytest.raises(SignatureExpired):
        serializer.loads(cookie, max_age=MONTH)


def test_a_changed_cookie_is_nobodys(monkeypatch, sessions):
    interface, app = sessions
    cookie = _cookie_dated(monkeypatch, interface.get_signing_serializer(app), 3)

    with app.test_request_context("/", headers={"Cookie": f"session={cookie[:-2]}xx"}) as asked:
        assert interface.open_session(app, asked.request) == {}


@pytest.fixture
def replicas(tmp_path):
    """Two portals with the same keys, and nobody behind them."""
    keys = tmp_path / "keys"
    keys.write_text("k" * 48)
    settings = PortalSettings(env="test", gateway_url="http://127.0.0.1:9", secret_keys=keys)
    return [create_app(settings).test_client() for _ in range(2)]


def _token(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def test_clocks_that_differ_by_a_moment_refuse_nobodys_form(monkeypatch, replicas):
    early, late = replicas
    moment = int((clock.now() + timedelta(seconds=2)).timestamp())
    with monkeypatch.context() as other_clock:
        other_clock.setattr(TimestampSigner, "get_timestamp", lambda _: moment)
        page = early.get("/login")
    late.set_cookie("otsp_form", early.get_cookie("otsp_form").value)

    answer = late.post("/login", data={"csrf_token": _token(page), "username": "a"})

    assert "这一页打开太久" not in answer.text
    assert answer.status_code != 400


def test_why_a_form_was_not_believed_is_in_the_log(replicas):
    portal, _ = replicas
    portal.get("/login")

    with capture_logs() as told:
        answer = portal.post("/login", data={"csrf_token": "made-up", "username": "a"})

    assert answer.status_code == 400
    (line,) = [each for each in told if each["event"] == "form_not_believed"]
    assert line["reason"] == "The CSRF token is invalid."
    assert line["operation"] == "login.open_session"
