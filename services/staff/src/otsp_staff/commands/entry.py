"""What an institution types about a person, put into the row."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from otsp_chassis.db import Tx
from otsp_chassis.files import find_attachment
from otsp_chassis.pii import Sealed, blind_index, encrypt
from otsp_chassis.pinyin import readings
from otsp_contracts.values import FieldError, Mobile
from otsp_staff.commands.writing import refuse
from otsp_staff.model import Staff
from otsp_staff.rules.fields import Fields, clean_number, kind_of_id
from otsp_staff.rules.names import SURNAMES
from otsp_staff.rules.rows import Experience, Qual

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
SEALED = ("id_no", "mobile", "political_status", "work_permit_no")
"""Fields of one text that are kept encrypted, each in the column `<name>_sealed`."""


def require_files(tx: Tx, institution_id: UUID, fields: Fields) -> None:
    """A file is named by the id that the upload answered, and is the institution's own."""
    named = {f"/{name}": fields.get(name) for name in _FILES}
    for index, qual in enumerate(fields.get("quals") or []):
        named[f"/quals/{index}/scan_file_id"] = qual.get("scan_file_id")
    refuse(
        FieldError(pointer, "unknown_file", "没有这个文件，请先上传。")
        for pointer, file_id in named.items()
        if file_id is not None and find_attachment(tx, institution_id, UUID(file_id)) is None
    )


def fill(person: Staff, fields: Fields) -> None:
    for name in _PLAIN:
        setattr(person, name, fields.get(name))
    for name in _DAYS:
        setattr(person, name, day(fields.get(name)))
    for name in _FILES:
        setattr(person, name, uuid(fields.get(name)))
    person.teach_subjects = fields.get("teach_subjects") or []
    person.teach_stages = fields.get("teach_stages") or []
    person.teach_experience = [experience(post) for post in fields.get("teach_experience") or []]
    person.quals = [qual(each) for each in fields.get("quals") or []]
    person.name_order = _in_order(person.name or "")
    person.found_by(person.name)
    _fill_sealed(person, fields)


def typed(person: Staff | Row[Any]) -> dict[str, Any]:
    """What `fill` would make the row of again; what is sealed is left out, so it is kept."""
    days = {name: getattr(person, name) for name in _DAYS}
    files = {name: getattr(person, name) for name in _FILES}
    return {
        **{name: getattr(person, name) for name in _PLAIN},
        **{name: None if value is None else value.isoformat() for name, value in days.items()},
        **{name: None if value is None else str(value) for name, value in files.items()},
        "teach_subjects": list(person.teach_subjects),
        "teach_stages": list(person.teach_stages),
        "teach_experience": list(person.teach_experience),
        "quals": list(person.quals),
    }


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
        mobile = None if fields["mobile"] is None else str(Mobile.parse(fields["mobile"]))
        person.mobile_sealed = _sealed(mobile)
        person.mobile_index = None if mobile is None else blind_index(mobile)
        person.mobile_tail_index = None if mobile is None else tail_index(mobile[-4:])
    kinds = fields.get("prohibited_kind")
    if kinds:
        person.prohibited = True
        person.prohibited_kind_sealed = encrypt(",".join(kinds))
    elif "prohibited_kind" in fields or not person.prohibited:
        person.prohibited_kind_sealed = None
    for name in ("political_status", "work_permit_no"):
        if name in fields:
            setattr(person, f"{name}_sealed", _sealed(fields[name]))


def tail_index(digits: str) -> bytes:
    """Of the last four digits of a mobile, by which some are found; not that of any other text."""
    return blind_index(f"mobile-tail:{digits}")


def _in_order(name: str) -> str:
    """A name by its sound, those of one sound by their characters: 曾甲 stands behind 袁乙."""
    sounds = [(readings(each) or (each.lower(),))[0] for each in name]
    if name[:1] in SURNAMES:
        sounds[0] = SURNAMES[name[0]]
    return f"{' '.join(sounds)} {name}".strip()


def _sealed(text: str | None) -> Sealed | None:
    return None if text is None else encrypt(text)


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def qual(given: dict[str, Any]) -> Qual:
    return Qual(
        type=given["type"],
        cert_no=given.get("cert_no"),
        stage=given.get("stage"),
        subject=given.get("subject"),
        issuer=given.get("issuer"),
        issued_on=given.get("issued_on"),
        valid_to=given.get("valid_to"),
        scan_file_id=given.get("scan_file_id"),
    )


def experience(post: dict[str, Any]) -> Experience:
    return Experience(
        {
            "from": post.get("from"),
            "to": post.get("to"),
            "org": post.get("org"),
            "post": post.get("post"),
        }
    )
