"""A person as a document: fields by their pointers in the answers, numbers under their masks."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from otsp_chassis import pii
from otsp_chassis.history import Concealed
from otsp_chassis.history.differences import HIDDEN
from otsp_staff.model import Staff
from otsp_staff.rules.rows import Qual

_SEALED: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    "id_no_sealed": ("id_masked", pii.mask_id),
    "mobile_sealed": ("mobile_masked", pii.mask_mobile),
    "work_permit_no_sealed": ("work_permit_masked", pii.mask_id),
    "political_status_sealed": ("political_status", lambda _: HIDDEN),
    "prohibited_kind_sealed": ("prohibited_kind", lambda _: HIDDEN),
}
"""Column → the field that tells of it, and how it is shown."""

_ASIDE = {"staff_id", "institution_id", "id_index", "mobile_index", *_SEALED}
_ASIDE |= {"name_order", "search_text", "search_terms", "mobile_tail_index"}
_ASIDE |= {"in_snapshot_since"}
_ASIDE |= {"deleted_at", "anonymised_on", "created_at", "updated_at", "version"}
_PLAIN = [each.key for each in Staff.__table__.columns if each.key not in _ASIDE]


def document_of(person: Staff) -> dict[str, Any]:
    """What was entered of a person, sealed values as `Concealed`; an empty list says nothing."""
    document: dict[str, Any] = {name: getattr(person, name) for name in _PLAIN}
    for column, (name, mask) in _SEALED.items():
        sealed = getattr(person, column)
        if sealed is not None:
            value = pii.decrypt(sealed)
            document[name] = Concealed(value, mask(value))
    document["quals"] = [_qual(qual) for qual in person.quals]
    return {name: None if value == [] else value for name, value in document.items()}


def _qual(qual: Qual) -> dict[str, Any]:
    number = qual["cert_no"]
    return {**qual, "cert_no": None if number is None else Concealed(number, pii.mask_cert(number))}
