"""Another mobile (更换手机号): the old number agrees by a code, and so does the new one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from otsp_auth.commands import codes
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.codes import Purpose, Recipient
from otsp_auth.commands.factor_proofs import NoMobile
from otsp_auth.commands.locked import locked_account
from otsp_auth.commands.registration import MobileRegistered
from otsp_auth.commands.sending import tell
from otsp_auth.commands.sessions import close_all_sessions
from otsp_auth.model import Account, WrongCode
from otsp_auth.queries.account_rows import is_mobile_taken
from otsp_auth.queries.owners import get_companion_id
from otsp_auth.rules import wording
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.pii import decrypt, encrypt, mask_mobile
from otsp_chassis.problems import Invalid
from otsp_contracts.values import FieldError


@dataclass(frozen=True, slots=True)
class MobileChangeAsked:
    """The answer for a number that is free and for one that is not."""

    mobile_change_id: UUID
    code_expires_at: datetime
    next_code_at: datetime


def request_mobile_change(principal: Principal, new_mobile: str) -> MobileChangeAsked:
    """A code to both numbers; who owns a taken one is told so, who asked learns nothing."""
    new = Recipient.mobile(new_mobile)
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.CONTACT_CHANGE)
        account = locked_account(tx, principal.account_id)
        old = _old_number(account, new)
        codes.take_turns(tx, old, new)
        consent = codes.make_code(
            tx, Purpose.MOBILE_CHANGE_CONSENT, old, account_id=account.account_id
        )
        is_taken = is_mobile_taken(tx, new.index)
        made = codes.make_code(
            tx,
            Purpose.MOBILE_CHANGE,
            new,
            account_id=account.account_id,
            companion_id=consent.verification_id,
            is_decoy=is_taken,
        )
        note_attempt(tx, Attempt.CONTACT_CHANGE)
    minutes = current_settings().code_minutes
    told = wording.mobile_taken() if is_taken else wording.mobile_change_code(made.code, minutes)
    codes.send_codes((consent, wording.mobile_change_code(consent.code, minutes)), (made, told))
    return MobileChangeAsked(made.verification_id, made.expires_at, made.next_at)


def complete_mobile_change(
    principal: Principal, change_id: UUID, *, old_code: str, new_code: str
) -> None:
    """All sessions end, since the login name is another; both numbers are told."""
    with reading() as reader:
        consent_id = get_companion_id(reader, change_id, account_id=principal.account_id)
    given = {
        "/old_code": (Purpose.MOBILE_CHANGE_CONSENT, consent_id, old_code),
        "/new_code": (Purpose.MOBILE_CHANGE, change_id, new_code),
    }
    _prove_all(principal, given)
    with transaction(conflicts={"uq_account_mobile_index": MobileRegistered}) as tx:
        consent = codes.use(tx, Purpose.MOBILE_CHANGE_CONSENT, consent_id)
        verification = codes.use(tx, Purpose.MOBILE_CHANGE, change_id)
        account = locked_account(tx, principal.account_id)
        if account.mobile_index != consent.address_index:  # another change was faster
            raise WrongCode
        new = codes.address_of(verification)
        account.mobile, account.mobile_index = encrypt(new), verification.address_index
        account.mobile_verified_at = clock.now()
        close_all_sessions(tx, account.account_id)
        audit.record(tx, "auth.mobile_changed", object_type="account", object_id=account.account_id)
    told = wording.mobile_was_changed(mask_mobile(new)).text
    tell(codes.address_of(consent), told)
    tell(new, told)


def _prove_all(principal: Principal, given: Mapping[str, tuple[Purpose, UUID, str]]) -> None:
    """Both are tried, so that both faults are told at once."""
    faults: list[FieldError] = []
    for pointer, (purpose, verification_id, code) in given.items():
        try:
            codes.prove(
                purpose, verification_id, code, account_id=principal.account_id, pointer=pointer
            )
        except WrongCode as wrong:
            faults += wrong.errors
    if faults:
        raise WrongCode(errors=faults)


def _old_number(account: Account, new: Recipient) -> Recipient:
    if account.mobile is None:
        raise NoMobile
    old = Recipient.mobile(decrypt(account.mobile))
    if old == new:
        fault = FieldError("/new_mobile", "unchanged", "新手机号与当前手机号相同，请重新输入。")
        raise Invalid(errors=[fault])
    return old
