"""Rounds of an application under review: opened by a notice, ended by what its answer comes to.

The application is locked by the caller; its case is locked here, after it.
"""

from uuid import UUID

from sqlalchemy import Select, select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_compliance.commands import clocks, receipts, steps, submission
from otsp_compliance.commands.judging import Judgement, recall
from otsp_compliance.model import Application, Notice, NoticeItem, ReviewCase
from otsp_compliance.model.cases import OPEN
from otsp_compliance.queries.sealed import blocking_pointers, sealed_file
from otsp_compliance.rules.notices import Place, place_of, reopened_until
from otsp_compliance.rules.states import Action, State, after_evaluation
from otsp_contracts.compliance import SupplementRequested, UnlockedPart
from otsp_contracts.snapshots import TABS


def is_under_review(application: Application) -> bool:
    """Its first round is over: what is gathered now answers a notice."""
    return application.submitted_at is not None


def lapse_unanswered(tx: Tx, application_id: UUID) -> None:
    """Its notice was not answered in time; repeated, it changes nothing."""
    application = tx.get_one(Application, application_id, with_for_update=True)
    if application.state != State.SUPPLEMENTING:
        return
    if newest_notice(tx, application).due_on < clock.today():
        lapse(tx, application)


def conclude(tx: Tx, application: Application, judgement: Judgement) -> None:
    """What is judged of an answer: not enough, with warnings to be read, or reviewed further."""
    evaluation = judgement.evaluation
    submission.count_findings(tx, evaluation)
    action = after_evaluation(
        blocks=evaluation.blocks,
        has_unacknowledged_warnings=bool(
            evaluation.to_acknowledge - set(application.acknowledged_warnings)
        ),
        after_supplement=True,
    )
    if action == Action.REOPEN_SUPPLEMENT:
        _reopen(tx, application, action)
    elif action == Action.ASK_ACKNOWLEDGEMENT:
        submission.ask_acknowledgement(tx, application)
    else:
        resume(tx, application, action)


def reopen_after_gathering(tx: Tx, application: Application) -> None:
    """Sections did not come in time, through no fault of the institution: it has a day more."""
    notice = newest_notice(tx, application)
    notice.due_on = reopened_until(notice.due_on, clock.today())
    _reopen(tx, application, Action.REOPEN_AFTER_GATHERING)


def resume(tx: Tx, application: Application, action: Action) -> None:
    """Back to the same step, on the new snapshot, with a receipt of it; its time counts again."""
    submission.advance(tx, application, action)
    application.acknowledge_by = None
    application.snapshot_sha256 = recall(tx, application.request_id).sha256
    case = tx.scalars(_case_of(application)).one()
    case.details = {**case.details, "snapshot_sha256": application.snapshot_sha256}
    clocks.resume(tx, case, on=clock.today())
    submission.record(tx, "compliance.review_resumed", application)
    receipts.issue_supplement(tx, application, newest_notice(tx, application))


def lapse(tx: Tx, application: Application) -> None:
    """Nothing came in time: the application is over, and so is its case where there is one."""
    submission.lapse(tx, application)
    case = tx.scalars(_case_of(application)).one_or_none()
    if case is not None:
        steps.end(tx, case, steps.Ending("lapsed", clock.today(), None, None, None))


def newest_notice(tx: Tx, application: Application) -> Notice:
    """The one of the present round; the application's lock guards it. There must have been one."""
    own = Notice.application_id == application.application_id
    query = select(Notice).where(own).order_by(Notice.round.desc()).limit(1)
    return tx.scalars(query).one()


def tell_requested(
    tx: Tx, application: Application, notice: Notice, *, left: str, actor: UUID | None
) -> None:
    """Its owners open what is asked."""
    tx.flush()  # the event carries the version after the change
    told = as_requested(tx, application, notice)
    publish(tx, told.model_copy(update={"from_state": left, "actor": actor}))


def as_requested(tx: Tx, application: Application, notice: Notice) -> SupplementRequested:
    """What may be written now, as it stands."""
    return SupplementRequested(
        version=application.version,
        to_state=application.state,
        application_id=application.application_id,
        institution_id=application.institution_id,
        kind=application.kind,
        case_id=notice.case_id,
        round=notice.round,
        due_on=notice.due_on,
        unlocked=tuple(_unlocked(tx, application, notice)),
    )


def _unlocked(tx: Tx, application: Application, notice: Notice) -> list[UnlockedPart]:
    """What the notice names, and what blocks its answer: nothing else could cure that.

    What is typed of a closing lies with no owner; it comes with the answer (`corrections`).
    """
    items = select(NoticeItem.part, NoticeItem.object_id).where(
        NoticeItem.notice_id == notice.notice_id
    )
    places = [Place(*row) for row in tx.execute(items.order_by(NoticeItem.position))]
    if application.request_id != notice.request_id:
        file = sealed_file(tx, application.request_id)
        found = [place_of(file, each) for each in blocking_pointers(tx, application.request_id)]
        places += [each for each in found if each is not None]
    return [
        UnlockedPart(section=TABS[each.part].section, part=each.part, object_id=each.object_id)
        for each in dict.fromkeys(places)
        if each.part in TABS
    ]


def _reopen(tx: Tx, application: Application, action: Action) -> None:
    """The same round at the same step (decision D20)."""
    notice = newest_notice(tx, application)
    left = submission.advance(tx, application, action)
    notice.reopen()
    tell_requested(tx, application, notice, left=left, actor=None)
    audit.record(
        tx,
        "compliance.supplement_reopened",
        object_type="notice",
        object_id=notice.notice_id,
        institution_id=application.institution_id,
    )


def _case_of(application: Application) -> Select[ReviewCase]:
    this = ReviewCase.subject_id == application.application_id
    return select(ReviewCase).where(this, ReviewCase.state == OPEN).with_for_update()
