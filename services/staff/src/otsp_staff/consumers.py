"""The event edge of the staff service: it gives its section and holds the review lock."""

from otsp_chassis.canonical import pack
from otsp_chassis.copies import keep_newer
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
from otsp_contracts.compliance.register import PublicPicturesChanged
from otsp_contracts.courses import ClassChanged
from otsp_contracts.institution import ProfileChanged
from otsp_contracts.snapshots import StaffSection, tab_label_zh
from otsp_contracts.staff import StaffClosingDone, StaffSnapshotProvided
from otsp_staff.commands.closing import end_employments
from otsp_staff.commands.sections import next_section_version, note_snapshot
from otsp_staff.commands.writing import SCOPE
from otsp_staff.model import CalendarRef, CaseRef, ClassRef, InstitutionRef
from otsp_staff.queries.files import PHOTOS
from otsp_staff.snapshot import build_section

_INSTITUTION = {"institution_id", "version", "region_code", "registration_status", "name"}
_INSTITUTION |= {"compliance_status"}
_CLASS = {"class_id", "institution_id", "version", "status", "removed"}
_CASE = {"case_id", "version", "institution_id", "kind"}


@on(ProfileChanged)
def keep_institution(tx: Tx, event: Received[ProfileChanged]) -> None:
    told = event.data.model_dump(include=_INSTITUTION)
    keep_newer(tx, InstitutionRef, key="institution_id", values=told)


@on(PublicPicturesChanged)
def keep_public_photos(tx: Tx, event: Received[PublicPicturesChanged]) -> None:
    told = event.data
    PHOTOS.keep(tx, told.institution_id, version=told.version, file_ids=list(told.photo_file_ids))


@on(WorkingYearEntered)
def keep_year(tx: Tx, event: Received[WorkingYearEntered]) -> None:
    keep_newer(tx, CalendarRef, key="year_id", values=event.data.model_dump(exclude={"actor"}))


@on(ClassChanged)
def keep_class(tx: Tx, event: Received[ClassChanged]) -> None:
    told = event.data.model_dump(include=_CLASS)
    told["lead_teacher_ids"] = list(event.data.lead_teacher_ids)
    keep_newer(tx, ClassRef, key="class_id", values=told)


@on(CaseRouted)
def keep_case(tx: Tx, event: Received[CaseRouted]) -> None:
    told = event.data.model_dump(include={*_CASE, "authority_id", "state"})
    keep_newer(tx, CaseRef, key="case_id", values=told)


@on(CaseDecided)
def close_case(tx: Tx, event: Received[CaseDecided]) -> None:
    told = event.data.model_dump(include=_CASE) | {"state": "decided"}
    keep_newer(tx, CaseRef, key="case_id", values=told)


@on(SnapshotRequested, consistent_cut=lambda data: data.institution_id)
def provide_section(tx: Tx, event: Received[SnapshotRequested]) -> None:
    """Lock if it is for an application, and answer; a second request is answered again."""
    asked = event.data
    if StaffSection.SECTION not in asked.sections:
        return
    if asked.purpose == "application" and asked.application_id is not None:
        set_lock(
            tx,
            institution_id=asked.institution_id,
            application_id=asked.application_id,
            scopes=[SCOPE],
            version=asked.version,
        )
        note_snapshot(tx, asked.institution_id)
    section = build_section(tx.connection(), asked.institution_id, asked.as_of)
    packed = pack(section.model_dump(mode="json"))
    publish(
        tx,
        StaffSnapshotProvided(
            request_id=asked.request_id,
            institution_id=asked.institution_id,
            application_id=asked.application_id,
            purpose=asked.purpose,
            section=StaffSection.SECTION,
            version=next_section_version(tx, asked.institution_id),
            sha256=packed.sha256,
            encoding=packed.encoding,
            data=packed.data,
        ),
    )


@on(SupplementRequested)
def open_what_is_asked(tx: Tx, event: Received[SupplementRequested]) -> None:
    open_lock(tx, event.data, scopes=[SCOPE], label=tab_label_zh)


@on(DeregistrationApproved, consistent_cut=lambda data: data.institution_id)
def close_institution(tx: Tx, event: Received[DeregistrationApproved]) -> None:
    """Asked again, nobody is left to depart, and it is answered again."""
    asked = event.data
    if StaffClosingDone.owner() in asked.services:
        ended = end_employments(tx, asked.institution_id, on=asked.closes_on)
        publish(tx, StaffClosingDone.answering(asked, ended))


@on(ReviewUnlocked)
def release_lock(tx: Tx, event: Received[ReviewUnlocked]) -> None:
    clear_lock(
        tx, institution_id=event.data.institution_id, application_id=event.data.application_id
    )
