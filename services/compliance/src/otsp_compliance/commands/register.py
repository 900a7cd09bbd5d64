"""Keeps the register of approved institutions; called within the transactions of decisions.

Whether an entry is shown follows the status that the institution's owner tells. The entry itself
follows the decisions, and is made of the sealed snapshot that was decided on.
"""

from datetime import date
from uuid import UUID

import orjson
from sqlalchemy import select

from otsp_chassis.copies import tell_change
from otsp_chassis.db import Tx
from otsp_compliance.commands.lists import Closure, enter_closed
from otsp_compliance.model import Decision, InstitutionRef, PublicPictures, RegisterEntry
from otsp_compliance.queries.approvals import find_standing_approval, read_sealed
from otsp_compliance.rules.register import public_entry
from otsp_contracts.compliance.register import PublicPicturesChanged


def enter(tx: Tx, decision: Decision) -> None:
    """At a final approval: what was approved takes the place of what was shown before."""
    public = public_entry(read_sealed(tx, decision))
    entry = tx.get(RegisterEntry, decision.institution_id, with_for_update=True)
    if entry is None:
        entry = RegisterEntry(institution_id=decision.institution_id)
        tx.add(entry)
    entry.name = public.name
    entry.uscc = public.uscc
    entry.region_code = public.region_code
    entry.categories = list(public.categories)
    entry.delivery_modes = list(public.delivery_modes)
    entry.nonsubject_types = list(public.nonsubject_types)
    entry.stages = list(public.stages)
    entry.licence_no = public.licence_no
    entry.licence_valid_to = public.licence_valid_to
    entry.logo_file_id = UUID(public.logo_file_id) if public.logo_file_id else None
    entry.detail = orjson.loads(orjson.dumps(public.detail))
    entry.decision_id = decision.decision_id
    entry.approved_on = decision.decided_on
    entry.found_by(public.name, public.short_name)
    photos = sorted({UUID(each) for each in public.photo_file_ids})
    _name_pictures(tx, decision.institution_id, logo=entry.logo_file_id, photos=photos)


def restate(tx: Tx, institution_id: UUID) -> None:
    """Once a decision is set aside: the approval before it is shown again, or nothing is.

    It makes an entry anew from nothing too, should the register be lost.
    """
    tx.flush()  # what was set aside is asked of the database
    standing = find_standing_approval(tx, institution_id)
    if standing is not None:
        enter(tx, standing)
    else:
        _remove(tx, institution_id)


def leave(tx: Tx, institution_id: UUID, *, on: date, reason_zh: str) -> None:
    """At deregistration: off the register, and for good on the list of the closed."""
    institution = tx.get_one(InstitutionRef, institution_id)
    entry = tx.get(RegisterEntry, institution_id)
    last = _newest_decision(tx, institution_id)
    enter_closed(
        tx,
        Closure(
            institution_id=institution_id,
            name=institution.name,
            uscc=entry.uscc if entry is not None else None,
            region_code=institution.region_code,
            closed_on=on,
            reason_zh=reason_zh,
            basis_doc=last.doc_no if last is not None else None,
            authority_id=last.authority_id if last is not None else None,
            authority_name=last.authority_name if last is not None else None,
        ),
    )
    _remove(tx, institution_id)


def _remove(tx: Tx, institution_id: UUID) -> None:
    entry = tx.get(RegisterEntry, institution_id, with_for_update=True)
    if entry is not None:
        tx.delete(entry)
        _name_pictures(tx, institution_id, logo=None, photos=[])


def as_named(pictures: PublicPictures) -> PublicPicturesChanged:
    return PublicPicturesChanged(
        institution_id=pictures.institution_id,
        version=pictures.version,
        logo_file_id=pictures.logo_file_id,
        photo_file_ids=tuple(pictures.photo_file_ids),
    )


def _name_pictures(tx: Tx, institution_id: UUID, *, logo: UUID | None, photos: list[UUID]) -> None:
    """What the owners of the files may show; that the institution is on the register, its own
    status tells them, as it does here.
    """
    pictures = tx.get(PublicPictures, institution_id, with_for_update=True)
    before = None if pictures is None else as_named(pictures)
    if pictures is None:
        pictures = PublicPictures(institution_id=institution_id)
        tx.add(pictures)
    pictures.logo_file_id, pictures.photo_file_ids = logo, photos
    tx.flush()  # the event tells the version that this change gets
    tell_change(tx, before=before, after=as_named(pictures))


def _newest_decision(tx: Tx, institution_id: UUID) -> Decision | None:
    final = select(Decision).where(Decision.institution_id == institution_id, Decision.is_final)
    return tx.scalars(final.order_by(Decision.decision_id.desc()).limit(1)).first()
