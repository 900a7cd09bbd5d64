"""Issues receipts and revokes them, in the transaction of what they attest.

A filing or a decision without its receipt does not come to stand: what is answered can be proved.
"""

import gzip
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson
from sqlalchemy import bindparam, event, select
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import audit, clock, log, metrics
from otsp_chassis.canonical import digest_of
from otsp_chassis.db import Tx
from otsp_chassis.problems import Unavailable
from otsp_chassis.signing import BadSignature, Ed25519Signer, PublicKeys, Signer, UnknownKey
from otsp_compliance.model import (
    Application,
    CaseStep,
    Decision,
    Document,
    Notice,
    Receipt,
    ReceiptRevocation,
    ReviewCase,
    Snapshot,
    SnapshotPart,
)
from otsp_compliance.model.receipt_proof import DECISION_TEXT, KIND, leaves_of
from otsp_compliance.model.receipts import DECISION, FILING, SUPPLEMENT
from otsp_compliance.settings import current_settings

_log = log.get_logger()
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read for another
_GROUPS, _GROUP = 3, 4
_SALT_BYTES: Final = 16
_PREFIXES: Final = {FILING: "TJ", SUPPLEMENT: "BZ", DECISION: "JD"}
_SEALED = (
    select(Snapshot.sha256, Snapshot.part_digests, SnapshotPart.content)
    .join(SnapshotPart, SnapshotPart.request_id == Snapshot.request_id)
    .where(Snapshot.request_id == bindparam("request_id"), SnapshotPart.part == "institution")
)


class ReceiptKeyUnusable(Unavailable):
    slug: ClassVar[str] = "receipt-key-unusable"
    title: ClassVar[str] = "Receipts cannot be signed or verified now"
    detail_zh: ClassVar[str] = (
        "平台暂时不能签发或验证回执，本次操作未生效，请稍后重试；如仍失败，请联系运维人员检查"
        "回执签名密钥和公钥文件。"
    )


@dataclass(frozen=True, slots=True)
class _Issue:
    """What one receipt attests."""

    kind: str
    application: Mapping[str, Any]
    authority: Mapping[str, Any] | None
    request_id: UUID
    institution_id: UUID
    region_code: str
    decision_id: UUID | None = None
    decision: Mapping[str, Any] | None = None
    text: Mapping[str, Any] | None = None


def issue_filing(
    tx: Tx, application: Application, *, steps: Sequence[Document] | None = None
) -> Receipt:
    """At submission, once it has its number and its case; `steps` are those of the case."""
    if steps is None:
        authority = _first_authority(tx, application.application_id)
    else:
        authority = _first_of(steps)
    return _issue_for(tx, application, FILING, told=_submission(application), authority=authority)


def issue_supplement(tx: Tx, application: Application, notice: Notice) -> Receipt:
    """At the end of a later round: what answers the notice is sealed, and reviewed from now on.

    The receipts of the rounds before stay good: they prove what was handed in then.
    """
    answered_on = notice.answered_on or clock.today()
    answer = {"round": notice.round, "supplemented_on": answered_on.isoformat()}
    return _issue_for(
        tx,
        application,
        SUPPLEMENT,
        told=_submission(application) | answer,
        authority=_told_authority(notice.authority_id, notice.authority_name),
    )


def issue_decision(tx: Tx, decision: Decision) -> Receipt:
    """At a final decision, which was flushed; revokes the receipt of the one that it replaces."""
    if decision.replaces is not None:
        revoke(tx, tx.get_one(Decision, decision.replaces), replaced_by=decision)
    told = {
        "decision_id": str(decision.decision_id),
        "outcome": decision.outcome,
        "doc_no": decision.doc_no,
        "decided_on": decision.decided_on.isoformat(),
        "valid_to": decision.valid_to.isoformat() if decision.valid_to else None,
        "replaces": str(decision.replaces) if decision.replaces else None,
    }
    return _issue(
        tx,
        _Issue(
            kind=DECISION,
            application=_told_application(
                decision.application_id, decision.seq_no, decision.application_kind
            ),
            authority=_told_authority(decision.authority_id, decision.authority_name),
            request_id=decision.request_id,
            institution_id=decision.institution_id,
            region_code=decision.region_code,
            decision_id=decision.decision_id,
            decision=told,
            text=decision_text(decision),
        ),
    )


def revoke(tx: Tx, decision: Decision, *, replaced_by: Decision | None = None) -> None:
    """The receipt of a decision that was set aside. Once; a second time changes nothing."""
    receipt_no = tx.scalar(
        select(Receipt.receipt_no).where(Receipt.decision_id == decision.decision_id)
    )
    if receipt_no is None:
        return
    row = {
        "receipt_no": receipt_no,
        "replaced_by": replaced_by.decision_id if replaced_by else None,
        "revoked_on": clock.today(),
        "revoked_at": clock.business_now(),
    }
    once = insert(ReceiptRevocation).values(row).on_conflict_do_nothing()
    if tx.scalar(once.returning(ReceiptRevocation.receipt_no)) is not None:
        _record(tx, "compliance.receipt_revoked", receipt_no, of=decision.institution_id)


def decision_text(decision: Decision) -> dict[str, Any]:
    """What the applicant is told beside the outcome; its leaf alone is for the public."""
    return {"reason": decision.reason, "appeal_text": decision.appeal_text}


def _submission(application: Application) -> dict[str, Any]:
    submitted_at = application.submitted_at or clock.business_now()
    submitted_on = submitted_at.astimezone(clock.SHANGHAI).date()
    told = _told_application(application.application_id, application.seq_no, application.kind)
    return told | {"submitted_on": submitted_on.isoformat()}


def _issue_for(
    tx: Tx,
    application: Application,
    kind: str,
    *,
    told: Mapping[str, Any],
    authority: Mapping[str, Any] | None,
) -> Receipt:
    """Over the newest snapshot of the application."""
    return _issue(
        tx,
        _Issue(
            kind=kind,
            application=told,
            authority=authority,
            request_id=application.request_id,
            institution_id=application.institution_id,
            region_code=application.region_code,
        ),
    )


def _issue(tx: Tx, issue: _Issue) -> Receipt:
    sealed = tx.execute(_SEALED, {"request_id": issue.request_id}).one()
    digests: dict[str, str] = dict(sealed.part_digests)
    if issue.text is not None:
        digests[DECISION_TEXT] = digest_of(issue.text)
    salts = {part: secrets.token_hex(_SALT_BYTES) for part in digests}
    leaves, today = leaves_of(digests, salts), clock.today()
    receipt_no = _new_number(issue.kind, today)
    payload = {
        "receipt_no": receipt_no,
        "kind": issue.kind,
        "issued_on": today.isoformat(),
        "application": issue.application,
        "institution": _told_institution(issue.institution_id, sealed.content),
        "authority": issue.authority,
        "decision": issue.decision,
        "snapshot": {"sha256": sealed.sha256, "root": digest_of(leaves), "leaves": leaves},
    }
    receipt = Receipt(
        receipt_no=receipt_no,
        kind=issue.kind,
        application_id=UUID(issue.application["application_id"]),
        decision_id=issue.decision_id,
        request_id=issue.request_id,
        institution_id=issue.institution_id,
        region_code=issue.region_code,
        issued_on=today,
        issued_at=clock.business_now(),
        salts=salts,
        jws=sign_document(payload, KIND),
    )
    tx.add(receipt)
    _record(tx, "compliance.receipt_issued", receipt_no, of=issue.institution_id)
    count = metrics.RECEIPTS_ISSUED.labels(issue.kind)
    event.listen(tx, "after_commit", lambda _session: count.inc(), once=True)
    return receipt


def receipt_signer() -> Signer:
    """The one that signs receipts and the heads of the transparency log."""
    return Ed25519Signer(current_settings().receipt_signing_key)


def receipt_keys() -> PublicKeys:
    """Those that are published."""
    try:
        return PublicKeys.from_file(current_settings().receipt_public_keys)
    except (OSError, ValueError) as error:
        _log.error("receipt_keys_unreadable", exc_info=error)
        raise ReceiptKeyUnusable from error


def sign_document(document: Mapping[str, Any], kind: str) -> str:
    """What nobody could verify is not issued: it is verified with the published keys at once."""
    try:
        signed = receipt_signer().sign(document, kind)
        receipt_keys().verify(signed, kind)
    except (OSError, ValueError, UnknownKey, BadSignature) as error:
        metrics.RECEIPTS_NOT_SIGNED.inc()
        _log.error("receipt_not_signed", exc_info=error)
        raise ReceiptKeyUnusable from error
    return signed


def _new_number(kind: str, day: date) -> str:
    """Sixty random bits: who has a number was given it."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join((f"{_PREFIXES[kind]}{day:%Y%m%d}", *groups))


def _told_application(application_id: UUID, seq_no: str | None, kind: str) -> dict[str, Any]:
    return {"application_id": str(application_id), "seq_no": seq_no, "kind": kind}


def _told_authority(authority_id: UUID, name: str) -> dict[str, Any]:
    return {"authority_id": str(authority_id), "name": name}


def _told_institution(institution_id: UUID, content: bytes) -> dict[str, Any]:
    """As it was sealed; no person is named."""
    section = orjson.loads(gzip.decompress(content))
    facts, licence = section["institution"], section.get("licence") or {}
    return {
        "institution_id": str(institution_id),
        "name": facts.get("name"),
        "uscc": facts.get("uscc"),
        "licence_no": licence.get("licence_no"),
    }


def _first_of(steps: Sequence[Document]) -> dict[str, Any] | None:
    if not steps:
        return None
    return _told_authority(UUID(steps[0]["authority_id"]), steps[0]["authority"])


def _first_authority(tx: Tx, application_id: UUID) -> dict[str, Any] | None:
    """The one that the application came to; none while no authority is known."""
    query = (
        select(CaseStep.authority_id, CaseStep.authority_name)
        .join(ReviewCase, ReviewCase.case_id == CaseStep.case_id)
        .where(ReviewCase.subject_id == application_id)
        .order_by(CaseStep.step_no)
        .limit(1)
    )
    row = tx.execute(query).first()
    return None if row is None else _told_authority(*row)


def _record(tx: Tx, action: str, receipt_no: str, *, of: UUID) -> None:
    audit.record(tx, action, object_type="receipt", object_id=receipt_no, institution_id=of)
