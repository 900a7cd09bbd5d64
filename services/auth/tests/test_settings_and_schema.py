"""What auth refuses to start with, and that its tables are as its models say."""

import pytest
from pydantic import ValidationError

from otsp_auth.model import Base
from otsp_auth.settings import AuthSettings
from otsp_chassis.migrate import undeclared_changes


def settings(**given) -> AuthSettings:
    told = {
        "env": "production",
        "identity_public_keys": "/run/keys/public.jwks",
        "identity_private_key": "/run/keys/private.jwk",
        "pii_keys": "/run/keys/pii.json",
        "files_dir": "/var/lib/otsp",
        "database_url": "postgresql://unused",
    }
    return AuthSettings.load("auth", **(told | given))


def test_production_refuses_to_write_texts_down_and_says_so():
    with pytest.raises(ValidationError, match=r"OTSP_AUTH_SMS_SENDER=development_outbox .*refused"):
        settings()


def test_refusal_to_start_does_not_print_what_was_given():
    with pytest.raises(ValidationError) as refusal:
        settings(database_url="postgresql://otsp:a-secret@db/otsp_auth")

    assert "a-secret" not in str(refusal.value)
    assert "input_value" not in str(refusal.value)


@pytest.mark.parametrize("env", ["demo", "development", "test"])
def test_elsewhere_texts_are_written_down(env):
    assert settings(env=env).sms_sender == "development_outbox"


def test_second_factor_is_required_unless_told_otherwise():
    assert settings(env="demo").second_factor == "required"
    assert settings(env="demo", second_factor="offered").second_factor == "offered"


def test_loopback_is_exempt_in_a_demo_unless_told_otherwise():
    assert settings(env="demo").is_loopback_exempt
    assert not settings(env="demo", exempt_loopback=False).is_loopback_exempt
    assert not settings(env="test").is_loopback_exempt
    assert settings(env="test", exempt_loopback=True).is_loopback_exempt


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"exempt_loopback": True}, "OTSP_AUTH_EXEMPT_LOOPBACK"),
        ({"second_factor": "offered"}, "OTSP_AUTH_SECOND_FACTOR=offered"),
        ({"argon2_memory_kib": 8_192}, "OTSP_AUTH_ARGON2"),
        ({"argon2_time_cost": 1}, "OTSP_AUTH_ARGON2"),
    ],
)
def test_production_refuses_what_is_only_for_trying(monkeypatch, given, complaint):
    monkeypatch.setattr("otsp_auth.settings._NOT_FOR_PRODUCTION", frozenset())

    with pytest.raises(ValidationError, match=complaint):
        settings(**given)
    assert settings().sms_sender == "development_outbox"


def test_private_key_has_no_default(monkeypatch):
    monkeypatch.delenv("OTSP_AUTH_IDENTITY_PRIVATE_KEY", raising=False)

    with pytest.raises(ValidationError, match=r"identity_private_key\s+Field required"):
        AuthSettings.load("auth", env="test")


def test_tables_are_as_the_models_say(kit):
    assert undeclared_changes(kit.owner_url, Base.metadata) == []
