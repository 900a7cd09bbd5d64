"""Second factors: whom they are asked of, and which codes are good."""

from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest

from pyotp import TOTP

ISSUER = "校外培训监管平台"
"""How authenticator apps name the account's platform."""

STEP = timedelta(seconds=30)
"""RFC 6238 §5.2: the recommended time step."""

_STEPS_OFF = (0, -1, 1)
"""Clocks may differ by one step (RFC 6238 §6)."""


class Kind(StrEnum):
    """What an account can enrol."""

    TOTP = "totp"
    SMS = "sms"


class Method(StrEnum):
    """What proves a second factor."""

    TOTP = "totp"
    SMS = "sms"
    RECOVERY_CODE = "recovery_code"


def needs_second_factor(role: str) -> bool:
    """Everybody of the supervising side (等保 8.1.4.1: 两种或两种以上组合的鉴别技术)."""
    return role != "inst_admin"


def matching_step(secret: str, code: str, now: datetime, *, after: int | None) -> int | None:
    """The time step that a code is of; None when it is of none that is near, or not after `after`.

    A step is good once, so that who looks over somebody's shoulder comes too late.
    """
    current = int(now.timestamp() / STEP.total_seconds())
    for step in (current + off for off in _STEPS_OFF):
        expected = TOTP(secret).generate_otp(step)
        is_unused = after is None or step > after
        if is_unused and compare_digest(expected.encode(), code.encode()):
            return step
    return None


def enrolment_uri(secret: str, username: str) -> str:
    """What an authenticator app reads from a QR code (otpauth key URI format)."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def bare_recovery_code(typed: str) -> str:
    """As it is compared: people add or leave out hyphens and spaces, and write capitals."""
    return typed.replace("-", "").replace(" ", "").lower()
