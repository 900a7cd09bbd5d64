"""What the auth service is told beside what all services are."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import Field, FilePath, model_validator

from otsp_chassis.context import current_runtime
from otsp_chassis.settings import ServiceSettings

_NOT_FOR_PRODUCTION = frozenset({"development_outbox"})
_REAL_SENDERS = {"sms_sender": "webhook", "mail_sender": "smtp"}
_NEEDED = {"webhook": ("sms_url", "sms_secret_file"), "smtp": ("smtp_host", "smtp_from")}
_TOGETHER = (
    ("sms_fallback_url", "sms_fallback_secret_file"),
    ("smtp_username", "smtp_password_file"),
)
_WEAKEST_MEMORY_KIB, _WEAKEST_TIME_COST = 19_456, 2  # OWASP's minimum for argon2id


class AuthSettings(ServiceSettings):
    """Limits of logins, codes and sessions, all on the real clock, and the keys of identity."""

    identity_private_key: Path = Field(description="JWK file that identity tokens are signed with.")
    sms_sender: Literal["development_outbox", "webhook"] = Field(
        "development_outbox",
        description="Who carries texts. The development outbox keeps them for anybody to read.",
    )
    sms_url: str | None = Field(None, description="The webhook that texts are posted to.")
    sms_secret_file: FilePath | None = Field(None, description="What its requests are signed by.")
    sms_fallback_url: str | None = Field(None, description="Asked when the first did not answer.")
    sms_fallback_secret_file: FilePath | None = None
    sms_timeout_seconds: float = Field(3.0, gt=0, description="For each step of one attempt.")
    sms_rest_seconds: int = Field(
        30, ge=0, description="How long a carrier that failed is asked last."
    )
    messages_at_once: int = Field(
        3, ge=1, description="Under way at one carrier; all carriers' are fewer than the threads."
    )
    mail_sender: Literal["development_outbox", "smtp"] = Field(
        "development_outbox", description="Who carries mails, like sms_sender."
    )
    smtp_host: str | None = None
    smtp_port: int = Field(587, ge=1, le=65_535)
    smtp_security: Literal["starttls", "tls"] = Field(
        "starttls", description="Mails never travel in the clear."
    )
    smtp_username: str | None = Field(None, description="Unset: the server knows this machine.")
    smtp_password_file: FilePath | None = None
    smtp_from: str | None = Field(None, description="The address that mails come from.")
    smtp_timeout_seconds: float = Field(5.0, gt=0, description="For each step of one mail.")

    notification_quiet_minutes: int = Field(
        10, ge=0, description="Several of a kind within these are one text or mail."
    )
    notification_days: int = Field(
        365, ge=1, description="How long read notifications are kept; unread ones twice as long."
    )

    session_idle_minutes: int = Field(120, ge=1, description="For institutions.")
    authority_session_idle_minutes: int = Field(30, ge=1, description="For all other roles.")
    session_hours: int = Field(12, ge=1, description="A session's life, however busy.")
    activity_step_seconds: int = Field(
        30, ge=0, description="Last activity is written no more often than this."
    )

    password_profile: Literal["dengbao3"] = Field(
        "dengbao3", description="GB/T 22239 level 3: classes and ages."
    )
    password_min_length: int | None = Field(None, ge=8, le=64, description="Unset: the profile's.")
    password_min_classes: int | None = Field(None, ge=1, le=4, description="The same.")
    password_history: int | None = Field(None, ge=0, le=10, description="The same.")
    authority_password_days: int | None = Field(
        None, ge=0, description="The same; for all roles but institutions. 0: no age."
    )
    institution_password_days: int | None = Field(None, ge=0, description="The same.")
    password_warning_days: int = Field(14, ge=0, description="Before a password is too old.")

    login_failures_allowed: int = Field(5, ge=1, description="Of one account, in a row.")
    lock_minutes: int = Field(30, ge=1, description="How long a locked account stays so.")

    api_keys_per_institution: int = Field(20, ge=1, description="Live ones.")
    api_key_days: int = Field(365, ge=1, description="The longest life of a key.")
    data_subject_minutes: int = Field(
        10, ge=1, description="How long a person without an account is known by the mobile."
    )

    captcha_after_failures: int = Field(
        3, ge=1, description="Of one login name in 24 hours; then a picture or a text is asked for."
    )
    captcha_minutes: int = Field(5, ge=1, description="How long a picture may be answered.")
    second_factor: Literal["required", "offered"] = Field(
        "required",
        description="Of all but institutions. Offered: who has enrolled none logs in without.",
    )
    second_step_minutes: int = Field(5, ge=1, description="Between password and second factor.")
    second_step_tries: int = Field(5, ge=1, description="Wrong codes after one right password.")

    code_minutes: int = Field(5, ge=1, description="How long a texted code is good.")
    code_tries: int = Field(5, ge=1, description="How often a code may be mistyped.")
    text_pause_seconds: int = Field(60, ge=0, description="Between two texts to a number.")
    texts_per_day: int = Field(10, ge=1, description="To one number, in 24 hours.")

    address_login_failures: int = Field(20, ge=1, description="From one address in 5 minutes.")
    address_data_subject_codes: int = Field(100, ge=1, description="From one address in an hour.")
    address_captchas: int = Field(100, ge=1, description="From one address in 5 minutes.")
    address_session_codes: int = Field(100, ge=1, description="From one address in an hour.")
    address_registrations: int = Field(
        10, ge=1, description="From one address in 24 hours; more where many share one."
    )
    address_recoveries: int = Field(100, ge=1, description="From one address in an hour.")
    address_password_resets: int = Field(100, ge=1, description="From one address in an hour.")
    address_contact_changes: int = Field(
        100, ge=1, description="Codes for another mobile or mail address, in an hour."
    )
    portal_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^/?#]+$",
        description="Origin of the pages that texted links lead to; https in production.",
    )
    password_link_minutes: int = Field(30, ge=1, description="How long a texted link is good.")
    invitation_hours: int = Field(24, ge=1, description="The same, for who never had a password.")
    recovery_draft_hours: int = Field(
        24, ge=1, description="A request for recovery that is not submitted by then is forgotten."
    )
    recovery_kept_days: int = Field(
        180, ge=1, description="Proofs and persons of a decided request; the decision stays."
    )

    exempt_loopback: bool | None = Field(
        None, description="No address limits for this machine itself; unset: only in a demo."
    )

    argon2_memory_kib: int = Field(46_080, ge=8, description="45 MiB: about 70 ms with 2 passes.")
    argon2_time_cost: int = Field(2, ge=1)
    argon2_parallelism: int = Field(1, ge=1)
    hashing_slots: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="Passwords hashed at the same time; the cores of this machine.",
    )
    hashing_queue: int = Field(
        4, ge=0, description="Requests that may wait for a slot; more are told to come later."
    )

    @model_validator(mode="after")
    def _production_is_not_a_playground(self) -> Self:
        if self.env != "production":
            return self
        self._refuse_outboxes()
        if urlsplit(self.portal_url).scheme != "https":
            message = "OTSP_AUTH_PORTAL_URL must begin with https:// when OTSP_ENV=production"
            raise ValueError(message)
        if self.second_factor != "required":
            message = (
                "OTSP_AUTH_SECOND_FACTOR=offered lets authorities log in by password alone and is"
                " refused when OTSP_ENV=production; leave it unset"
            )
            raise ValueError(message)
        if self.exempt_loopback:
            message = "OTSP_AUTH_EXEMPT_LOOPBACK must not be set when OTSP_ENV=production"
            raise ValueError(message)
        is_weak_memory = self.argon2_memory_kib < _WEAKEST_MEMORY_KIB
        if is_weak_memory or self.argon2_time_cost < _WEAKEST_TIME_COST:
            message = "OTSP_AUTH_ARGON2_*: production takes at least 19456 KiB and 2 passes"
            raise ValueError(message)
        return self

    def _refuse_outboxes(self) -> None:
        for name, real in _REAL_SENDERS.items():
            if getattr(self, name) in _NOT_FOR_PRODUCTION:
                needed = " and ".join(_variable(each) for each in _NEEDED[real])
                message = (
                    f"{_variable(name)}={getattr(self, name)} lets anybody read the codes and is"
                    f" refused when OTSP_ENV=production; set it to {real}, with {needed}"
                    " (docs/accounts.md)"
                )
                raise ValueError(message)

    @model_validator(mode="after")
    def _senders_are_whole(self) -> Self:
        needed = [
            *_NEEDED.get(self.sms_sender, ()),
            *_NEEDED.get(self.mail_sender, ()),
            *(other for one, other in _TOGETHER if getattr(self, one) is not None),
        ]
        lacking = [_variable(name) for name in needed if getattr(self, name) is None]
        if lacking:
            message = f"{', '.join(lacking)} must be set too (docs/accounts.md)"
            raise ValueError(message)
        schemes = {"https"} if self.env == "production" else {"https", "http"}
        for name in ("sms_url", "sms_fallback_url"):
            url = getattr(self, name)
            if url is not None and not _is_address(url, schemes):
                message = f"{_variable(name)} must be https://HOST/PATH"
                raise ValueError(message)
        return self

    @property
    def is_loopback_exempt(self) -> bool:
        return self.env == "demo" if self.exempt_loopback is None else self.exempt_loopback

    def idle_limit(self, role: str) -> timedelta:
        """How long a session of this role may rest."""
        is_institution = role == "inst_admin"
        minutes = (
            self.session_idle_minutes if is_institution else self.authority_session_idle_minutes
        )
        return timedelta(minutes=minutes)


def _is_address(url: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def _variable(name: str) -> str:
    return f"OTSP_AUTH_{name.upper()}"


def current_settings() -> AuthSettings:
    """The settings of the runtime whose door is open."""
    return cast("AuthSettings", current_runtime().settings)
