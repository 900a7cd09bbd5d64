"""The event edge: news of what others own, requests for the section, the end of a review."""

from otsp_chassis.canonical import pack
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_chassis.locks import clear_lock, open_lock, set_lock
from otsp_chassis.outbox import publish
from otsp_contracts.compliance import (
    CaseDecided,
    CaseRouted,
    DeregistrationApproved,
    ReviewUnlocked,
    SnapshotRequested,
    SupplementRequested,
    WorkingYearEntered,
)
from otsp_contracts.compliance.rectification import RectificationClosed, RectificationOpened
from otsp_contracts.courses import CoursesClosingDone, CoursesSnapshotProvided
from otsp_contracts.institution import FeeItemChanged, ProfileChanged
from otsp_contracts.materials import MaterialChanged
from otsp_contracts.snapshots import CoursesSection, tab_label_zh
from otsp_contracts.staff import PersonChanged
from otsp_courses.commands import SCOPE, copies
from otsp_courses.commands.closing import end_teaching
from otsp_courses.commands.relocations import (
    Sites,
    file_relocations,
    forget_filed,
    settle_relocations,
)
from otsp_courses.snapshot import build_section, count_section

APPLICATIONS = frozenset({"compliance", "change"})


@on(ProfileChanged)
def keep_institution(tx: Tx, event: Received[ProfileChanged]) -> None:
    copies.keep_profile(tx, event.data)


@on(PersonChanged)
def keep_person(tx: Tx, event: Received[PersonChanged]) -> None:
    copies.keep_person(tx, event.data)


@on(MaterialChanged)
def keep_material(tx: Tx, event: Received[MaterialChanged]) -> None:
    copies.keep_material(tx, event.data)


@on(FeeItemChanged)
def keep_fee_item(tx: Tx, event: Received[FeeItemChanged]) -> None:
    copies.keep_fee_item(tx, event.data)


@on(WorkingYearEntered)
def keep_year(tx: Tx, event: Received[WorkingYearEntered]) -> None:
    copies.keep_year(tx, event.data)


@on(RectificationOpened)
def keep_rectification(tx: Tx, event: Received[RectificationOpened]) -> None:
    copies.keep_rectification(tx, event.data)


@on(RectificationClosed)
def end_rectification(tx: Tx, event: Received[RectificationClosed]) -> None:
    copies.keep_rectification(tx, event.data)


@on(CaseRouted)
def keep_case(tx: Tx, event: Received[CaseRouted]) -> None:
    copies.keep_case(tx, event.data)


@on(CaseDecided)
def close_case(tx: Tx, event: Received[CaseDecided]) -> None:
    """What a change application asked of sites is done with it."""
    decided = event.data
    copies.close_case(tx, decided)
    if decided.kind in APPLICATIONS:
        settle_relocations(
            tx, decided.institution_id, decided.subject_id, decision=decided.decision
        )


@on(SnapshotRequested, consistent_cut=lambda asked: asked.institution_id)
def provide_section(tx: Tx, event: Received[SnapshotRequested]) -> None:
    """Lock when it is for an application, then answer with the section as of this instant."""
    asked = event.data
    if CoursesSection.SECTION not in asked.sections:
        return
    if asked.purpose == "application" and asked.application_id is not None:
        set_lock(
            tx,
            institution_id=asked.institution_id,
            application_id=asked.application_id,
            scopes=[SCOPE],
            version=asked.version,
        )
    moving: Sites = {}
    if asked.application_kind == "change" and asked.application_id is not None:
        moving = file_relocations(tx, asked.institution_id, asked.application_id)
    section = build_section(tx.connection(), asked.institution_id, moving=moving)
    packed = pack(section.model_dump(mode="json"))
    provided = CoursesSnapshotProvided(
        request_id=asked.request_id,
        institution_id=asked.institution_id,
        application_id=asked.application_id,
        purpose=asked.purpose,
        section=CoursesSection.SECTION,
        version=count_section(tx, asked.institution_id),
        sha256=packed.sha256,
        encoding=packed.encoding,
        data=packed.data,
    )
    publish(tx, provided)


@on(SupplementRequested)
def open_what_is_asked(tx: Tx, event: Received[SupplementRequested]) -> None:
    open_lock(tx, event.data, scopes=[SCOPE], label=tab_label_zh)


@on(DeregistrationApproved, consistent_cut=lambda data: data.institution_id)
def close_institution(tx: Tx, event: Received[DeregistrationApproved]) -> None:
    """Asked again, nothing is left to end, and it is answered again."""
    asked = event.data
    if CoursesClosingDone.owner() in asked.services:
        ended = end_teaching(tx, asked.institution_id, on=asked.closes_on)
        publish(tx, CoursesClosingDone.answering(asked, ended))


@on(ReviewUnlocked)
def unlock(tx: Tx, event: Received[ReviewUnlocked]) -> None:
    told = event.data
    clear_lock(tx, institution_id=told.institution_id, application_id=told.application_id)
    if told.was_never_filed:
        forget_filed(tx, told.application_id)
