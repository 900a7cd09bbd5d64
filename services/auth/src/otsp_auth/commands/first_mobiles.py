"""The first mobile of an account that has none (绑定手机号): migrated accounts come without one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from otsp_auth.commands import codes
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.codes import Purpose, Recipient
from otsp_auth.commands.locked import locked_account
from otsp_auth.commands.password_changes import prove_current
from otsp_auth.commands.registration import MobileRegistered
from otsp_auth.model import Account
from otsp_auth.queries.account_rows import AccountRow, get_account, is_mobile_taken
from otsp_auth.rules import wording
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.pii import encrypt
from otsp_chassis.problems import Conflict


class MobileKnown(Conflict):
    slug: ClassVar[str] = "mobile-known"
    title: ClassVar[str] = "The account has a mobile already"
    detail_zh: ClassVar[str] = "账户已绑定手机号，如需更换请使用“更换手机号”。"


@dataclass(frozen=True, slots=True)
class MobileProofAsked:
    """The answer for a number that is free and for one that is not."""

    mobile_proof_id: UUID
    code_expires_at: datetime
    next_code_at: datetime


def request_mobile_proof(
    principal: Principal, *, mobile: str, current_password: str
) -> MobileProofAsked:
    """A code to the number; who owns a taken one is told so, who asked learns nothing.

    The password is asked, since the mobile will be able to replace it.
    """
    prove_current(principal.account_id, current_password)
    to = Recipient.mobile(mobile)
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.CONTACT_CHANGE)
        account = _without_mobile(tx, principal.account_id)
        is_taken = is_mobile_taken(tx, to.index)
        made = codes.make_code(
            tx, Purpose.MOBILE_PROOF, to, account_id=account.account_id, is_decoy=is_taken
        )
        note_attempt(tx, Attempt.CONTACT_CHANGE)
    minutes = current_settings().code_minutes
    told = wording.mobile_taken() if is_taken else wording.mobile_proof_code(made.code, minutes)
    codes.send_codes((made, told))
    return MobileProofAsked(made.verification_id, made.expires_at, made.next_at)


def complete_mobile_proof(principal: Principal, proof_id: UUID, *, code: str) -> AccountRow:
    """The number is a login name from now on. Raises MobileRegistered when another was faster."""
    codes.prove(Purpose.MOBILE_PROOF, proof_id, code, account_id=principal.account_id)
    with transaction(conflicts={"uq_account_mobile_index": MobileRegistered}) as tx:
        verification = codes.use(tx, Purpose.MOBILE_PROOF, proof_id)
        account = _without_mobile(tx, principal.account_id)
        account.mobile = encrypt(codes.address_of(verification))
        account.mobile_index = verification.address_index
        account.mobile_verified_at = clock.now()
        audit.record(tx, "auth.mobile_proven", object_type="account", object_id=account.account_id)
        tx.flush()
        return get_account(tx, account.account_id)


def _without_mobile(tx: Tx, account_id: UUID) -> Account:
    account = locked_account(tx, account_id)
    if account.mobile_index is not None:
        raise MobileKnown
    return account
