"""Entering persons on the blacklist, and revoking entries."""

from dataclasses import asdict
from datetime import date
from typing import ClassVar
from uuid import UUID

from otsp_chassis import audit, counters
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, encrypt
from otsp_chassis.problems import Conflict, NotFound, OutsideJurisdiction
from otsp_staff.commands.matching import note_matches
from otsp_staff.model import BlacklistEntry
from otsp_staff.queries import blacklist as queries
from otsp_staff.rules.fields import Fields, clean_number


class EntryExists(Conflict):
    slug: ClassVar[str] = "blacklist-entry-exists"
    title: ClassVar[str] = "The person is on the blacklist already"
    detail_zh: ClassVar[str] = "该人员已在从业人员黑名单中。"


def blacklist_person(principal: Principal, fields: Fields) -> queries.EntryRow:
    """From now on the person is flagged at every institution, present and future ones alike.

    Nothing is changed at the institutions: they are matched by blind index when read, and that an
    employed person was matched is told. Raises EntryExists while an unrevoked entry for the number
    stands.
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
        tx.flush()
        note_matches(tx, BlacklistEntry.entry_id == entry.entry_id)
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
        for institution_id in queries.employers_of(tx, entry.id_index):
            counters.mark(tx, institution_id)
        return _told_entry(tx, entry, "staff.blacklist_entry_revoked")


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
