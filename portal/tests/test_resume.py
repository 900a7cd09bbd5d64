"""What somebody was sending when a session ended comes back, and nothing else does."""

import pytest
from flask import Flask, session

from otsp_portal.resume import mark_of, open_sealed, open_secret, seal_request, seal_secret

KEYS = ["k" * 48, "o" * 48]


@pytest.fixture
def app():
    app = Flask("otsp_portal")
    app.config.update(SECRET_KEY=KEYS[0], OTSP_SECRET_KEYS=KEYS)
    return app


def _sealed(app, fields, account="account-1"):
    with app.test_request_context("/staff/new", method="POST", data=fields):
        session["account"] = mark_of(account)
        return seal_request()


def test_what_was_typed_comes_back_after_login_by_the_same_account(app):
    sealed = _sealed(
        app, {"name": "周甲", "region_code": "浙江省杭州市西湖区", "slots.0.start": "19:00"}
    )

    with app.app_context():
        told = open_sealed(sealed, "account-1")

    assert told["path"] == "/staff/new"
    assert dict(told["fields"]) == {
        "name": "周甲",
        "region_code": "浙江省杭州市西湖区",
        "slots.0.start": "19:00",
    }


def test_nobody_else_on_the_same_machine_opens_it(app):
    sealed = _sealed(app, {"name": "周甲"})

    with app.app_context():
        assert open_sealed(sealed, "account-2") is None


@pytest.mark.parametrize("name", ["password", "code", "legal_rep.id_no", "csrf_token"])
def test_secrets_are_typed_anew(app, name):
    sealed = _sealed(app, {name: "secret", "name": "周甲"})

    with app.app_context():
        assert dict(open_sealed(sealed, "account-1")["fields"]) == {"name": "周甲"}


def test_nothing_is_kept_of_a_request_that_had_no_account_before_it(app):
    with app.test_request_context("/staff/new", method="POST", data={"name": "周甲"}):
        assert seal_request() is None


def test_an_older_key_still_opens_what_it_sealed(app):
    sealed = _sealed(app, {"name": "周甲"})
    app.config["OTSP_SECRET_KEYS"] = ["n" * 48, *KEYS]

    with app.app_context():
        assert open_sealed(sealed, "account-1")


def test_a_changed_seal_opens_nothing(app):
    with app.app_context():
        sealed = seal_secret("proof")

        assert open_secret(sealed, 600) == "proof"
        assert open_secret(sealed[:-4] + "AAAA", 600) is None
