"""Closes an institution after its deregistration was approved (办结), service by service.

Lock order: the application, then its deregistration. A service that does not answer is asked again
without end: what was approved cannot fail, only wait.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock, log
from otsp_chassis.db import Tx, transaction
from otsp_chassis.outbox import publish
from otsp_compliance.commands import steps
from otsp_compliance.commands.register import leave
from otsp_compliance.commands.steps import Ending
from otsp_compliance.commands.submission import advance, unlock
from otsp_compliance.model import Application, ClosingStep, Decision, Deregistration, ReviewCase
from otsp_compliance.model.cases import EXTERNAL_REVIEW, OPEN
from otsp_compliance.rules.asking import asked_again_after
from otsp_compliance.rules.closing import READ_ONLY, REASONS_ZH, SERVICES_ZH
from otsp_compliance.rules.states import Action, State
from otsp_compliance.settings import current_settings
from otsp_contracts.closing import ClosingDone
from otsp_contracts.compliance import DeregistrationApproved, DeregistrationCompleted

_log = log.get_logger()
_WHY_ZH = "机构已获准注销"


class UnaskedClosing(ValueError):
    """A service tells the end of an institution that does not close, or of another one."""


def begin_closing(tx: Tx, application: Application, decision: Decision) -> None:
    """The application is closing by now. Its review lock holds until all services are done; off the
    register it goes at once.
    """
    deregistration = _hold(tx, application.application_id)
    deregistration.closes_on = decision.decided_on
    now = clock.now()
    tx.add_all(
        ClosingStep(application_id=application.application_id, service=service, asked_at=now)
        for service in SERVICES_ZH
    )
    _end_reviews(tx, application.institution_id, on=decision.decided_on)
    reason_zh = REASONS_ZH[deregistration.closing["reason"]]
    leave(tx, application.institution_id, on=decision.decided_on, reason_zh=reason_zh)
    publish(tx, _request(deregistration, tuple(SERVICES_ZH), actor=decision.decided_by))
    _record(tx, "compliance.closing_begun", application)


def note_done(tx: Tx, done: ClosingDone) -> None:
    """One service's part; the last one ends the closing. Told twice it changes nothing."""
    application = tx.get(Application, done.application_id, with_for_update=True)
    if application is None or application.institution_id != done.institution_id:
        raise UnaskedClosing
    parts = _steps(tx, done.application_id)
    step = next((one for one in parts if one.service == done.owner()), None)
    if step is None:
        raise UnaskedClosing
    if step.done_at is not None:
        return
    step.done_at, step.ended = clock.now(), done.ended
    if all(one.done_at is not None for one in parts):
        _complete(tx, application)


def chase_closing(application_id: UUID) -> None:
    """Ask again whoever has not answered in time."""
    first = timedelta(seconds=current_settings().closing_step_seconds)
    with transaction() as tx:
        application = tx.get_one(Application, application_id, with_for_update=True)
        if application.state != State.CLOSING:
            return
        now = clock.now()
        late = [
            step
            for step in _steps(tx, application_id)
            if step.done_at is None
            and now >= step.asked_at + asked_again_after(step.repeats, first=first)
        ]
        for step in late:
            step.asked_at, step.repeats = now, step.repeats + 1
        if late:
            services = tuple(step.service for step in late)
            publish(tx, _request(_hold(tx, application_id), services, actor=None))
            told = {"application_id": str(application_id), "services": services}
            _log.warning("closing_asked_again", **told)


def _end_reviews(tx: Tx, institution_id: UUID, *, on: date) -> None:
    """Nobody reviews material for an institution that closes."""
    reviews = select(ReviewCase).where(
        ReviewCase.institution_id == institution_id,
        ReviewCase.kind == EXTERNAL_REVIEW,
        ReviewCase.state == OPEN,
    )
    for case in tx.scalars(reviews.order_by(ReviewCase.case_id).with_for_update()).all():
        steps.end(tx, case, Ending("lapsed", on, _WHY_ZH, authority_id=None, actor=None))


def _complete(tx: Tx, application: Application) -> None:
    advance(tx, application, Action.COMPLETE_CLOSING)
    deregistration = _hold(tx, application.application_id)
    today = clock.today()
    deregistration.deregistered_on = today
    deregistration.read_only_until = today + READ_ONLY
    completed = DeregistrationCompleted(
        institution_id=application.institution_id,
        application_id=application.application_id,
        deregistered_on=today,
        read_only_until=deregistration.read_only_until,
    )
    publish(tx, completed)
    _record(tx, "compliance.deregistration_completed", application)
    unlock(tx, application)


def _request(
    deregistration: Deregistration, services: tuple[str, ...], *, actor: UUID | None
) -> DeregistrationApproved:
    """What these services are asked to do."""
    if deregistration.closes_on is None:
        message = "nobody approved it"
        raise ValueError(message)
    return DeregistrationApproved(
        institution_id=deregistration.institution_id,
        application_id=deregistration.application_id,
        actor=actor,
        reason=deregistration.closing["reason"],
        closes_on=deregistration.closes_on,
        services=services,
    )


def _hold(tx: Tx, application_id: UUID) -> Deregistration:
    return tx.get_one(Deregistration, application_id, with_for_update=True)


def _steps(tx: Tx, application_id: UUID) -> Sequence[ClosingStep]:
    query = select(ClosingStep).where(ClosingStep.application_id == application_id)
    return tx.scalars(query.order_by(ClosingStep.service)).all()


def _record(tx: Tx, action: str, application: Application) -> None:
    audit.record(
        tx,
        action,
        object_type="application",
        object_id=application.application_id,
        institution_id=application.institution_id,
    )
