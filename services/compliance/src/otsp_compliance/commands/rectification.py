"""Sets institutions to rights: opens, answers, closes and waives rectification tasks."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Invalid, NotFound
from otsp_compliance.model import InstitutionRef, Rectification
from otsp_compliance.queries.rectifications import RectificationView, tell_rectification
from otsp_compliance.queries.visibility import require_authority
from otsp_contracts.compliance import RectificationClosed, RectificationOpened
from otsp_contracts.values import FieldError

DAYS_GIVEN = 30


class InstitutionUnknown(NotFound):
    slug: ClassVar[str] = "institution-unknown"
    title: ClassVar[str] = "The institution is not registered"
    detail_zh: ClassVar[str] = "没有这家机构的注册信息，请核对机构编号，或等待其提交注册。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRectification:
    """Without a day it is due after DAYS_GIVEN."""

    institution_id: UUID
    kind: str
    reason_text: str
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """`status` is submitted, closed or waived; `note` says what was verified, or why waived."""

    status: str
    note: str | None
    closed_on: date | None


def open_rectification(principal: Principal, new: NewRectification) -> RectificationView:
    authority = require_authority(principal)
    today = clock.today()
    with transaction() as tx:
        _require_jurisdiction(tx, principal, new.institution_id)
        task = Rectification(
            rectification_id=new_id(),
            institution_id=new.institution_id,
            kind=new.kind,
            status="open",
            reason_text=new.reason_text,
            issued_by=authority.authority_id,
            issued_on=today,
            due_on=new.due_on or today + timedelta(days=DAYS_GIVEN),
        )
        _open(tx, task, actor=principal.account_id)
        return tell_rectification(tx, task.rectification_id)


def open_for_publication(
    tx: Tx, institution_id: UUID, *, publication_id: UUID, reason_text: str
) -> UUID:
    """What a newly published rule version asks of a compliant institution; nobody else issued it.

    Asked for again it is the same task.
    """
    known = tx.scalar(
        select(Rectification.rectification_id).where(
            Rectification.institution_id == institution_id,
            Rectification.publication_id == publication_id,
        )
    )
    if known is not None:
        return known
    today = clock.today()
    task = Rectification(
        rectification_id=new_id(),
        institution_id=institution_id,
        kind="other",
        status="open",
        reason_text=reason_text,
        issued_on=today,
        due_on=today + timedelta(days=DAYS_GIVEN),
        publication_id=publication_id,
    )
    _open(tx, task, actor=None)
    return task.rectification_id


def close_rectification(
    principal: Principal, rectification_id: UUID, closure: Closure
) -> RectificationView:
    """The authority's side: what was handed in on paper, verified, or waived."""
    closed_on = closure.closed_on or clock.today()
    if closed_on > clock.today():
        raise Invalid(errors=[FieldError("/closed_on", "in_future", "办结日期不能晚于今天。")])
    with transaction() as tx:
        task = _hold(tx, rectification_id)
        _require_jurisdiction(tx, principal, task.institution_id)
        before = task.status
        task.move_to(closure.status)
        task.note = closure.note
        if closure.status != "submitted":
            task.verified_by = principal.account_id
            task.closed_on = closed_on
            tx.flush()
            told = as_closed(task, closed_on, actor=principal.account_id)
            publish(tx, told.model_copy(update={"from_state": before}))
        _record(tx, f"compliance.rectification_{closure.status}", task, reason=closure.note)
        return tell_rectification(tx, rectification_id)


def submit_rectification(
    principal: Principal, rectification_id: UUID, note: str
) -> RectificationView:
    """The institution says that it is done; the application's reviewer verifies it."""
    with transaction() as tx:
        task = _hold(tx, rectification_id)
        principal.require_own(task.institution_id)
        task.move_to("submitted")
        task.note = note
        _record(tx, "compliance.rectification_submitted", task)
        return tell_rectification(tx, rectification_id)


def mark_overdue(today: date) -> None:
    """Tasks whose day has passed; they stay answerable."""
    with transaction() as tx:
        late = select(Rectification).where(
            Rectification.status.in_(["open", "in_progress"]), Rectification.due_on < today
        )
        for task in tx.scalars(late.with_for_update(skip_locked=True)):
            task.move_to("overdue")


def as_opened(task: Rectification, *, actor: UUID | None) -> RectificationOpened:
    return RectificationOpened(
        version=task.version,
        actor=actor,
        to_state=task.status,
        rectification_id=task.rectification_id,
        institution_id=task.institution_id,
        kind=task.kind,
        due_on=task.due_on,
    )


def as_closed(task: Rectification, closed_on: date, *, actor: UUID | None) -> RectificationClosed:
    return RectificationClosed(
        version=task.version,
        actor=actor,
        to_state=task.status,
        rectification_id=task.rectification_id,
        institution_id=task.institution_id,
        kind=task.kind,
        closed_on=closed_on,
    )


def _open(tx: Tx, task: Rectification, *, actor: UUID | None) -> None:
    tx.add(task)
    tx.flush()  # the event carries the first version
    publish(tx, as_opened(task, actor=actor))
    _record(tx, "compliance.rectification_opened", task)


def _hold(tx: Tx, rectification_id: UUID) -> Rectification:
    task = tx.get(Rectification, rectification_id, with_for_update=True)
    if task is None:
        raise NotFound
    return task


def _require_jurisdiction(tx: Tx, principal: Principal, institution_id: UUID) -> None:
    require_authority(principal)
    institution = tx.get(InstitutionRef, institution_id)
    if institution is None:
        raise InstitutionUnknown
    principal.require_jurisdiction(institution.region_code)


def _record(tx: Tx, action: str, task: Rectification, *, reason: str | None = None) -> None:
    audit.record(
        tx,
        action,
        object_type="rectification",
        object_id=task.rectification_id,
        institution_id=task.institution_id,
        reason=reason,
    )
