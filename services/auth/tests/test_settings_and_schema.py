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


@pytest.fixture
def senders(tmp_path) -> dict[str, object]:
    """What production must be told of its carriers."""
    secret = tmp_path / "secret"
    secret.write_text("a secret\n", encoding="utf-8")
    return {
        "sms_sender": "webhook",
        "sms_url": "https://sms.example.test/v1/texts",
        "sms_secret_file": secret,
        "mail_sender": "smtp",
        "smtp_host": "smtp.example.test",
        "smtp_from": "no-reply@example.test",
        "portal_url": "https://xwpx.example.test",
    }


def test_production_refuses_to_write_texts_down_and_says_what_to_set():
    refusal = r"OTSP_AUTH_SMS_SENDER=development_outbox .*refused.*OTSP_AUTH_SMS_URL"
    with pytest.raises(ValidationError, match=refusal):
        settings()


def test_production_refuses_to_write_mails_down_and_says_what_to_set(senders):
    refusal = r"OTSP_AUTH_MAIL_SENDER=development_outbox .*refused.*OTSP_AUTH_SMTP_HOST"
    with pytest.raises(ValidationError, match=refusal):
        settings(**(senders | {"mail_sender": "development_outbox"}))


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        ("sms_url", "OTSP_AUTH_SMS_URL"),
        ("sms_secret_file", "OTSP_AUTH_SMS_SECRET_FILE"),
        ("smtp_host", "OTSP_AUTH_SMTP_HOST"),
        ("smtp_from", "OTSP_AUTH_SMTP_FROM"),
    ],
)
def test_sender_without_its_settings_does_not_start(senders, lacking, named):
    with pytest.raises(ValidationError, match=f"{named} must be set too"):
        settings(**(senders | {lacking: None}))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"sms_fallback_url": "https://two.example.test"}, "OTSP_AUTH_SMS_FALLBACK_SECRET_FILE"),
        ({"smtp_username": "otsp"}, "OTSP_AUTH_SMTP_PASSWORD_FILE"),
    ],
)
def test_second_carrier_and_login_take_their_secrets(senders, given, named):
    with pytest.raises(ValidationError, match=f"{named} must be set too"):
        settings(**(senders | given))


@pytest.mark.parametrize(
    "url",
    ["http://sms.example.test", "sms.example.test", "https://", "https://sms.example.test:x/texts"],
)
def test_texts_go_to_an_encrypted_address_in_production(senders, url):
    with pytest.raises(ValidationError, match="OTSP_AUTH_SMS_URL must be https://"):
        settings(**(senders | {"sms_url": url}))
    assert settings(**(senders | {"env": "test", "sms_url": "http://127.0.0.1:1"})).sms_url


def test_secret_that_is_not_there_stops_the_start(senders, tmp_path):
    with pytest.raises(ValidationError, match="sms_secret_file"):
        settings(**(senders | {"sms_secret_file": tmp_path / "gone"}))


def test_refusal_to_start_does_not_print_what_was_given():
    with pytest.raises(ValidationError) as refusal:
        settings(database_url="postgresql://otsp:a-secret@db/otsp_auth")

    assert "a-secret" not in str(refusal.value)
    assert "input_value" not in str(refusal.value)


@pytest.mark.parametrize("env", ["demo", "development", "test"])
def test_elsewhere_texts_and_mails_are_written_down(env):
    loaded = settings(env=env)
    assert loaded.sms_sender == loaded.mail_sender == "development_outbox"


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
        ({"portal_url": "http://xwpx.example.test"}, "OTSP_AUTH_PORTAL_URL"),
        ({"second_factor": "offered"}, "OTSP_AUTH_SECOND_FACTOR=offered"),
        ({"argon2_memory_kib": 8_192}, "OTSP_AUTH_ARGON2"),
        ({"argon2_time_cost": 1}, "OTSP_AUTH_ARGON2"),
    ],
)
def test_production_refuses_what_is_only_for_trying(senders, given, complaint):
    with pytest.raises(ValidationError, match=complaint):
        settings(**(senders | given))
    assert settings(**senders).sms_sender == "webhook"


def test_private_key_has_no_default(monkeypatch):
    monkeypatch.delenv("OTSP_AUTH_IDENTITY_PRIVATE_KEY", raising=False)

    with pytest.raises(ValidationError, match=r"identity_private_key\s+Field required"):
        AuthSettings.load("auth", env="test")


def test_tables_are_as_the_models_say(kit):
    assert undeclared_changes(kit.owner_url, Base.metadata) == []
