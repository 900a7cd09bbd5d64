"""Reads of receipts: for their holder, for the authorities of the case, and for anybody."""

import gzip
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, bindparam, select
from sqlalchemy.orm import aliased

from otsp_chassis.canonical import digest_of
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Forbidden, NotFound
from otsp_compliance.model import (
    Application,
    CaseStep,
    Decision,
    Receipt,
    ReceiptPrint,
    ReceiptRevocation,
    ReviewCase,
    Snapshot,
    SnapshotPart,
)
from otsp_compliance.model.receipt_proof import DECISION_TEXT, payload_of
from otsp_compliance.queries.visibility import require_reader

State = Literal["valid", "revoked"]
MOST = 100
"""Receipts of one application: of its filing, of each round, and of each decision."""


@dataclass(frozen=True, slots=True)
class ReceiptSummary:
    """A receipt in the list of its application; `replaced_by` is another receipt's number."""

    receipt_no: str
    kind: str
    application_id: UUID
    decision_id: UUID | None
    outcome: str | None
    doc_no: str | None
    issued_on: date
    state: State
    revoked_on: date | None
    replaced_by: str | None
    print_sha256: str | None


@dataclass(frozen=True, slots=True)
class ReceiptList:
    items: Sequence[ReceiptSummary]


@dataclass(frozen=True, slots=True)
class Statement:
    """What a receipt says to anybody who has its number, and whether it still holds."""

    receipt_no: str
    state: State
    revoked_on: date | None
    replaced_by: str | None
    payload: dict[str, Any]
    jws: str


_successor = aliased(Receipt)
_ROWS = (
    select(
        Receipt.receipt_no,
        Receipt.kind,
        Receipt.application_id,
        Receipt.decision_id,
        Receipt.request_id,
        Receipt.institution_id,
        Receipt.region_code,
        Receipt.issued_on,
        Receipt.issued_at,
        Receipt.salts,
        Receipt.jws,
        Decision.outcome,
        Decision.doc_no,
        Decision.reason,
        Decision.appeal_text,
        ReceiptRevocation.revoked_on,
        _successor.receipt_no.label("replaced_by"),
        ReceiptPrint.sha256.label("print_sha256"),
    )
    .outerjoin(Decision, Decision.decision_id == Receipt.decision_id)
    .outerjoin(ReceiptRevocation, ReceiptRevocation.receipt_no == Receipt.receipt_no)
    .outerjoin(_successor, _successor.decision_id == ReceiptRevocation.replaced_by)
    .outerjoin(ReceiptPrint, ReceiptPrint.receipt_no == Receipt.receipt_no)
)
_ONE = _ROWS.where(Receipt.receipt_no == bindparam("receipt_no"))
_OF_APPLICATION = (
    _ROWS.where(Receipt.application_id == bindparam("application_id"))
    .order_by(Receipt.issued_at, Receipt.decision_id.nulls_first(), Receipt.request_id)
    .limit(MOST)
)
_OWNER = select(
    Application.application_id, Application.institution_id, Application.region_code
).where(Application.application_id == bindparam("application_id"))
_AUTHORITIES = (
    select(CaseStep.authority_id)
    .join(ReviewCase, ReviewCase.case_id == CaseStep.case_id)
    .where(ReviewCase.subject_id == bindparam("application_id"))
)


def list_receipts(tx: Reader, principal: Principal, application_id: UUID) -> ReceiptList:
    """In the order of issue. Raises NotFound, or refuses who may not read the application."""
    row = tx.execute(_OWNER, {"application_id": application_id}).mappings().first()
    if row is None:
        raise NotFound
    _require_reader(tx, principal, row)
    rows = tx.execute(_OF_APPLICATION, {"application_id": application_id}).mappings()
    return ReceiptList([_summary(each) for each in rows])


def find_receipt(tx: Reader, principal: Principal, receipt_no: str) -> RowMapping:
    """The row, for those who may read it; raises NotFound."""
    row = _row_of(tx, receipt_no)
    _require_reader(tx, principal, row)
    return row


def get_receipt(
    tx: Reader, principal: Principal, receipt_no: str, *, parts: Collection[str] = ()
) -> dict[str, Any]:
    """The file that anybody can verify, `parts` with their content.

    Without `parts`: the digest of every part, the content of the decision's text alone. Contents of
    the snapshot are for the institution itself, which discloses them to whom it likes.
    """
    row = find_receipt(tx, principal, receipt_no)
    if set(parts) - {DECISION_TEXT} and principal.institution_id is None:
        raise Forbidden("回执所附的资料内容只提供给机构本身；办理案件请在案件中查看。")
    unknown = set(parts) - row["salts"].keys()
    if unknown:
        raise NotFound(f"回执中没有这些部分：{'、'.join(sorted(unknown))}。")
    digests = tx.scalar(
        select(Snapshot.part_digests).where(Snapshot.request_id == row["request_id"])
    )
    contents = _contents(tx, row, parts or {DECISION_TEXT})
    return {
        "jws": row["jws"],
        "payload": payload_of(row["jws"]),
        "disclosures": {
            part: _disclosure(row["salts"][part], (digests or {}).get(part), contents.get(part))
            for part in sorted(parts or row["salts"])
        },
    }


def tell_statement(tx: Reader, receipt_no: str) -> Statement:
    """For anybody; raises NotFound."""
    row = _row_of(tx, receipt_no)
    return Statement(
        row["receipt_no"],
        _state(row),
        row["revoked_on"],
        row["replaced_by"],
        payload_of(row["jws"]),
        row["jws"],
    )


def find_statement(tx: Reader, receipt_no: str) -> Statement | None:
    try:
        return tell_statement(tx, receipt_no)
    except NotFound:
        return None


def find_print(tx: Reader, receipt_no: str) -> bytes | None:
    """The PDF as it was first made; None before."""
    content: bytes | None = tx.scalar(
        select(ReceiptPrint.content).where(ReceiptPrint.receipt_no == receipt_no)
    )
    return content


def licence_of(tx: Reader, request_id: UUID) -> dict[str, Any]:
    """The licence as it was sealed."""
    section = _part(tx, request_id, "institution")
    return (section or {}).get("licence") or {}


def _contents(tx: Reader, row: RowMapping, parts: Collection[str]) -> dict[str, Any]:
    contents = {
        part: _part(tx, row["request_id"], part)
        for part in parts
        if part != DECISION_TEXT and part in row["salts"]
    }
    if DECISION_TEXT in parts and DECISION_TEXT in row["salts"]:
        contents[DECISION_TEXT] = {"reason": row["reason"], "appeal_text": row["appeal_text"]}
    return contents


def _part(tx: Reader, request_id: UUID, part: str) -> Any:  # noqa: ANN401 - a JSON document
    """None once it was let go of (§5.4): its digest stays."""
    query = select(SnapshotPart.content).where(
        SnapshotPart.request_id == request_id, SnapshotPart.part == part
    )
    content = tx.execute(query).scalar_one_or_none()
    return None if content is None else orjson.loads(gzip.decompress(content))


def _disclosure(salt: str, sha256: str | None, content: Any) -> dict[str, Any]:  # noqa: ANN401
    told = {"salt": salt, "sha256": sha256 if sha256 is not None else digest_of(content)}
    return told if content is None else told | {"content": content}


def _row_of(tx: Reader, receipt_no: str) -> RowMapping:
    row = tx.execute(_ONE, {"receipt_no": receipt_no}).mappings().first()
    if row is None:
        raise NotFound
    return row


def _require_reader(tx: Reader, principal: Principal, owner: RowMapping) -> None:
    require_reader(
        principal,
        institution_id=owner["institution_id"],
        region_code=owner["region_code"],
        authority_ids=set(tx.scalars(_AUTHORITIES, {"application_id": owner["application_id"]})),
    )


def _summary(row: RowMapping) -> ReceiptSummary:
    return ReceiptSummary(
        receipt_no=row["receipt_no"],
        kind=row["kind"],
        application_id=row["application_id"],
        decision_id=row["decision_id"],
        outcome=row["outcome"],
        doc_no=row["doc_no"],
        issued_on=row["issued_on"],
        state=_state(row),
        revoked_on=row["revoked_on"],
        replaced_by=row["replaced_by"],
        print_sha256=row["print_sha256"],
    )


def _state(row: RowMapping) -> State:
    return "valid" if row["revoked_on"] is None else "revoked"
