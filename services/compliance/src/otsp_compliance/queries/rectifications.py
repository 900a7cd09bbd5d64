"""Reads of rectification tasks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, bindparam, select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_chassis.statements import Read
from otsp_chassis.workcalendar import load_calendar
from otsp_compliance.model import (
    Document,
    InstitutionRef,
    Rectification,
    RectificationMove,
    RectificationStep,
)
from otsp_compliance.queries.visibility import readable, require_reader
from otsp_compliance.rules.rectification import (
    BUSINESS_LICENCE_SETTLED,
    KINDS_ZH,
    LICENCE_REPLACED,
    OTHER,
    SETTLED_WITHIN_WORKING_DAYS,
    STATUS_ZH,
    Profile,
    Status,
    condition_holds,
)


@dataclass(frozen=True, slots=True)
class RectificationStepView:
    """A step; `due_on` where the law counts from another step, once that is done."""

    code: str
    label_zh: str
    done_on: date | None
    file_ids: Sequence[UUID]
    note: str | None
    due_on: date | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class MoveView:
    """Who did what; `actor` is the account, null where the platform did it by itself."""

    at: datetime
    actor: UUID | None
    role: str
    action: str
    from_status: str | None
    to_status: str
    step: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RectificationView:
    """A task as it stands. `origin` is what opened it: an authority, the law, a rule_version
    (`publication_id`), or the return of an application (`decision_id`). `condition_holds`: what the
    law asks this for is still so; null for 其他整改.
    """

    rectification_id: UUID
    institution_id: UUID
    institution_name: str | None
    kind: str
    kind_zh: str
    status: str
    status_zh: str
    origin: str
    reason_text: str
    issued_by: UUID | None
    issued_on: date
    due_on: date
    note: str | None
    closed_on: date | None
    batch_id: UUID | None
    publication_id: UUID | None
    decision_id: UUID | None
    condition_holds: bool | None
    steps: Sequence[RectificationStepView]
    history: Sequence[MoveView] | None
    version: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks of those that the caller may read."""

    institution_id: UUID | None = None
    status: str | None = None
    kind: str | None = None
    batch_id: UUID | None = None


def list_rectifications(
    tx: Reader, principal: Principal, wanted: Wanted, *, cursor: str | None, limit: int
) -> Page[RectificationView]:
    """Of one's own institution, or of one's jurisdiction; newest first, without their history."""
    if wanted.institution_id is not None:
        region_code = _region_of(tx, wanted.institution_id)
        require_reader(principal, institution_id=wanted.institution_id, region_code=region_code)
    query = _QUERY.where(
        readable(principal, Rectification.institution_id, InstitutionRef.region_code)
    )
    for column, value in (
        (Rectification.institution_id, wanted.institution_id),
        (Rectification.status, wanted.status),
        (Rectification.kind, wanted.kind),
        (Rectification.batch_id, wanted.batch_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if cursor is not None:
        query = query.where(Rectification.rectification_id < decode_id(cursor))
    query = query.order_by(Rectification.rectification_id.desc()).limit(limit + 1)
    return make_page(_views(tx, query), limit, key=lambda one: [one.rectification_id])


def unfinished_rectifications(tx: Reader, institution_id: UUID) -> list[RectificationView]:
    """What an institution has yet to put right or to have verified, the most urgent first.

    For who has already judged who asks.
    """
    query = _QUERY.where(
        Rectification.institution_id == institution_id, Rectification.closed_on.is_(None)
    )
    return _views(tx, query.order_by(Rectification.due_on, Rectification.rectification_id))


def get_rectification(
    tx: Reader, principal: Principal, rectification_id: UUID
) -> RectificationView:
    """For the institution and the authorities above it, with its history."""
    view = tell_rectification(tx, rectification_id)
    region_code = _region_of(tx, view.institution_id)
    require_reader(principal, institution_id=view.institution_id, region_code=region_code)
    return view


def tell_rectification(tx: Reader, rectification_id: UUID) -> RectificationView:
    """For commands that have already judged who asks."""
    found = _views(tx, _QUERY.where(Rectification.rectification_id == rectification_id))
    if not found:
        raise NotFound
    return replace(found[0], history=_history(tx, rectification_id))


def profile_of(institution: InstitutionRef | Row[Any]) -> Profile:
    """What the law asks about, of an institution as it was last told."""
    return Profile(
        registration_status=institution.registration_status,
        compliance_status=institution.compliance_status,
        categories=institution.categories,
        delivery_modes=institution.delivery_modes,
        stages=institution.stages,
        legal_nature=institution.legal_nature,
        licence_delivery=institution.licence_delivery,
    )


_FACTS = Read(
    select(
        Rectification.rectification_id,
        Rectification.kind,
        Rectification.status,
        Rectification.due_on,
    )
    .where(Rectification.institution_id == bindparam("institution_id"))
    .order_by(Rectification.rectification_id)
)


def rectification_facts(tx: Reader, institution_id: UUID) -> list[Document]:
    """The tasks as the rules see them, in order of issue."""
    return [
        {
            "rectification_id": str(row.rectification_id),
            "kind": row.kind,
            "status": row.status,
            "due_on": row.due_on.isoformat(),
        }
        for row in _FACTS.rows(tx, {"institution_id": institution_id})
    ]


def _views(tx: Reader, query: Executable) -> list[RectificationView]:
    rows = tx.execute(query).all()
    steps = _steps(tx, [row.rectification_id for row in rows])
    told = {column.key for column in _TOLD}
    return [
        RectificationView(
            **{name: value for name, value in row._asdict().items() if name in told},
            institution_name=row.institution_name,
            kind_zh=KINDS_ZH[row.kind],
            status_zh=STATUS_ZH[Status(row.status)],
            origin=_origin(row),
            condition_holds=_condition(row),
            steps=steps.get(row.rectification_id, ()),
            history=None,
        )
        for row in rows
    ]


def _origin(row: Row[Any]) -> str:
    if row.decision_id is not None:
        return "return"
    if row.publication_id is not None:
        return "rule_version"
    is_of_authority = row.issued_by is not None or row.batch_id is not None
    return "authority" if is_of_authority else "law"


def _condition(row: Row[Any]) -> bool | None:
    if row.kind == OTHER or row.registration_status is None:
        return None
    return condition_holds(row.kind, profile_of(row))


def _steps(
    tx: Reader, rectification_ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[RectificationStepView]]:
    query = select(
        RectificationStep.rectification_id,
        RectificationStep.code,
        RectificationStep.label_zh,
        RectificationStep.done_on,
        RectificationStep.file_ids,
        RectificationStep.note,
    ).where(RectificationStep.rectification_id.in_(list(rectification_ids)))
    steps: dict[UUID, list[RectificationStepView]] = {}
    for row in tx.execute(query.order_by(RectificationStep.position)):
        steps.setdefault(row.rectification_id, []).append(RectificationStepView(*row[1:]))
    return {key: _with_days(tx, each) for key, each in steps.items()}


def _with_days(
    tx: Reader, steps: Sequence[RectificationStepView]
) -> Sequence[RectificationStepView]:
    """The old licence's day gives the business licence its own."""
    begun = next((step.done_on for step in steps if step.code == LICENCE_REPLACED), None)
    if begun is None:
        return steps
    due_on = load_calendar(tx).add_working_days(begun, SETTLED_WITHIN_WORKING_DAYS)
    return [
        replace(step, due_on=due_on, is_late=step.done_on is not None and step.done_on > due_on)
        if step.code == BUSINESS_LICENCE_SETTLED
        else step
        for step in steps
    ]


def _history(tx: Reader, rectification_id: UUID) -> Sequence[MoveView]:
    query = select(
        RectificationMove.at,
        RectificationMove.actor,
        RectificationMove.role,
        RectificationMove.action,
        RectificationMove.from_status,
        RectificationMove.to_status,
        RectificationMove.step,
        RectificationMove.note,
    ).where(RectificationMove.rectification_id == rectification_id)
    return [MoveView(*row) for row in tx.execute(query.order_by(RectificationMove.move_id))]


def _region_of(tx: Reader, institution_id: UUID) -> str | None:
    query = select(InstitutionRef.region_code).where(
        InstitutionRef.institution_id == institution_id
    )
    region_code: str | None = tx.execute(query).scalar()
    return region_code


_TOLD = (
    Rectification.rectification_id,
    Rectification.institution_id,
    Rectification.kind,
    Rectification.status,
    Rectification.reason_text,
    Rectification.issued_by,
    Rectification.issued_on,
    Rectification.due_on,
    Rectification.note,
    Rectification.closed_on,
    Rectification.batch_id,
    Rectification.publication_id,
    Rectification.decision_id,
    Rectification.version,
)
_QUERY = select(
    *_TOLD,
    InstitutionRef.name.label("institution_name"),
    InstitutionRef.registration_status,
    InstitutionRef.compliance_status,
    InstitutionRef.categories,
    InstitutionRef.delivery_modes,
    InstitutionRef.stages,
    InstitutionRef.legal_nature,
    InstitutionRef.licence_delivery,
).join(
    InstitutionRef,
    InstitutionRef.institution_id == Rectification.institution_id,
    isouter=True,
)
