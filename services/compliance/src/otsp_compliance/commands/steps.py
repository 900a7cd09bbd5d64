"""The steps of a case: held for whoever acts, passed on, ended."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import bindparam, func, select

from otsp_chassis import clock
from otsp_chassis.db import Tx
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Forbidden, NotFound
from otsp_compliance.commands import clocks
from otsp_compliance.commands.casework import tell_routed
from otsp_compliance.model import Application, CaseStep, ReviewCase
from otsp_compliance.model.cases import APPLICATION_CASES
from otsp_contracts.compliance import CaseDecided
from otsp_contracts.compliance.casework import ReviewSeat

_SUBJECT = select(ReviewCase.kind, ReviewCase.subject_id).where(
    ReviewCase.case_id == bindparam("case_id")
)


class CaseNotRoutedHere(Forbidden):
    slug: ClassVar[str] = "case-not-routed-here"
    title: ClassVar[str] = "The case lies with another authority"
    detail_zh: ClassVar[str] = "该事项当前不由本部门办理。"


class CaseMovedOn(Conflict):
    slug: ClassVar[str] = "case-moved-on"
    title: ClassVar[str] = "The case is at another step"
    detail_zh: ClassVar[str] = "该事项已进入其他审核环节，请刷新后查看。"


class NotAnApplication(Conflict):
    slug: ClassVar[str] = "case-not-an-application"
    title: ClassVar[str] = "The case is not about an application"
    detail_zh: ClassVar[str] = "该事项不是申请，无需受理，可直接办理。"


@dataclass(frozen=True, slots=True)
class Held:
    """A case that is locked until commit; `about` is null when it is not about an application."""

    case: ReviewCase
    about: Application | None

    @property
    def application(self) -> Application:
        """Raises NotAnApplication."""
        if self.about is None:
            raise NotAnApplication
        return self.about


@dataclass(frozen=True, slots=True)
class Ending:
    """How a case ends; no authority when none decided."""

    decision: str
    decided_on: date
    reason: str | None
    authority_id: UUID | None
    actor: UUID | None


def hold(tx: Tx, case_id: UUID) -> Held:
    """Lock order: the application, then its case. Raises NotFound."""
    known = tx.execute(_SUBJECT, {"case_id": case_id}).first()
    if known is None:
        raise NotFound
    application = None
    if known.kind in APPLICATION_CASES:
        application = tx.get_one(Application, known.subject_id, with_for_update=True)
    return Held(tx.get_one(ReviewCase, case_id, with_for_update=True), application)


def require_its_turn(
    tx: Tx, case: ReviewCase, *, authority: AuthorityClaim, step_no: int | None
) -> CaseStep:
    """The open step of the caller's authority; `step_no` guards against one already left."""
    if case.authority_id != authority.authority_id:
        if has_decided_step(tx, case.case_id, authority.authority_id):
            raise CaseMovedOn(step_no=case.step_no)
        raise CaseNotRoutedHere
    case.require_open()
    if step_no is not None and step_no != case.step_no:
        raise CaseMovedOn(step_no=case.step_no)
    return tx.get_one(CaseStep, (case.case_id, case.step_no), with_for_update=True)


def has_decided_step(tx: Tx, case_id: UUID, authority_id: UUID | None = None) -> bool:
    query = select(func.count()).where(CaseStep.case_id == case_id, CaseStep.decision.is_not(None))
    if authority_id is not None:
        query = query.where(CaseStep.authority_id == authority_id)
    return bool(tx.scalar(query))


def pass_on(tx: Tx, case: ReviewCase, principal: Principal, *, on: date) -> None:
    """To the next step, as it was frozen; `on` is the day of the decision on the present one."""
    clocks.stop(tx, case, on=on)
    following = tx.get_one(CaseStep, (case.case_id, case.step_no + 1))
    case.step_no = following.step_no
    case.authority_id = following.authority_id
    case.end_lease()
    clocks.begin(tx, case, on=clock.today())
    tell_routed(tx, case, case.authority_id, actor=principal.account_id)


def end(tx: Tx, case: ReviewCase, ending: Ending, **told: Any) -> None:  # noqa: ANN401 - payload
    """No step is left; `told` are the members that not all decisions have."""
    case.close(ending.decision, on=ending.decided_on, reason=ending.reason)
    clocks.stop(tx, case, on=ending.decided_on)
    tx.flush()  # the event carries the version after the change
    publish(
        tx,
        CaseDecided(
            case_id=case.case_id,
            version=case.version,
            actor=ending.actor,
            institution_id=case.institution_id,
            kind=case.kind,
            subject_id=case.subject_id,
            decision=ending.decision,
            decided_on=ending.decided_on,
            authority_id=ending.authority_id,
            reason=ending.reason,
            lay_with=case.authority_id,
            seats=seats_of(tx, case.case_id),
            **told,
        ),
    )


def seats_of(tx: Tx, case_id: UUID) -> tuple[ReviewSeat, ...]:
    """Where its steps lay, after every hand-over; one of a kind."""
    steps = (
        select(CaseStep.department, CaseStep.level)
        .where(CaseStep.case_id == case_id)
        .order_by(CaseStep.step_no)
    )
    found = [ReviewSeat(department=row.department, level=row.level) for row in tx.execute(steps)]
    return tuple(dict.fromkeys(found))
