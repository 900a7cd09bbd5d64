"""What others keep of compliance: review locks of its applications, with whom cases lie, what is
to be put right, which files the public register names.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_compliance.commands.calendar import as_entered
from otsp_compliance.commands.casework import as_routed
from otsp_compliance.commands.gathering import request_for
from otsp_compliance.commands.rectification import as_closed, as_opened
from otsp_compliance.commands.register import as_named
from otsp_compliance.commands.rounds import as_requested, newest_notice
from otsp_compliance.model import (
    Application,
    Gathering,
    PublicPictures,
    Rectification,
    ReviewCase,
    WorkingYear,
)
from otsp_compliance.rules.states import FINAL, State
from otsp_contracts.compliance import (
    CaseRouted,
    ReviewUnlocked,
    SnapshotRequested,
    SupplementRequested,
    WorkingYearEntered,
)
from otsp_contracts.compliance.rectification import RectificationClosed, RectificationOpened
from otsp_contracts.compliance.register import PublicPicturesChanged
from otsp_contracts.snapshots import SECTIONS


@republishes(
    SnapshotRequested,
    SupplementRequested,
    ReviewUnlocked,
    root=Application,
    kept_as="review_lock",
)
def applications(
    tx: Tx, application_ids: Sequence[UUID]
) -> Iterator[SnapshotRequested | SupplementRequested | ReviewUnlocked]:
    """Of each institution the newest: its locks are set while it is open, opened for what a notice
    asks, and given up after.

    There is no other way to lock than to ask for the sections; those that come of it change
    nothing once the gathering is over.
    """
    newer = aliased(Application)
    is_newest = ~exists().where(
        newer.institution_id == Application.institution_id,
        newer.application_id > Application.application_id,
    )
    these = (
        select(Application, Gathering)
        .join(Gathering, Gathering.request_id == Application.request_id)
        .where(Application.application_id.in_(application_ids), is_newest)
        .order_by(Application.application_id)
    )
    for application, gathering in tx.execute(these):
        if application.state in FINAL:
            yield ReviewUnlocked(
                institution_id=application.institution_id,
                application_id=application.application_id,
                to_state=application.state,
            )
        else:
            yield request_for(gathering, application, tuple(SECTIONS))
            if application.state == State.SUPPLEMENTING:
                yield as_requested(tx, application, newest_notice(tx, application))


@republishes(PublicPicturesChanged, root=PublicPictures, kept_as="public_picture_ref")
def public_pictures(tx: Tx, institution_ids: Sequence[UUID]) -> Iterator[PublicPicturesChanged]:
    """Of who left the register that nothing is named."""
    these = select(PublicPictures).where(PublicPictures.institution_id.in_(institution_ids))
    for pictures in tx.scalars(these.order_by(PublicPictures.institution_id)):
        yield as_named(pictures)


@republishes(CaseRouted, root=ReviewCase, kept_as="case_ref")
def cases(tx: Tx, case_ids: Sequence[UUID]) -> Iterator[CaseRouted]:
    """Decided ones too, so that a copy that missed the end is closed: the decision itself is not
    told again, because a round that was decided long ago must not settle the one that is open.
    """
    these = select(ReviewCase).where(ReviewCase.case_id.in_(case_ids)).order_by(ReviewCase.case_id)
    for case in tx.scalars(these):
        if case.authority_id is not None:
            yield as_routed(case, case.authority_id, actor=None)


@republishes(
    RectificationOpened, RectificationClosed, root=Rectification, kept_as="rectification_ref"
)
def rectifications(
    tx: Tx, rectification_ids: Sequence[UUID]
) -> Iterator[RectificationOpened | RectificationClosed]:
    """Those that are over too, so that a copy that missed the end is closed."""
    these = select(Rectification).where(Rectification.rectification_id.in_(rectification_ids))
    for task in tx.scalars(these.order_by(Rectification.rectification_id)):
        if task.closed_on is None:
            yield as_opened(task, actor=None)
        else:
            yield as_closed(task, task.closed_on, actor=None)


@republishes(WorkingYearEntered, root=WorkingYear, kept_as="calendar_ref")
def working_years(tx: Tx, year_ids: Sequence[UUID]) -> Iterator[WorkingYearEntered]:
    """Years that nobody entered are known to every service from the same package."""
    these = select(WorkingYear).where(WorkingYear.year_id.in_(year_ids))
    for entered in tx.scalars(these.order_by(WorkingYear.year_id)):
        yield as_entered(tx, entered, actor=None)
