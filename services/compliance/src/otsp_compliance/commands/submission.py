"""Moves an application on: judged, submitted, failed, lapsed; and says so to the others.

Every function expects the application locked by its caller.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, event
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import audit, clock, metrics
from otsp_chassis.context import current_runtime
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_compliance.commands import receipts
from otsp_compliance.commands.casework import NewCase, open_case
from otsp_compliance.commands.clocks import KnownDays
from otsp_compliance.commands.judging import Judgement
from otsp_compliance.model import Application, CaseStep, Document, FilingCounter
from otsp_compliance.model.cases import COMPLIANCE, DEREGISTRATION
from otsp_compliance.rules.engine import Evaluation
from otsp_compliance.rules.routing import RoutedInstitution
from otsp_compliance.rules.states import FINAL, Action
from otsp_compliance.settings import current_settings
from otsp_contracts.compliance import (
    ApplicationAccepted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    GatheringFailed,
    PrecheckFailed,
    ReviewUnlocked,
)

_COUNTER = cast("Table", FilingCounter.__table__)
_COUNT = (
    insert(_COUNTER)
    .on_conflict_do_update(
        index_elements=["region_code", "day"], set_={"last": _COUNTER.c.last + 1}
    )
    .returning(_COUNTER.c.last)
)


@dataclass(frozen=True, slots=True)
class Filing:
    """What is filed: the seal, and the reviews that are frozen into the case."""

    sha256: str
    institution: RoutedInstitution
    steps: Sequence[Document]
    known: KnownDays | None = None


def advance(tx: Tx, application: Application, action: Action) -> str:
    """One transition; returns the state that was left, whose duration is measured at commit."""
    now = clock.now()
    spent = (now - application.since).total_seconds()
    left = application.perform(action, now)
    if left == application.state:
        return left
    stage = metrics.SUBMISSION_STAGE.labels(current_runtime().service, left)
    _at_commit(tx, lambda: stage.observe(spent))
    return left


def conclude(tx: Tx, application: Application, judgement: Judgement) -> None:
    """Of the first round; the first that holds: something blocks, a warning is unread, it is filed.

    What later rounds come to is in `rounds`.
    """
    evaluation = judgement.evaluation
    application.region_code = judgement.institution.region_code or application.region_code
    count_findings(tx, evaluation)
    if evaluation.blocks:
        _fail_precheck(tx, application, evaluation.blocking)
    elif evaluation.to_acknowledge - set(application.acknowledged_warnings):
        ask_acknowledgement(tx, application)
    else:
        filing = Filing(
            judgement.sha256,
            RoutedInstitution.of(judgement.institution),
            judgement.steps,
            judgement.known,
        )
        submit(tx, application, filing, action=Action.SUBMIT, actor=None)


def count_findings(tx: Tx, evaluation: Evaluation) -> None:
    """Of every round, as they are told."""
    for finding in evaluation.findings:
        count = metrics.FINDINGS.labels(finding.rule_id, finding.severity.value)
        _at_commit(tx, count.inc)


def ask_acknowledgement(tx: Tx, application: Application) -> None:
    """Its warnings wait to be read, for so long."""
    advance(tx, application, Action.ASK_ACKNOWLEDGEMENT)
    waits = timedelta(hours=current_settings().acknowledgement_hours)
    application.acknowledge_by = clock.now() + waits


def submit(
    tx: Tx, application: Application, filing: Filing, *, action: Action, actor: UUID | None
) -> None:
    """Number it, freeze its steps into a case, tell everybody."""
    left = advance(tx, application, action)
    application.seq_no = _next_number(tx, application.region_code, clock.today())
    application.submitted_at = clock.business_now()
    application.snapshot_sha256 = filing.sha256
    application.acknowledge_by = None
    publish(
        tx,
        ApplicationSubmitted(
            **told(tx, application, left, actor=actor),
            seq_no=application.seq_no,
            as_of=application.as_of,
            snapshot_sha256=filing.sha256,
        ),
    )
    record(tx, "compliance.application_submitted", application)
    open_case(tx, _new_case(application, filing), filing.steps, known=filing.known)
    receipts.issue_filing(tx, application, steps=filing.steps)


def _new_case(application: Application, filing: Filing) -> NewCase:
    return NewCase(
        kind=_case_kind(application),
        institution_id=application.institution_id,
        institution_name=application.institution_name,
        region_code=application.region_code,
        subject_id=application.application_id,
        subject_version=application.version,
        title=application.institution_name,
        details={
            "application_kind": application.kind,
            "seq_no": application.seq_no,
            "as_of": application.as_of.isoformat(),
            "snapshot_sha256": filing.sha256,
        },
        routed_by=filing.institution,
    )


def _case_kind(application: Application) -> str:
    return DEREGISTRATION if application.kind == DEREGISTRATION else COMPLIANCE


def accept(
    tx: Tx, application: Application, step: CaseStep, *, on: date, actor: UUID | None
) -> None:
    """Taken up by its authority, or by the law when nobody acts."""
    step.accepted_by, step.accepted_on = actor, on
    left = advance(tx, application, Action.ACCEPT)
    publish(
        tx,
        ApplicationAccepted(
            **told(tx, application, left, actor=actor),
            case_id=step.case_id,
            authority_id=step.authority_id,
            accepted_on=on,
            is_deemed=actor is None,
        ),
    )


def settle(tx: Tx, application: Application, action: Action) -> None:
    """Decided: its data are the institution's again, unless it closes now."""
    advance(tx, application, action)
    if application.state in FINAL:
        unlock(tx, application)


def fail_gathering(tx: Tx, application: Application, missing: Sequence[str]) -> None:
    """Says which sections did not come, and gives the data back."""
    left = advance(tx, application, Action.FAIL_GATHERING)
    known = told(tx, application, left, actor=None)
    publish(tx, GatheringFailed(**known, missing_sections=tuple(missing)))
    record(tx, "compliance.gathering_failed", application)
    unlock(tx, application)


def lapse(tx: Tx, application: Application) -> None:
    """Its warnings were not read in time."""
    advance(tx, application, Action.LAPSE)
    application.acknowledge_by = None
    record(tx, "compliance.application_lapsed", application)
    unlock(tx, application)


def withdraw(tx: Tx, application: Application, *, actor: UUID) -> None:
    """Taken back by its institution."""
    left = advance(tx, application, Action.WITHDRAW)
    application.withdrawn_on = clock.today()
    application.acknowledge_by = None
    known = told(tx, application, left, actor=actor)
    publish(tx, ApplicationWithdrawn(**known, withdrawn_on=application.withdrawn_on))
    record(tx, "compliance.application_withdrawn", application)
    unlock(tx, application)


def unlock(tx: Tx, application: Application) -> None:
    """The owners give up the review locks that they hold for it. Harmless when repeated."""
    publish(
        tx,
        ReviewUnlocked(
            institution_id=application.institution_id,
            application_id=application.application_id,
            to_state=application.state,
        ),
    )


def _fail_precheck(tx: Tx, application: Application, blocking: Sequence[str]) -> None:
    left = advance(tx, application, Action.FAIL_PRECHECK)
    known = told(tx, application, left, actor=None)
    publish(tx, PrecheckFailed(**known, as_of=application.as_of, blocking=tuple(blocking)))
    record(tx, "compliance.precheck_failed", application)
    unlock(tx, application)


def told(tx: Tx, application: Application, left: str, *, actor: UUID | None) -> dict[str, Any]:
    """The members that all events of an application have."""
    tx.flush()  # the event carries the version after the change
    return {
        "version": application.version,
        "actor": actor,
        "from_state": left,
        "to_state": application.state,
        "application_id": application.application_id,
        "institution_id": application.institution_id,
        "kind": application.kind,
    }


def _next_number(tx: Tx, region_code: str, day: date) -> str:
    """County, day, and a number that is given once: the counter's row is locked until commit."""
    last = tx.connection().scalar(_COUNT, {"region_code": region_code, "day": day, "last": 1})
    return f"{region_code}{day:%Y%m%d}{last:06d}"


def record(tx: Tx, action: str, application: Application) -> None:
    audit.record(
        tx,
        action,
        object_type="application",
        object_id=application.application_id,
        institution_id=application.institution_id,
    )


def _at_commit(tx: Tx, effect: Callable[[], None]) -> None:
    """Measures only what came to stand."""
    event.listen(tx, "after_commit", lambda _session: effect(), once=True)
