"""Writes of the institution itself: registration, basic information, legacy origin."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO
from uuid import UUID

from otsp_chassis import audit, clock, pii
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.files import AttachmentInfo, store_attachment
from otsp_chassis.identity import Principal
from otsp_chassis.locks import guard_write
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Invalid, NotFound
from otsp_contracts.institution import ProfileChanged, RegistrationSubmitted
from otsp_contracts.values import FieldError, normalise_code
from otsp_institution.commands.approval import require_application
from otsp_institution.commands.changes import changing
from otsp_institution.commands.claims import claim_uscc
from otsp_institution.commands.entry import (
    Fields,
    fill,
    open_for_write,
    require_files,
    values_of,
)
from otsp_institution.commands.migration import refuse_migrated
from otsp_institution.commands.persons_behind import sealed_controller, sealed_sponsors
from otsp_institution.model import Institution
from otsp_institution.model.registry import UsccRegistered
from otsp_institution.queries.parts import find_part
from otsp_institution.queries.registry import get_institution
from otsp_institution.rules.fields import lacking_for_submission, lacking_of_licence
from otsp_institution.rules.identity import id_type_of, is_sound
from otsp_institution.rules.major import INSTITUTION
from otsp_institution.rules.rows import InstitutionRow, LicenceRow
from otsp_institution.rules.standing import HOLDING_USCC

SCOPE = "institution"

REGISTERED = (
    "name",
    "uscc",
    "region_code",
    "registered_address",
    "categories",
    "delivery_modes",
    "nonsubject_types",
    "primary_nonsubject_type",
    "stages",
    "legal_nature",
    "has_licence",
)
"""Fields of the registration; the basic information (§2.3) adds the others."""

SEALED = ("sponsors", "actual_controller")
"""Persons whose numbers are kept from what a body leaves unsaid; an update only enters them."""

BASIC = (
    *REGISTERED,
    "short_name",
    "logo_file_id",
    "former_names",
    "office_address",
    "legal_form",
    "founded_on",
    "first_approved_on",
    "start_fund_fen",
    "sponsor_type",
    "sponsors",
    "actual_controller",
    "foreign_controlled",
    "listed_affiliate",
    "board_members",
    "supervisors",
    "principal_name",
    "intro",
    "website",
    "consult_tel",
    "complaint_tel",
    "scale",
    "branches",
)
_LEGAL_REP = ("name", "mobile", "nationality", "resides_in_china", "position", "id_scan_file_ids")
_CONTACT = ("name", "mobile", "email", "position")
_PROFILE = (
    "name",
    "uscc",
    "region_code",
    "categories",
    "delivery_modes",
    "nonsubject_types",
    "primary_nonsubject_type",
    "stages",
    "legal_nature",
    "registration_status",
    "compliance_status",
    "has_proposed_change",
    "deregistered_on",
    "licence_delivery",
    "first_approved_on",
)
PERSONS = tuple(
    name
    for name in Institution.__table__.columns.keys()  # noqa: SIM118 - a column collection
    if name.startswith(("legal_rep_", "contact_")) and name != "legal_rep_id_no"
)
_MAY_BE_EMPTY = {"uscc", "nonsubject_types", "primary_nonsubject_type", "has_proposed_change"}
_MAY_BE_EMPTY |= {"deregistered_on", "licence_delivery", "first_approved_on"}
_KEPT = tuple(name for name in _PROFILE if name not in _MAY_BE_EMPTY)
"""Without these a profile says nothing; the types are empty where only subjects are taught, and a
draft may not know its number yet."""
_CONFLICTS = {"uq_institution_uscc": UsccRegistered}


def enter_registration(
    principal: Principal, institution_id: UUID, *, fields: Fields, if_match: int | None
) -> InstitutionRow:
    """Fill in the draft, or correct what the authority returned."""
    principal.require_own(institution_id)
    with transaction(conflicts=_CONFLICTS) as tx:
        institution = open_for_write(tx, institution_id, SCOPE)
        institution.require_registrable()
        _require_version(institution, if_match)
        require_files(tx, institution_id, fields)
        before = profile_of(institution)
        with changing(tx, institution):
            _enter(tx, institution, fields, names=REGISTERED)
        tell_profile(tx, institution, before, actor=principal.account_id)
        return get_institution(tx, institution_id)


def submit_registration(principal: Principal, institution_id: UUID) -> InstitutionRow:
    """Hand the registration to its authority; from now on the number is taken."""
    principal.require_own(institution_id)
    with transaction(conflicts=_CONFLICTS) as tx:
        institution = open_for_write(tx, institution_id, SCOPE)
        profile = profile_of(institution)
        refuse_migrated(tx, institution)
        with changing(tx, institution):
            before = institution.submit(clock.today())
            _claim(tx, institution)
        row = get_institution(tx, institution_id)
        licence = find_part(tx, LicenceRow, institution_id)
        require_complete(row, lacking_of_licence(row, licence))
        publish(tx, _submission(institution, before, actor=principal.account_id))
        tell_profile(tx, institution, profile, actor=principal.account_id)
        audit.record(
            tx,
            "institution.registration_submitted",
            object_type="institution",
            object_id=institution_id,
            institution_id=institution_id,
        )
        return row


def update_institution(
    principal: Principal, institution_id: UUID, *, fields: Fields, if_match: int | None
) -> InstitutionRow:
    """Replace registration facts and basic information; others hear of a changed profile."""
    principal.require_own(institution_id)
    with transaction(conflicts=_CONFLICTS) as tx:
        institution = open_for_write(tx, institution_id, SCOPE, part=INSTITUTION.tab)
        _require_version(institution, if_match)
        require_files(tx, institution_id, fields)
        before = profile_of(institution)
        held = values_of(institution, INSTITUTION.columns)
        sealed = _sealed(institution, fields)
        with changing(tx, institution):
            _enter(tx, institution, {**fields, **sealed}, names=BASIC)
            after = values_of(institution, INSTITUTION.columns)
            require_application(institution, INSTITUTION, before=held, after=after)
            _claim(tx, institution)
        row = get_institution(tx, institution_id)
        if institution.is_registered:
            require_complete(row)
        tell_profile(tx, institution, before, actor=principal.account_id)
        return row


def set_legacy_origin(
    principal: Principal, institution_id: UUID, migrated_from: str | None
) -> dict[str, Any]:
    """An authority states which legacy platform the institution came from (§1.7)."""
    with transaction() as tx:
        guard_write(tx, institution_id, SCOPE)
        institution = tx.get(Institution, institution_id, with_for_update={"key_share": True})
        if institution is None:
            raise NotFound
        principal.require_jurisdiction(institution.region_code or "")
        before = {"migrated_from": institution.migrated_from}
        with changing(tx, institution):
            institution.migrated_from = migrated_from
        audit.record(
            tx,
            "institution.legacy_origin_set",
            object_type="institution",
            object_id=institution_id,
            institution_id=institution_id,
            before=before,
            after={"migrated_from": migrated_from},
        )
        return {"institution_id": institution_id, "migrated_from": migrated_from}


def store_file(
    principal: Principal,
    institution_id: UUID,
    *,
    name: str,
    content_type: str,
    stream: BinaryIO,
) -> AttachmentInfo:
    """Take a file in; it means something once a part names it."""
    principal.require_own(institution_id)
    return store_attachment(
        institution_id=institution_id, name=name, content_type=content_type, stream=stream
    )


def tell_profile(
    tx: Tx, institution: Institution, before: Mapping[str, Any], *, actor: UUID | None
) -> None:
    """Publish the profile when it is not what it was before.

    A draft is told too, as soon as it has what others keep: authorities may have to do with an
    institution that checks itself before it registers (decision D35).
    """
    if profile_of(institution) == dict(before):
        return
    tx.flush()  # the event carries the version that the change has given the row
    told = as_told(institution, actor=actor)
    if told is not None:
        publish(tx, told)


def as_told(institution: Institution, *, actor: UUID | None = None) -> ProfileChanged | None:
    """What others keep of it; None while a draft has not all of it."""
    profile = profile_of(institution)
    if not all(profile[name] for name in _KEPT):
        return None
    return ProfileChanged(
        institution_id=institution.institution_id,
        version=institution.version,
        actor=actor,
        **profile,
    )


def profile_of(institution: Institution) -> dict[str, Any]:
    """What others keep of it, to be compared by `tell_profile` after a change."""
    return values_of(institution, _PROFILE)


def _require_version(institution: Institution, if_match: int | None) -> None:
    """A draft that nobody filled in yet has nothing that could be overwritten."""
    if institution.entered_at is not None or if_match is not None:
        require_version(institution.version, if_match)


def _claim(tx: Tx, institution: Institution) -> None:
    """The number of a registration that is handed in, or that was."""
    is_holder = institution.registration_status in HOLDING_USCC
    if institution.uscc is not None and is_holder:
        claim_uscc(tx, institution.uscc, by=institution.institution_id)


def require_complete(row: InstitutionRow, further: Iterable[FieldError] = ()) -> None:
    errors = [*lacking_for_submission(row), *further]
    if errors:
        raise Invalid(errors=errors)


def _enter(tx: Tx, institution: Institution, fields: Fields, *, names: tuple[str, ...]) -> None:
    before = values_of(institution, (*BASIC, *PERSONS))
    enter_facts(institution, fields, names)
    if institution.entered_at is None:
        institution.entered_at = clock.now()
    audit.record(
        tx,
        "institution.entered",
        object_type="institution",
        object_id=institution.institution_id,
        institution_id=institution.institution_id,
        before=before,
        after=values_of(institution, (*BASIC, *PERSONS)),
    )


def enter_facts(institution: Institution, fields: Fields, names: Sequence[str]) -> None:
    """What a body says of the institution and its persons; nothing is recorded."""
    fill(institution, fields, names)
    types = institution.nonsubject_types
    if institution.primary_nonsubject_type is None and len(types) == 1:
        institution.primary_nonsubject_type = types[0]
    _enter_persons(institution, fields)


def _sealed(institution: Institution, fields: Fields) -> Fields:
    controller = fields.get("actual_controller")
    return {
        "sponsors": sealed_sponsors(fields.get("sponsors") or (), institution.sponsors),
        "actual_controller": sealed_controller(controller, institution.actual_controller),
    }


def _enter_persons(institution: Institution, fields: Fields) -> None:
    """The number is kept when the body does not name it: clients only ever see its mask."""
    legal_rep, contact = fields.get("legal_rep"), fields.get("contact") or {}
    given = legal_rep or {}
    persons = {f"legal_rep_{name}": given.get(name) for name in _LEGAL_REP}
    persons |= {f"contact_{name}": contact.get(name) for name in _CONTACT}
    fill(institution, persons, persons)
    if legal_rep is None or "id_no" in legal_rep:
        _enter_id_no(institution, given.get("id_no"))
    id_type = given.get("id_type")
    if institution.legal_rep_id_hmac is not None:
        id_type = id_type_of(id_type, given.get("nationality"))
    institution.legal_rep_id_type = id_type


def _enter_id_no(institution: Institution, text: str | None) -> None:
    number = None if text is None else normalise_code(text)
    index = None if number is None else pii.blind_index(number)
    if index == institution.legal_rep_id_hmac:
        return
    institution.legal_rep_id_hmac = index
    institution.legal_rep_id_no = None if number is None else pii.encrypt(number)
    institution.legal_rep_id_masked = None if number is None else pii.mask_id(number)
    institution.legal_rep_id_valid = None if number is None else is_sound(number, clock.today())


def _submission(
    institution: Institution, before: str, *, actor: UUID | None
) -> RegistrationSubmitted:
    told = values_of(institution, _PROFILE[: _PROFILE.index("registration_status")])
    return RegistrationSubmitted(
        institution_id=institution.institution_id,
        version=institution.version,
        actor=actor,
        from_state=before,
        to_state=institution.registration_status,
        submitted_on=clock.today(),
        round=institution.registration_round,
        **told,
    )
