"""Account recovery, the authority's half: reading a request, agreeing to it, refusing it.

Nobody of an authority ever sees or chooses a password: the account's new mobile is texted a link.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_auth.commands.password_links import make_link
from otsp_auth.commands.passwords import current_passwords
from otsp_auth.commands.recovery_news import publish_standing
from otsp_auth.commands.registration import MobileRegistered
from otsp_auth.commands.sending import send_text, tell
from otsp_auth.commands.sessions import close_all_sessions
from otsp_auth.model import Account, RecoveryRequest, SecondPersonNeeded, StatusForbids
from otsp_auth.queries.authority_rows import find_active_above, get_authority
from otsp_auth.queries.recovery_rows import (
    RecoveryRow,
    RequestInFull,
    accounts_of,
    get_in_full,
    get_request,
    proofs_of,
    within_reach,
)
from otsp_auth.rules import wording
from otsp_auth.rules.recovery import needs_two
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock, metrics
from otsp_chassis.db import Tx, transaction
from otsp_chassis.files import AttachmentInfo, open_attachment
from otsp_chassis.identity import Principal
from otsp_chassis.pii import blind_index, decrypt, encrypt, mask_mobile
from otsp_chassis.problems import Conflict, Forbidden, Invalid, NotFound
from otsp_contracts.values import FieldError

_PERSONS = ("applicant_name", "applicant_mobile", "new_mobile")


class PersonsForgotten(Conflict):
    slug: ClassVar[str] = "recovery-forgotten"
    title: ClassVar[str] = "The request's proofs and persons have been erased"
    detail_zh: ClassVar[str] = "该申请已超过保存期限，证明材料和个人信息已删除。"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What is to be texted once it has committed."""

    link: str
    new_mobile: str
    old_mobile: str | None


def read_request(principal: Principal, request_id: UUID) -> RequestInFull:
    """With the persons' data; that they were read is recorded."""
    with transaction() as tx:
        found = get_in_full(tx, principal, request_id)
        _record(tx, "auth.recovery_read", request_id, pii_fields=_PERSONS)
        return found


def open_proof(
    principal: Principal, request_id: UUID, file_id: UUID
) -> tuple[AttachmentInfo, BinaryIO]:
    """One scan with its bytes; that it was read is recorded."""
    with transaction() as tx:
        get_request(tx, principal, request_id)
        kind = {each.file_id: each.kind for each in proofs_of(tx, request_id)}.get(file_id)
        if kind is None:
            raise NotFound
        _record(tx, "auth.recovery_proof_read", request_id, pii_fields=(kind,))
        return open_attachment(tx, request_id, file_id)


def approve(
    principal: Principal, request_id: UUID, *, account_id: UUID, reason: str
) -> RecoveryRow:
    """Where two must agree the first only says so; the second, or the only one, recovers.

    Raises RecoveryDecided for whoever comes too late, SecondPersonNeeded for the same person.
    """
    recovered = None
    with transaction(conflicts={"uq_account_mobile_index": MobileRegistered}) as tx:
        request = _open_request(tx, principal, request_id)
        account, is_final = _agree(tx, principal, request, account_id=account_id)
        action = "auth.recovery_agreed"
        if is_final:
            recovered = _recover(tx, request, account)
            request.account_id = account_id
            _settle(tx, principal, request, status="approved", reason=reason)
            action = "auth.recovery_approved"
        _record(tx, action, request_id, reason=reason, institution_id=account.institution_id)
        tx.flush()
        told = get_request(tx, principal, request_id)
    if recovered is not None:
        metrics.RECOVERIES.labels("approved").inc()
        told_old = wording.recovery_approved(mask_mobile(recovered.new_mobile))
        tell(recovered.old_mobile, told_old.text)
        _send_link(recovered)
    return told


def reject(principal: Principal, request_id: UUID, *, reason: str) -> RecoveryRow:
    """The applicant is texted that it was, and reads the reason with the request's secret."""
    with transaction() as tx:
        request = _open_request(tx, principal, request_id)
        _require_region_admin(principal)
        _settle(tx, principal, request, status="rejected", reason=reason)
        _record(tx, "auth.recovery_rejected", request_id, reason=reason)
        tx.flush()
        told = get_request(tx, principal, request_id)
        mobile = None if request.applicant_mobile is None else decrypt(request.applicant_mobile)
    metrics.RECOVERIES.labels("rejected").inc()
    tell(mobile, wording.recovery_rejected().text)
    return told


def _settle(
    tx: Tx, principal: Principal, request: RecoveryRequest, *, status: str, reason: str
) -> None:
    request.decide(status, principal.account_id, reason=reason, now=clock.now())
    publish_standing(tx, request)


def send_link_again(principal: Principal, request_id: UUID, *, reason: str) -> RecoveryRow:
    """Of an approved request whose link ran out unused; the former one is void."""
    with transaction() as tx:
        request = _locked(tx, principal, request_id)
        _require_region_admin(principal)
        if request.status != "approved" or request.account_id is None:
            raise StatusForbids
        account = tx.get(Account, request.account_id, with_for_update=True)
        if account is None or account.mobile is None or account.mobile_verified_at is not None:
            raise StatusForbids
        recovered = Recovered(_link(tx, account), decrypt(account.mobile), None)
        _record(tx, "auth.recovery_link_sent", request_id, reason=reason)
        told = get_request(tx, principal, request_id)
    _send_link(recovered)
    return told


def _agree(
    tx: Tx, principal: Principal, request: RecoveryRequest, *, account_id: UUID
) -> tuple[Account, bool]:
    """The account to recover, and whether this is the agreement that recovers it."""
    found = {each.account_id: each for each in accounts_of(tx, request.uscc)}.get(account_id)
    account = tx.get(Account, account_id, with_for_update=True) if found else None
    if found is None or account is None:
        detail = "该账户不属于申请中的机构，请从查到的账户中选择。"
        raise Invalid(errors=[FieldError("/account_id", "not_the_institutions", detail)])
    if request.awaits_second:
        _require_second(principal, request, account_id)
        return account, True
    _require_region_admin(principal)
    is_changed = account.mobile_index != blind_index(_new_mobile(request))
    if not needs_two(is_mobile_changed=is_changed, compliance_status=found.compliance_status):
        return account, True
    request.approve_first(
        principal.account_id,
        account_id=account_id,
        second=_second_authority(tx, request),
        now=clock.now(),
    )
    return account, False


def _require_second(principal: Principal, request: RecoveryRequest, account_id: UUID) -> None:
    if principal.account_id == request.first_approved_by:
        raise SecondPersonNeeded
    own = principal.authority.authority_id if principal.authority else None
    if own != request.second_authority_id:
        raise Forbidden("本部门在用的审核员不足两人，须由上级主管部门复核。")
    if account_id != request.account_id:
        detail = "复核的账户与首次同意的账户不一致，请核对。"
        raise Invalid(errors=[FieldError("/account_id", "differs", detail)])


def _second_authority(tx: Tx, request: RecoveryRequest) -> UUID:
    """Its own people where there are two; else those of the next active authority above."""
    if request.authority_id is None:
        message = "a submitted request has its authority"
        raise ValueError(message)
    own = get_authority(tx, request.authority_id)
    above = None if own.reviewer_count > 1 else find_active_above(tx, own.authority_id)
    return own.authority_id if above is None else above.authority_id


def _recover(tx: Tx, request: RecoveryRequest, account: Account) -> Recovered:
    new = _new_mobile(request)
    old = None if account.mobile is None else decrypt(account.mobile)
    nothing_matches = current_passwords().nobodys
    account.recover(encrypt(new), blind_index(new), nothing_matches=nothing_matches)
    close_all_sessions(tx, account.account_id)
    return Recovered(_link(tx, account), new, old if old != new else None)


def _link(tx: Tx, account: Account) -> str:
    return make_link(tx, account, timedelta(minutes=current_settings().password_link_minutes))


def _send_link(recovered: Recovered) -> None:
    """Raises what the carriers raise: the link can be sent again."""
    minutes = current_settings().password_link_minutes
    send_text(recovered.new_mobile, wording.password_link(recovered.link, minutes).text)


def _open_request(tx: Tx, principal: Principal, request_id: UUID) -> RecoveryRequest:
    """Locked and undecided: of two decisions at once the later finds it decided."""
    request = _locked(tx, principal, request_id)
    request.require_open()
    return request


def _locked(tx: Tx, principal: Principal, request_id: UUID) -> RecoveryRequest:
    query = select(RecoveryRequest).where(
        RecoveryRequest.request_id == request_id, within_reach(principal)
    )
    request = tx.scalars(query.with_for_update()).first()
    if request is None:
        raise NotFound
    return request


def _new_mobile(request: RecoveryRequest) -> str:
    if request.new_mobile is None:
        raise PersonsForgotten
    return decrypt(request.new_mobile)


def _require_region_admin(principal: Principal) -> None:
    if principal.role != "region_admin":
        raise Forbidden("找回申请由区域管理员处理；审核员只能复核需要两人同意的申请。")


def _record(
    tx: Tx,
    action: str,
    request_id: UUID,
    *,
    reason: str | None = None,
    institution_id: UUID | None = None,
    pii_fields: tuple[str, ...] = (),
) -> None:
    audit.record(
        tx,
        action,
        object_type="recovery_request",
        object_id=request_id,
        institution_id=institution_id,
        reason=reason,
        pii_fields=pii_fields,
    )
