"""The event edge of the materials service: decisions come in, sections go out."""

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
)
from otsp_contracts.institution import ProfileChanged
from otsp_contracts.materials import MaterialsClosingDone, MaterialsSnapshotProvided
from otsp_contracts.snapshots import MaterialsSection, tab_label_zh
from otsp_materials.commands import reviews
from otsp_materials.commands.closing import archive_all
from otsp_materials.commands.sections import next_section_version
from otsp_materials.commands.writing import SCOPE
from otsp_materials.model import CaseRef, InstitutionRef
from otsp_materials.snapshot import build_section

_INSTITUTION = {"institution_id", "version", "region_code", "registration_status"}
_CASE = {"case_id", "version", "institution_id", "kind", "subject_id"}


@on(CaseRouted)
def keep_case(tx: Tx, event: Received[CaseRouted]) -> None:
    told = event.data.model_dump(include={*_CASE, "authority_id", "state"})
    keep_newer(tx, CaseRef, key="case_id", values=told)


@on(CaseDecided)
def record_external_review(tx: Tx, event: Received[CaseDecided]) -> None:
    """The case is over; the decision on a material is ours, those on other things are not."""
    told = event.data.model_dump(include=_CASE) | {"state": "decided"}
    keep_newer(tx, CaseRef, key="case_id", values=told)
    if event.data.kind == reviews.CASE_KIND:
        reviews.record_external_review(tx, event.data)


@on(ProfileChanged)
def keep_institution(tx: Tx, event: Received[ProfileChanged]) -> None:
    told = event.data.model_dump(include=_INSTITUTION)
    keep_newer(tx, InstitutionRef, key="institution_id", values=told)


@on(SnapshotRequested, consistent_cut=lambda data: data.institution_id)
def provide_section(tx: Tx, event: Received[SnapshotRequested]) -> None:
    """Lock if it is for an application, and answer; a second request is answered again."""
    asked = event.data
    if MaterialsSection.SECTION not in asked.sections:
        return
    if asked.purpose == "application" and asked.application_id is not None:
        set_lock(
            tx,
            institution_id=asked.institution_id,
            application_id=asked.application_id,
            scopes=[SCOPE],
            version=asked.version,
        )
    section = build_section(tx.connection(), asked.institution_id, asked.as_of)
    packed = pack(section.model_dump(mode="json"))
    publish(
        tx,
        MaterialsSnapshotProvided(
            request_id=asked.request_id,
            institution_id=asked.institution_id,
            application_id=asked.application_id,
            purpose=asked.purpose,
            section=MaterialsSection.SECTION,
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
    """Asked again, nothing is left to archive, and it is answered again."""
    asked = event.data
    if MaterialsClosingDone.owner() in asked.services:
        ended = archive_all(tx, asked.institution_id, on=asked.closes_on)
        publish(tx, MaterialsClosingDone.answering(asked, ended))


@on(ReviewUnlocked)
def release_lock(tx: Tx, event: Received[ReviewUnlocked]) -> None:
    clear_lock(
        tx, institution_id=event.data.institution_id, application_id=event.data.application_id
    )
