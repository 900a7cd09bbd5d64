"""The institutions of a region as its authorities look for them; nothing here names a person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, select, tuple_

from otsp_chassis.db import Reader, row_class
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.page import Page, decode_cursor, decode_id, encode_cursor, make_page
from otsp_chassis.problems import Forbidden, OutsideJurisdiction
from otsp_chassis.search import matching
from otsp_contracts.values.lookup import sought
from otsp_institution.model import Institution, SchoolLicence

_I = Institution.__table__.c
_L = SchoolLicence.__table__.c


@row_class
class InstitutionSummary:
    """One line of the list."""

    institution_id: UUID
    name: str | None
    short_name: str | None
    uscc: str | None
    region_code: str
    categories: list[str]
    delivery_modes: list[str]
    nonsubject_types: list[str]
    stages: list[str]
    legal_nature: str | None
    registration_status: str
    compliance_status: str
    submitted_on: date | None
    consult_tel: str | None
    licence_no: str | None
    licence_valid_to: date | None


_SUMMARY = select(
    *(_I[name] for name in InstitutionSummary.__annotations__ if not name.startswith("licence")),
    _L.licence_no,
    _L.valid_to,
).join_from(Institution, SchoolLicence, _L.institution_id == _I.institution_id, isouter=True)


def list_institutions(
    tx: Reader,
    principal: Principal,
    *,
    filters: Mapping[str, Any],
    cursor: str | None,
    limit: int,
) -> Page[InstitutionSummary]:
    """Region by region, in order of registration; what was never submitted is not there."""
    if principal.authority is None:
        raise Forbidden
    query = _query(principal.authority, filters, cursor).limit(limit + 1)
    found = [InstitutionSummary(*columns) for columns in tx.execute(query)]
    return make_page(found, limit, key=lambda row: [row.region_code, row.institution_id])


def listed_columns(
    authority: AuthorityClaim, filters: Mapping[str, Any], names: Sequence[str]
) -> Select[Any]:
    """The whole list in its order, of each institution these columns only."""
    own = {"licence_no": _L.licence_no, "licence_valid_to": _L.valid_to}
    told = (own[name] if name in own else _I[name] for name in names)
    return _query(authority, filters, None).with_only_columns(*told)


def _query(
    authority: AuthorityClaim, filters: Mapping[str, Any], cursor: str | None
) -> Select[Any]:
    wanted = [_I.registration_status != "draft", _lies_in(authority, filters)]
    wanted += [_FILTERS[name](value) for name, value in filters.items() if name in _FILTERS]
    if cursor is not None:
        region_code, institution_id = decode_cursor(cursor, 2)
        after = (region_code, decode_id(encode_cursor([institution_id])))
        wanted.append(tuple_(_I.region_code, _I.institution_id) > after)
    return _SUMMARY.where(*wanted).order_by(_I.region_code, _I.institution_id)


def _lies_in(authority: AuthorityClaim, filters: Mapping[str, Any]) -> ColumnElement[bool]:
    """A range, so that the index of regions serves it and the order at once."""
    prefix = authority.region_prefix
    if "region" in filters:
        asked = filters["region"]
        while asked.endswith("00"):
            asked = asked[:-2]
        if not asked.startswith(prefix):
            raise OutsideJurisdiction("所选区划不在本部门的管辖范围内，请选择本部门管辖的区划。")
        prefix = asked
    return _I.region_code.between(prefix.ljust(6, "0"), prefix.ljust(6, "9"))


def _found_by(q: str) -> ColumnElement[bool]:
    wanted = sought(q)
    match wanted.by:
        case "uscc":
            return _I.uscc == wanted.text
        case "licence_no":
            return _L.licence_no.startswith(wanted.text)
        case _:
            return matching(_I, wanted.text)


_FILTERS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "q": _found_by,
    "category": lambda code: any_(_I.categories) == code,
    "delivery": lambda code: any_(_I.delivery_modes) == code,
    "stage": lambda code: any_(_I.stages) == code,
    "nature": lambda code: _I.legal_nature == code,
    "registration_status": lambda state: _I.registration_status == state,
    "compliance_status": lambda state: _I.compliance_status == state,
    "licence_expires_before": lambda day: and_(
        _L.valid_to < date.fromisoformat(day), _L.status.is_distinct_from("returned")
    ),
}
