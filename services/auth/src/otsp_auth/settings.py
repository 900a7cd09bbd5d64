"""What the auth service is told beside what all services are."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self, cast

from pydantic import Field, model_validator

from otsp_chassis.context import current_runtime
from otsp_chassis.settings import ServiceSettings

_NOT_FOR_PRODUCTION = frozenset({"development_outbox"})
_WEAKEST_MEMORY_KIB, _WEAKEST_TIME_COST = 19_456, 2  # OWASP's minimum for argon2id


class AuthSettings(ServiceSettings):
    """Limits of logins, codes and sessions, all on the real clock, and the keys of identity."""

    identity_private_key: Path = Field(description="JWK file that identity tokens are signed with.")
    sms_sender: Literal["development_outbox"] = Field(
        "development_outbox",
        description="Who carries texts. The development outbox keeps them for anybody to read.",
    )

    session_idle_minutes: int = Field(120, ge=1, description="For institutions.")
    authority_session_idle_minutes: int = Field(30, ge=1, description="For all other roles.")
    session_hours: int = Field(12, ge=1, description="A session's life, however busy.")
    activity_step_seconds: int = Field(
        30, ge=0, description="Last activity is written no more often than this."
    )

    login_failures_allowed: int = Field(5, ge=1, description="Of one account, in a row.")
    lock_minutes: int = Field(30, ge=1, description="How long a locked account stays so.")

    code_minutes: int = Field(5, ge=1, description="How long a texted code is good.")
    code_tries: int = Field(5, ge=1, description="How often a code may be mistyped.")
    text_pause_seconds: int = Field(60, ge=0, description="Between two texts to a number.")
    texts_per_day: int = Field(10, ge=1, description="To one number, in 24 hours.")

    address_login_failures: int = Field(20, ge=1, description="From one address in 5 minutes.")
    address_registrations: int = Field(100, ge=1, description="From one address in an hour.")
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
        if self.sms_sender in _NOT_FOR_PRODUCTION:
            message = (
                f"OTSP_AUTH_SMS_SENDER={self.sms_sender} lets anybody read the texted codes and is"
                " refused when OTSP_ENV=production; name a real sender (this version has none)"
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


def current_settings() -> AuthSettings:
    """The settings of the runtime whose door is open."""
    return cast("AuthSettings", current_runtime().settings)
