"""Writes: registering people, their coming and going, and the blacklist."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any, BinaryIO, ClassVar, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.files import AttachmentInfo, find_attachment, store_attachment
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.locks import guard_write
from otsp_chassis.pii import blind_index, encrypt
from otsp_chassis.problems import Conflict, Invalid, NotFound, OutsideJurisdiction
from otsp_chassis.reveals import Asked, Revealed, require_grounds, reveal
from otsp_contracts.values import FieldError, Mobile
from otsp_staff import queries
from otsp_staff.model import EXAMINED_IN, BlacklistEntry, CaseRef, SectionVersion, Staff
from otsp_staff.rules.employment import Terms, departure_faults, reinstatement_faults
from otsp_staff.rules.fields import Fields, clean_number, kind_of_id
from otsp_staff.rules.rows import Experience, Qual, StaffRow

SCOPE = "staff"
DEPARTURES = "departures"
"""Never locked: who must go may go while the institution is under review (§3.8)."""

_PLAIN = (
    "name",
    "sex",
    "nationality",
    "education",
    "graduated_from",
    "major",
    "staff_type",
    "employment",
    "contract_signed",
    "contract_no",
    "social_insurance",
    "precheck_clear",
    "annual_check_clear",
    "prohibited",
    "in_service_teacher",
    "inducted",
    "publicized",
    "in_china",
    "foreign_bio",
)
_DAYS = (
    "hired_on",
    "contract_from",
    "contract_to",
    "precheck_on",
    "annual_check_on",
    "in_service_declared_on",
    "inducted_on",
    "publicized_on",
    "work_permit_to",
    "residence_permit_to",
)
_FILES = ("photo_file_id", "contract_file_id", "precheck_proof_file_id")


class EntryExists(Conflict):
    slug: ClassVar[str] = "blacklist-entry-exists"
    title: ClassVar[str] = "The person is on the blacklist already"
    detail_zh: ClassVar[str] = "该人员已在从业人员黑名单中。"


def register_staff(principal: Principal, institution_id: UUID, fields: Fields) -> StaffRow:
    """A new person, or with `existing` one as in fact, employed or departed (decision D16)."""
    principal.require_own(institution_id)
    with transaction() as tx:
        guard_write(tx, institution_id, SCOPE)
        _require_files(tx, institution_id, fields)
        person = Staff(staff_id=new_id(), institution_id=institution_id)
        person.status = fields.get("status") or "employed"
        person.departed_on = _day(fields.get("departed_on"))
        person.depart_reason = fields.get("depart_reason")
        _fill(person, fields)
        tx.add(person)
        return _told(tx, person, "staff.registered")


def replace_staff(
    principal: Principal,
    institution_id: UUID,
    staff_id: UUID,
    *,
    fields: Fields,
    if_match: int | None,
) -> StaffRow:
    """All but the status. Personal data that answers only mask are kept when left out."""
    principal.require_own(institution_id)
    with transaction() as tx:
        guard_write(tx, institution_id, SCOPE)
        person = _get(tx, institution_id, staff_id)
        require_version(person.version, if_match)
        before = queries.get_staff(tx, institution_id, staff_id)
        _require_files(tx, institution_id, fields)
        _fill(person, fields)
        return _told(tx, person, "staff.changed", before=before)


def delete_staff(
    principal: Principal, institution_id: UUID, staff_id: UUID, *, if_match: int | None
) -> None:
    """Hidden, not erased: submitted snapshots may name the person."""
    principal.require_own(institution_id)
    with transaction() as tx:
        guard_write(tx, institution_id, SCOPE)
        person = _get(tx, institution_id, staff_id)
        require_version(person.version, if_match)
        before = queries.get_staff(tx, institution_id, staff_id)
        person.deleted_at = clock.now()
        audit.record(
            tx,
            "staff.deleted",
            object_type="staff",
            object_id=staff_id,
            institution_id=institution_id,
            before=asdict(before),
        )


def depart_staff(
    principal: Principal, institution_id: UUID, staff_id: UUID, *, departed_on: date, reason: str
) -> StaffRow:
    """Allowed under review too; then the trail names the application it came after."""
    principal.require_own(institution_id)
    with transaction() as tx:
        guard_write(tx, institution_id, DEPARTURES)
        person = _get(tx, institution_id, staff_id)
        before = queries.get_staff(tx, institution_id, staff_id)
        person.depart(departed_on=departed_on, reason=reason)
        _refuse(departure_faults(person.hired_on, departed_on))
        review = queries.find_review(tx, institution_id)
        after_snapshot = f"after the snapshot of application {review}" if review else None
        return _told(tx, person, "staff.departed", before=before, reason=after_snapshot)


def reinstate_staff(
    principal: Principal, institution_id: UUID, staff_id: UUID, *, fields: Fields
) -> StaffRow:
    """Back to employed on new terms; the guards of §3.6 apply, unlike to a first entry."""
    principal.require_own(institution_id)
    terms = Terms(
        hired_on=date.fromisoformat(fields["hired_on"]),
        contract_signed=fields["contract_signed"],
        precheck_on=date.fromisoformat(fields["precheck_on"]),
        precheck_clear=fields["precheck_clear"],
    )
    with transaction() as tx:
        guard_write(tx, institution_id, SCOPE)
        person = _get(tx, institution_id, staff_id)
        before = queries.get_staff(tx, institution_id, staff_id)
        left_on = person.departed_on
        person.reinstate()
        _refuse(reinstatement_faults(left_on, terms))
        _require_files(tx, institution_id, fields)
        person.hired_on, person.contract_signed = terms.hired_on, terms.contract_signed
        person.precheck_on, person.precheck_clear = terms.precheck_on, terms.precheck_clear
        person.employment = fields.get("employment") or person.employment
        person.contract_no = fields.get("contract_no")
        person.contract_from = _day(fields.get("contract_from"))
        person.contract_to = _day(fields.get("contract_to"))
        person.contract_file_id = _uuid(fields.get("contract_file_id"))
        person.precheck_proof_file_id = _uuid(fields.get("precheck_proof_file_id"))
        return _told(tx, person, "staff.reinstated", before=before)


def reveal_staff(
    principal: Principal, institution_id: UUID, staff_id: UUID, *, asked: Asked
) -> Revealed:
    """What answers mask of one person, in clear."""
    with transaction() as tx:
        grounds = require_grounds(
            tx, principal, asked, institution_id=institution_id, cases=CaseRef, kinds=EXAMINED_IN
        )
        values = queries.in_clear(tx, institution_id, staff_id, names=asked.fields)
        return reveal(tx, grounds, values, object_type="staff", object_id=staff_id)


def store_file(
    principal: Principal, institution_id: UUID, *, name: str, content_type: str, stream: BinaryIO
) -> AttachmentInfo:
    """A photo or scan, to be named in a person's fields afterwards."""
    principal.require_own(institution_id)
    return store_attachment(
        institution_id=institution_id, name=name, content_type=content_type, stream=stream
    )


def blacklist_person(principal: Principal, fields: Fields) -> queries.EntryRow:
    """From now on the person is flagged at every institution, present and future ones alike.

    Nothing is written at the institutions: they are matched by blind index when read. Raises
    EntryExists while an unrevoked entry for the number stands.
    """
    authority = _authority(principal)
    number = clean_number(fields["id_type"], fields["id_no"])
    with transaction(conflicts={"uq_blacklist_entry_id_index": EntryExists}) as tx:
        entry = BlacklistEntry(
            entry_id=new_id(),
            id_type=fields["id_type"],
            id_no_sealed=encrypt(number),
            id_index=blind_index(number),
            name_sealed=encrypt(fields["name"]),
            reason=fields["reason"],
            basis_doc=fields["basis_doc"],
            decided_on=date.fromisoformat(fields["decided_on"]),
            decided_by=authority.authority_id,
            region_code=authority.region_code,
        )
        tx.add(entry)
        return _told_entry(tx, entry, "staff.blacklisted")


def revoke_entry(
    principal: Principal, entry_id: UUID, *, revoked_on: date, reason: str
) -> queries.EntryRow:
    """Only within the jurisdiction in which it was decided."""
    authority = _authority(principal)
    with transaction() as tx:
        entry = tx.get(BlacklistEntry, entry_id, with_for_update=True)
        if entry is None:
            raise NotFound
        principal.require_jurisdiction(entry.region_code)
        entry.revoke(revoked_on=revoked_on, revoked_by=authority.authority_id, reason=reason)
        return _told_entry(tx, entry, "staff.blacklist_entry_revoked")


def next_section_version(tx: Tx, institution_id: UUID) -> int:
    """Called under the institution's cut, hence by one at a time."""
    first = {"institution_id": institution_id, "version": 1}
    counted: int = tx.execute(_COUNT, first).scalar_one()
    return counted


_COUNTERS = cast("Table", SectionVersion.__table__)
_COUNT = (
    insert(_COUNTERS)
    .on_conflict_do_update(
        index_elements=["institution_id"], set_={"version": _COUNTERS.c.version + 1}
    )
    .returning(_COUNTERS.c.version)
)


def _get(tx: Tx, institution_id: UUID, staff_id: UUID) -> Staff:
    person = tx.get(Staff, staff_id, with_for_update=True)
    if person is None or person.institution_id != institution_id or person.deleted_at is not None:
        raise NotFound
    return person


def _told(
    tx: Tx,
    person: Staff,
    action: str,
    *,
    before: StaffRow | None = None,
    reason: str | None = None,
) -> StaffRow:
    """The row as it now stands, read back with its flags, and the audit entry of the change."""
    tx.flush()
    after = queries.get_staff(tx, person.institution_id, person.staff_id)
    audit.record(
        tx,
        action,
        object_type="staff",
        object_id=person.staff_id,
        institution_id=person.institution_id,
        before=asdict(before) if before else None,
        after=asdict(after),
        reason=reason,
    )
    return after


def _told_entry(tx: Tx, entry: BlacklistEntry, action: str) -> queries.EntryRow:
    tx.flush()
    row = queries.get_entry(tx, entry.entry_id)
    audit.record(
        tx,
        action,
        object_type="blacklist_entry",
        object_id=entry.entry_id,
        after=asdict(row),
        reason=row.revocation_reason,
    )
    return row


def _authority(principal: Principal) -> AuthorityClaim:
    if principal.authority is None:
        raise OutsideJurisdiction
    return principal.authority


def _refuse(faults: Iterator[FieldError]) -> None:
    errors = list(faults)
    if errors:
        raise Invalid(errors=errors)


def _require_files(tx: Tx, institution_id: UUID, fields: Fields) -> None:
    """A file is named by the id that the upload answered, and is the institution's own."""
    named = {f"/{name}": fields.get(name) for name in _FILES}
    for index, qual in enumerate(fields.get("quals") or []):
        named[f"/quals/{index}/scan_file_id"] = qual.get("scan_file_id")
    _refuse(
        FieldError(pointer, "unknown_file", "没有这个文件，请先上传。")
        for pointer, file_id in named.items()
        if file_id is not None and find_attachment(tx, institution_id, UUID(file_id)) is None
    )


def _fill(person: Staff, fields: Fields) -> None:
    for name in _PLAIN:
        setattr(person, name, fields.get(name))
    for name in _DAYS:
        setattr(person, name, _day(fields.get(name)))
    for name in _FILES:
        setattr(person, name, _uuid(fields.get(name)))
    person.teach_subjects = fields.get("teach_subjects") or []
    person.teach_stages = fields.get("teach_stages") or []
    person.teach_experience = [_experience(post) for post in fields.get("teach_experience") or []]
    person.quals = [_qual(qual) for qual in fields.get("quals") or []]
    _fill_sealed(person, fields)


def _fill_sealed(person: Staff, fields: Fields) -> None:
    """Absent means kept, null means erased: an editor never sees what stands there."""
    if "id_no" in fields:
        person.id_type, number = kind_of_id(fields), fields["id_no"]
        cleaned = None if number is None else clean_number(person.id_type, number)
        person.id_no_sealed = _sealed(cleaned)
        person.id_index = None if cleaned is None else blind_index(cleaned)
    elif "id_type" in fields:
        person.id_type = fields["id_type"]
    if "mobile" in fields:
        mobile = fields["mobile"]
        person.mobile_sealed = _sealed(None if mobile is None else str(Mobile.parse(mobile)))
    kinds = fields.get("prohibited_kind")
    if kinds:
        person.prohibited = True
        person.prohibited_kind_sealed = encrypt(",".join(kinds))
    elif "prohibited_kind" in fields or not person.prohibited:
        person.prohibited_kind_sealed = None
    for name in ("political_status", "work_permit_no"):
        if name in fields:
            setattr(person, f"{name}_sealed", _sealed(fields[name]))


def _sealed(text: str | None) -> bytes | None:
    return None if text is None else encrypt(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _qual(qual: dict[str, Any]) -> Qual:
    return Qual(
        type=qual["type"],
        cert_no=qual.get("cert_no"),
        stage=qual.get("stage"),
        subject=qual.get("subject"),
        issuer=qual.get("issuer"),
        issued_on=qual.get("issued_on"),
        valid_to=qual.get("valid_to"),
        scan_file_id=qual.get("scan_file_id"),
    )


def _experience(post: dict[str, Any]) -> Experience:
    return Experience(
        {
            "from": post.get("from"),
            "to": post.get("to"),
            "org": post.get("org"),
            "post": post.get("post"),
        }
    )
