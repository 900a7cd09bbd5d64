"""Requests of persons to have put right what an institution entered about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, func, select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.pii import decrypt
from otsp_chassis.sight import Sight
from otsp_staff.model import CorrectionRequest
from otsp_staff.rules.corrections import FIELDS

_REQUESTS = select(CorrectionRequest.__table__)


@dataclass(frozen=True, slots=True)
class Wish:
    """One field, and what should stand there."""

    pointer: str
    label_zh: str
    wanted: str


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """`state` is open, corrected or declined. What was written is null to authorities."""

    request_id: UUID
    staff_id: UUID
    version: int
    state: str
    asked_at: datetime
    due_on: date
    is_overdue: bool
    items: Sequence[Wish] | None
    explanation: str | None
    answer: str | None
    answered_at: datetime | None


def list_corrections(
    tx: Reader,
    institution_id: UUID,
    *,
    sight: Sight,
    state: str | None,
    cursor: str | None,
    limit: int,
) -> Page[CorrectionView]:
    """The oldest first: it is due first."""
    query = _REQUESTS.where(CorrectionRequest.institution_id == institution_id)
    if state is not None:
        query = query.where(CorrectionRequest.state == state)
    if cursor is not None:
        query = query.where(CorrectionRequest.request_id > decode_id(cursor))
    rows = tx.execute(query.order_by(CorrectionRequest.request_id).limit(limit + 1)).mappings()
    views = [_view(row, with_texts=sight.is_own) for row in rows]
    return make_page(views, limit, key=lambda view: [view.request_id])


def corrections_of(tx: Reader, staff_id: UUID) -> list[CorrectionView]:
    """All of one person, the newest first, with what was written."""
    query = _REQUESTS.where(CorrectionRequest.staff_id == staff_id)
    rows = tx.execute(query.order_by(CorrectionRequest.request_id.desc())).mappings()
    return [_view(row, with_texts=True) for row in rows]


def get_correction(tx: Reader, request_id: UUID) -> CorrectionView:
    query = _REQUESTS.where(CorrectionRequest.request_id == request_id)
    return _view(tx.execute(query).mappings().one(), with_texts=True)


def count_open(tx: Reader, today: date) -> tuple[int, int]:
    """How many wait, and how many of these are overdue."""
    due = CorrectionRequest.due_on
    query = select(func.count(), func.count().filter(due < today)).where(
        CorrectionRequest.state == "open"
    )
    waiting, overdue = tx.execute(query).one()
    return waiting, overdue


def _view(row: RowMapping, *, with_texts: bool) -> CorrectionView:
    asked: dict[str, Any] = orjson.loads(decrypt(row["asked_sealed"])) if with_texts else {}
    answer = row["answer_sealed"] if with_texts else None
    items = [
        Wish(item["pointer"], FIELDS.get(item["pointer"], item["pointer"]), item["wanted"])
        for item in asked.get("items", ())
    ]
    return CorrectionView(
        request_id=row["request_id"],
        staff_id=row["staff_id"],
        version=row["version"],
        state=row["state"],
        asked_at=row["asked_at"],
        due_on=row["due_on"],
        is_overdue=row["state"] == "open" and row["due_on"] < clock.today(),
        items=items if with_texts else None,
        explanation=asked.get("explanation"),
        answer=None if answer is None else decrypt(answer),
        answered_at=row["answered_at"],
    )
