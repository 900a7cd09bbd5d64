"""What this service does when others tell of something."""

from otsp_chassis.canonical import pack
from otsp_chassis.copies import keep_newer
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_chassis.locks import clear_lock, open_lock, set_lock
from otsp_chassis.outbox import publish
from otsp_contracts.auth import AccountActivated, AccountMigrated, AccountsMerged
from otsp_contracts.compliance import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CaseDecided,
    CaseRouted,
    DecisionSetAside,
    DeregistrationApproved,
    DeregistrationCompleted,
    ReviewUnlocked,
    SnapshotRequested,
    SupplementRequested,
)
from otsp_contracts.compliance.rectification import RectificationClosed, RectificationOpened
from otsp_contracts.compliance.register import PublicPicturesChanged
from otsp_contracts.courses import CoursesCountersChanged
from otsp_contracts.institution import InstitutionClosingDone, InstitutionSnapshotProvided
from otsp_contracts.snapshots import InstitutionSection, tab_label_zh
from otsp_contracts.staff import StaffCountersChanged
from otsp_institution.commands.closing import close_institution, deregister
from otsp_institution.commands.entry import prepare
from otsp_institution.commands.migration import admit_migrated, follow_merge
from otsp_institution.commands.proposals import file_change, forget_filed_change
from otsp_institution.commands.standing import (
    follow_filing,
    follow_outcome,
    follow_setting_aside,
    keep_seats,
    settle_registration,
)
from otsp_institution.model import CaseRef, CoursesCountersRef, RectificationRef, StaffCountersRef
from otsp_institution.queries.files import LOGOS
from otsp_institution.queries.proposals import NOTHING
from otsp_institution.snapshot import build_section, count_section

LOCKED_SCOPES = ("institution", "funds")
_CASE = {"case_id", "version", "institution_id", "kind"}
_RECTIFICATION = {"rectification_id", "version", "institution_id", "kind", "issued_on"}
_COUNTED = {"institution_id", "version"}
_APPLICATION_KINDS = frozenset({"compliance", "change", "deregistration"})
_REVIEWS_OF_ITSELF = _APPLICATION_KINDS | {"registration"}


@on(AccountActivated)
def prepare_draft(tx: Tx, event: Received[AccountActivated]) -> None:
    prepare(tx, event.data.institution_id)


@on(AccountMigrated)
def enter_migrated(tx: Tx, event: Received[AccountMigrated]) -> None:
    admit_migrated(tx, event.data)


@on(AccountsMerged)
def merge_institutions(tx: Tx, event: Received[AccountsMerged]) -> None:
    follow_merge(tx, event.data)


@on(CaseRouted)
def keep_case(tx: Tx, event: Received[CaseRouted]) -> None:
    told = event.data.model_dump(include={*_CASE, "authority_id", "state"})
    keep_newer(tx, CaseRef, key="case_id", values=told)


@on(RectificationOpened)
def keep_rectification(tx: Tx, event: Received[RectificationOpened]) -> None:
    _keep_rectification(tx, event.data, is_over=False)


@on(RectificationClosed)
def end_rectification(tx: Tx, event: Received[RectificationClosed]) -> None:
    _keep_rectification(tx, event.data, is_over=True)


@on(PublicPicturesChanged)
def keep_public_logo(tx: Tx, event: Received[PublicPicturesChanged]) -> None:
    told = event.data
    logos = [] if told.logo_file_id is None else [told.logo_file_id]
    LOGOS.keep(tx, told.institution_id, version=told.version, file_ids=logos)


def _keep_rectification(
    tx: Tx, told: RectificationOpened | RectificationClosed, *, is_over: bool
) -> None:
    values = told.model_dump(include=_RECTIFICATION) | {"is_over": is_over}
    keep_newer(tx, RectificationRef, key="rectification_id", values=values)


@on(StaffCountersChanged)
def keep_staff_total(tx: Tx, event: Received[StaffCountersChanged]) -> None:
    told = event.data
    values = told.model_dump(include=_COUNTED) | {"employed": told.counters.employed}
    keep_newer(tx, StaffCountersRef, key="institution_id", values=values)


@on(CoursesCountersChanged)
def keep_student_total(tx: Tx, event: Received[CoursesCountersChanged]) -> None:
    told = event.data
    values = told.model_dump(include=_COUNTED) | {"enrolled": told.counters.enrolled}
    keep_newer(tx, CoursesCountersRef, key="institution_id", values=values)


@on(CaseDecided)
def apply_decision(tx: Tx, event: Received[CaseDecided]) -> None:
    """Cases about materials are their owner's business; that they are over is known here too."""
    decided = event.data
    told = decided.model_dump(include=_CASE) | {"state": "decided"}
    keep_newer(tx, CaseRef, key="case_id", values=told)
    if decided.kind == "registration":
        settle_registration(tx, decided)
    elif decided.kind in _APPLICATION_KINDS:
        follow_outcome(
            tx,
            decided.institution_id,
            decided.subject_id,
            kind=decided.kind,
            decision=decided.decision,
            actor=decided.actor,
        )
    if decided.decision == "approved" and decided.kind in _REVIEWS_OF_ITSELF:
        keep_seats(tx, decided)


@on(DecisionSetAside)
def note_setting_aside(tx: Tx, event: Received[DecisionSetAside]) -> None:
    follow_setting_aside(tx, event.data)


@on(ApplicationSubmitted)
def note_filing(tx: Tx, event: Received[ApplicationSubmitted]) -> None:
    filed = event.data
    follow_filing(tx, filed.institution_id, filed.application_id, kind=filed.kind)


@on(ApplicationWithdrawn)
def note_withdrawal(tx: Tx, event: Received[ApplicationWithdrawn]) -> None:
    over = event.data
    follow_outcome(
        tx,
        over.institution_id,
        over.application_id,
        kind=over.kind,
        decision="withdrawn",
        actor=over.actor,
    )


@on(SnapshotRequested, consistent_cut=lambda data: data.institution_id)
def provide_section(tx: Tx, event: Received[SnapshotRequested]) -> None:
    """Lock, then answer with everything as of one instant.

    An institution that is not known here is an error, retried and then set aside: its row may
    still be on its way, and an empty section would be judged.
    """
    asked = event.data
    if InstitutionSection.SECTION not in asked.sections:
        return
    proposed = NOTHING
    if asked.application_kind == "change" and asked.application_id is not None:
        proposed = file_change(tx, asked.institution_id, asked.application_id)
    section = build_section(tx.connection(), asked.institution_id, asked.as_of, proposed=proposed)
    if asked.purpose == "application":
        if asked.application_id is None:
            raise ValueError("an application's snapshot was requested without its id")
        set_lock(
            tx,
            institution_id=asked.institution_id,
            application_id=asked.application_id,
            scopes=LOCKED_SCOPES,
            version=asked.version,
        )
    packed = pack(section.model_dump(mode="json"))
    publish(
        tx,
        InstitutionSnapshotProvided(
            request_id=asked.request_id,
            institution_id=asked.institution_id,
            application_id=asked.application_id,
            purpose=asked.purpose,
            section=InstitutionSection.SECTION,
            version=count_section(tx, asked.institution_id),
            sha256=packed.sha256,
            encoding=packed.encoding,
            data=packed.data,
        ),
    )


@on(SupplementRequested)
def open_what_is_asked(tx: Tx, event: Received[SupplementRequested]) -> None:
    open_lock(tx, event.data, scopes=LOCKED_SCOPES, label=tab_label_zh)


@on(DeregistrationApproved, consistent_cut=lambda data: data.institution_id)
def close(tx: Tx, event: Received[DeregistrationApproved]) -> None:
    """Asked again, nothing is left to end, and it is answered again."""
    asked = event.data
    if InstitutionClosingDone.owner() in asked.services:
        ended = close_institution(tx, asked)
        publish(tx, InstitutionClosingDone.answering(asked, ended))


@on(DeregistrationCompleted)
def note_end(tx: Tx, event: Received[DeregistrationCompleted]) -> None:
    deregister(tx, event.data)


@on(ReviewUnlocked)
def release_lock(tx: Tx, event: Received[ReviewUnlocked]) -> None:
    told = event.data
    clear_lock(tx, institution_id=told.institution_id, application_id=told.application_id)
    if told.was_never_filed:
        forget_filed_change(tx, told.application_id)
