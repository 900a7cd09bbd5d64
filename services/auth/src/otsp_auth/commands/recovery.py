"""Account recovery (账号找回), the applicant's half: a proven mobile, the proofs, the submission.

Whoever lost the mobile has no account to log in with. A code proves the applicant's own mobile and
opens a draft; its secret, told once, lets proofs be uploaded and the outcome be seen.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, ClassVar
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy import text as sql

from otsp_auth.commands import codes
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.authorities import require_in_charge
from otsp_auth.commands.codes import CodeSent, Purpose, Recipient
from otsp_auth.commands.recovery_news import publish_standing
from otsp_auth.commands.sessions import token_sha256
from otsp_auth.model import RecoveryProof, RecoveryRequest
from otsp_auth.queries.recovery_rows import count_open, count_uploads, proofs_of
from otsp_auth.rules import wording
from otsp_auth.rules.recovery import MOST_UPLOADS, OPEN_DAYS, OPEN_REQUESTS, PROOF_KINDS
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.files import AttachmentInfo, store_attachment
from otsp_chassis.ids import new_id
from otsp_chassis.pii import encrypt
from otsp_chassis.problems import Conflict, Invalid, NotFound, RuleBroken, TooManyRequests
from otsp_contracts.values import FieldError, Mobile

_ONE_USCC = sql("SELECT pg_advisory_xact_lock(hashtext('otsp-auth-recovery'), hashtext(:uscc))")


class TooManyRecoveries(TooManyRequests):
    slug: ClassVar[str] = "too-many-recoveries"
    title: ClassVar[str] = "Too many open requests for this institution"
    detail_zh: ClassVar[str] = (
        f"该统一社会信用代码在 {OPEN_DAYS} 天内已有 {OPEN_REQUESTS} 件待处理的找回申请，"
        "请等待处理结果，或联系主管部门。"
    )


class ProofUnreadable(RuleBroken):
    """Reviewers see pictures of scans only: what cannot be drawn proves nothing."""

    slug: ClassVar[str] = "recovery-proof-unreadable"
    title: ClassVar[str] = "The scan cannot be opened"
    detail_zh: ClassVar[str] = (
        "该文件无法打开：设有密码、已损坏或不是有效的 PDF、图片。请重新扫描或拍照后上传。"
    )


class TooManyProofs(Conflict):
    slug: ClassVar[str] = "too-many-proofs"
    title: ClassVar[str] = "Too many files were uploaded for this request"
    detail_zh: ClassVar[str] = "本次申请上传的文件过多，请重新提交一份申请。"


@dataclass(frozen=True, slots=True)
class OpenedRequest:
    """The secret is told this once; only its hash is kept."""

    request_id: UUID
    secret: str
    submit_before: datetime


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """What the applicant is told; the reason once it is decided."""

    request_id: UUID
    status: str
    submitted_at: datetime | None
    handled_at: datetime | None
    reason: str | None


def send_code(mobile: str) -> CodeSent:
    """To the applicant's own mobile, whether an account has it or not."""
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.RECOVERY)
        made = codes.make_code(tx, Purpose.RECOVERY, Recipient.mobile(mobile))
        note_attempt(tx, Attempt.RECOVERY)
    told = wording.recovery_code(made.code, current_settings().code_minutes)
    codes.send_codes((made, told))
    return made.told


def open_request(fields: dict[str, Any]) -> OpenedRequest:
    """A draft, for whose applicant the code stands."""
    verification_id = UUID(fields["verification_id"])
    mobile = codes.prove(Purpose.RECOVERY, verification_id, fields["code"]).address
    secret = secrets.token_urlsafe(32)
    with transaction() as tx:
        codes.use(tx, Purpose.RECOVERY, verification_id)
        request = RecoveryRequest(
            request_id=new_id(),
            secret_sha256=token_sha256(secret),
            status="draft",
            institution_name=fields["institution_name"],
            uscc=fields["uscc"],
            region_code=fields["region_code"],
            delivery=fields["delivery"],
            applicant_name=encrypt(fields["applicant_name"]),
            applicant_mobile=encrypt(mobile),
            new_mobile=encrypt(Mobile.parse(fields["new_mobile"]).text),
        )
        tx.add(request)
        _record(tx, "auth.recovery_opened", request)
    life = timedelta(hours=current_settings().recovery_draft_hours)
    return OpenedRequest(request.request_id, secret, clock.now() + life)


def store_proof(
    request_id: UUID,
    secret: str | None,
    *,
    kind: str,
    name: str,
    content_type: str,
    stream: BinaryIO,
) -> AttachmentInfo:
    """One of a kind: a second takes the first one's place. Only while it is a draft."""
    with transaction() as tx:
        _own(tx, request_id, secret).require_draft()
        if count_uploads(tx, request_id) >= MOST_UPLOADS:
            raise TooManyProofs
    info = store_attachment(
        institution_id=request_id, name=name, content_type=content_type, stream=stream
    )
    if info.pages is None:
        raise ProofUnreadable
    with transaction() as tx:
        request = _own(tx, request_id, secret)
        request.require_draft()
        is_former = (RecoveryProof.request_id == request_id) & (RecoveryProof.kind == kind)
        tx.execute(delete(RecoveryProof).where(is_former))
        tx.add(RecoveryProof(file_id=info.file_id, request_id=request_id, kind=kind))
        _record(tx, "auth.recovery_proof_stored", request)
    return info


def submit_request(request_id: UUID, secret: str | None) -> RequestStatus:
    """To the authority in charge of the region and the delivery; see `rules.recovery`."""
    with transaction() as tx:
        request = _own(tx, request_id, secret)
        _require_proofs(tx, request_id)
        _require_few_open(tx, request.uscc)
        authority = require_in_charge(tx, request.region_code, request.delivery)
        request.submit(authority.authority_id, clock.now())
        publish_standing(tx, request)
        _record(tx, "auth.recovery_submitted", request)
        return _status(request)


def status_of(request_id: UUID, secret: str | None) -> RequestStatus:
    with reading() as reader:
        request = reader.execute(
            RecoveryRequest.__table__.select().where(RecoveryRequest.request_id == request_id)
        ).first()
    if request is None or not _fits(request.secret_sha256, secret):
        raise NotFound
    return _status(request)


def _own(tx: Tx, request_id: UUID, secret: str | None) -> RecoveryRequest:
    """Locked; to whoever has not its secret it does not exist."""
    request = tx.get(RecoveryRequest, request_id, with_for_update=True)
    if request is None or not _fits(request.secret_sha256, secret):
        raise NotFound
    return request


def _fits(secret_sha256: bytes, secret: str | None) -> bool:
    return secret is not None and hmac.compare_digest(secret_sha256, token_sha256(secret))


def _require_proofs(tx: Tx, request_id: UUID) -> None:
    present = {proof.kind for proof in proofs_of(tx, request_id)}
    faults = [
        FieldError(f"/{kind}", "required", f"请上传{PROOF_KINDS[kind]}。")
        for kind in PROOF_KINDS
        if kind not in present
    ]
    if faults:
        raise Invalid(errors=faults)


def _require_few_open(tx: Tx, uscc: str) -> None:
    """Submissions of one number pass one by one."""
    tx.execute(_ONE_USCC, {"uscc": uscc})
    if count_open(tx, uscc, since=clock.now() - timedelta(days=OPEN_DAYS)) >= OPEN_REQUESTS:
        raise TooManyRecoveries


def _status(request: Any) -> RequestStatus:  # noqa: ANN401 - the entity or a row of it
    return RequestStatus(
        request.request_id,
        request.status,
        submitted_at=request.submitted_at,
        handled_at=request.handled_at,
        reason=request.reason,
    )


def _record(tx: Tx, action: str, request: RecoveryRequest) -> None:
    audit.record(tx, action, object_type="recovery_request", object_id=request.request_id)
