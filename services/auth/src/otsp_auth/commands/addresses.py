"""What one network address may try; NAT puts many honest people behind one, so most are wide."""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from otsp_auth.model import AddressAttempt
from otsp_auth.queries.proofs import count_attempts
from otsp_auth.rules.limits import address_group, is_loopback
from otsp_auth.settings import current_settings
from otsp_chassis import clock
from otsp_chassis.context import current_call
from otsp_chassis.db import Reader, Tx
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index
from otsp_chassis.problems import TooManyRequests

LOGIN_WINDOW = timedelta(minutes=5)
CODE_WINDOW = timedelta(hours=1)
REGISTRATION_WINDOW = timedelta(days=1)


class Attempt(StrEnum):
    """What is counted."""

    LOGIN_FAILURE = "login_failure"
    CAPTCHA = "captcha"
    SESSION_CODE = "session_code"
    REGISTRATION = "registration"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an attempt
    CONTACT_CHANGE = "contact_change"
    RECOVERY = "recovery"
    DATA_SUBJECT_CODE = "data_subject_code"


class AddressExhausted(TooManyRequests):
    slug: ClassVar[str] = "address-exhausted"
    title: ClassVar[str] = "Too many attempts from this address"
    detail_zh: ClassVar[str] = "来自当前网络地址的操作过于频繁，请稍后再试。"


def refuse_exhausted_address(tx: Reader, kind: Attempt) -> None:
    address = _limited_address()
    if address is None:
        return
    settings = current_settings()
    limit, window = {
        Attempt.LOGIN_FAILURE: (settings.address_login_failures, LOGIN_WINDOW),
        Attempt.CAPTCHA: (settings.address_captchas, LOGIN_WINDOW),
        Attempt.SESSION_CODE: (settings.address_session_codes, CODE_WINDOW),
        Attempt.REGISTRATION: (settings.address_registrations, REGISTRATION_WINDOW),
        Attempt.PASSWORD_RESET: (settings.address_password_resets, CODE_WINDOW),
        Attempt.RECOVERY: (settings.address_recoveries, CODE_WINDOW),
        Attempt.CONTACT_CHANGE: (settings.address_contact_changes, CODE_WINDOW),
        Attempt.DATA_SUBJECT_CODE: (settings.address_data_subject_codes, CODE_WINDOW),
    }[kind]
    since = clock.now() - window
    if count_attempts(tx, kind, address_index=blind_index(address), since=since) >= limit:
        raise AddressExhausted


def note_attempt(tx: Tx, kind: Attempt) -> None:
    address = _limited_address()
    if address is not None:
        tx.add(
            AddressAttempt(
                attempt_id=new_id(), kind=kind, address_index=blind_index(address), at=clock.now()
            )
        )


def _limited_address() -> str | None:
    """Whom to count; None for nobody: no network call, or this machine itself in a demo."""
    call = current_call()
    address = call.client_ip if call else None
    if address is None:
        return None
    if is_loopback(address) and current_settings().is_loopback_exempt:
        return None
    return address_group(address)
