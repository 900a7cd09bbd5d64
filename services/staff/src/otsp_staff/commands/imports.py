"""People from a workbook: who a row is about, what it would change, and the entry itself.

A row is found by the number among those who are employed; whoever has left is not brought back by
a row. Of somebody who is there an empty cell says nothing, so it keeps what stands; a certificate
or an earlier post joins the others.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields as fields_of
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, select

from otsp_chassis.clock import today
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.imports.fields import Body
from otsp_chassis.imports.forms import Form
from otsp_chassis.imports.importer import ADDED, CHANGED, FAULTY, UNCHANGED, Importer, Verdict
from otsp_chassis.pii import blind_index, decrypt
from otsp_contracts.values import CitizenId, FieldError, Mobile, normalise_code
from otsp_contracts.values.formats import FORMATS
from otsp_staff.commands.entry import SEALED, day, experience, qual, typed
from otsp_staff.commands.import_columns import EXAMPLES, FIELDS
from otsp_staff.commands.people import register_staff, replace_staff
from otsp_staff.commands.writing import SCOPE
from otsp_staff.model import Staff
from otsp_staff.queries import known
from otsp_staff.queries.known import any_of
from otsp_staff.rules.doubts import HAPPENED, doubts
from otsp_staff.rules.fields import check_new_staff, kind_of_id
from otsp_staff.rules.rows import StaffRow

_AS_IN_FACT = {"existing": True}
_OF_STATUS = ("status", "departed_on", "depart_reason")
_Unentered = type(
    "_Unentered",
    (),
    {each.name: None for each in fields_of(StaffRow)} | {"status": "employed", "quals": ()},
)
"""Somebody of whom nothing is typed."""
_BLACKLISTED = FieldError("/id_no", "blacklisted", "该人员在从业人员黑名单中，不得聘用。")
_ELSEWHERE = FieldError("/id_no", "other_full_time", "该人员已在其他机构登记为专职。")
_LEFT = FieldError(
    "/status", "has_left", "该人员已登记为离职；重新入职请在人员管理中办理，不能导入。"
)
_EMPLOYED = FieldError("/status", "is_employed", "该人员为在职；离职请在人员管理中办理，不能导入。")
_SEVERAL = FieldError(
    "/id_no", "several", "本机构有多名在职人员登记了这一号码，请先在人员管理中更正。"
)
_DEPARTURE_STANDS = FieldError(
    "/departed_on", "departure_stands", "已登记的离职信息不能通过导入修改。"
)


def _check(body: Body) -> list[FieldError]:
    return list(check_new_staff(body | _AS_IN_FACT, today()))


def _key_of(body: Body) -> bytes:
    return blind_index(normalise_code(body["id_no"]))  # sound already, so this is its one spelling


def _compare(tx: Reader, institution_id: UUID, rows: Sequence[tuple[bytes, Body]]) -> list[Verdict]:
    indexes = [index for index, _ in rows]
    columns = Staff.__table__.c
    stored = defaultdict(list)
    query = select(Staff.__table__).where(
        columns.institution_id == institution_id,
        columns.id_index == any_of(indexes),
        columns.deleted_at.is_(None),
    )
    for person in tx.execute(query.order_by(columns.staff_id)):
        stored[bytes(person.id_index)].append(person)
    flagged = {
        _BLACKLISTED: known.blacklisted(tx, indexes),
        _ELSEWHERE: known.full_time_elsewhere(tx, institution_id, indexes),
    }
    day_of_check = today()
    return [
        _verdict(
            body,
            stored.get(index, ()),
            [
                *(flag for flag, found in flagged.items() if index in found),
                *(
                    doubt
                    for doubt in doubts(_as_row(body), day_of_check)
                    if doubt.pointer not in _NO_COLUMN
                ),
            ],
        )
        for index, body in rows
    ]


_NO_COLUMN = frozenset({"/contract_file_id", "/precheck_proof_file_id"})
"""A workbook holds no files: that they lack is told of every row, so of none here."""


def _verdict(body: Body, same: Sequence[Row[Any]], warnings: Sequence[FieldError]) -> Verdict:
    employed = [person for person in same if person.status == "employed"]
    if not same:
        return Verdict(ADDED, body, warnings=warnings)
    if len(employed) > 1:
        return Verdict(FAULTY, body, [_SEVERAL])
    is_to_have_left = body.get("status") == "departed"
    if employed and is_to_have_left:
        return Verdict(FAULTY, body, [_EMPLOYED])
    if not employed and not is_to_have_left:
        return Verdict(FAULTY, body, [_LEFT])
    person = employed[0] if employed else same[-1]
    if is_to_have_left and not _is_same_departure(person, body):
        return Verdict(FAULTY, body, [_DEPARTURE_STANDS])
    standing = typed(person)
    changes = _changes(person, body, standing)
    return Verdict(
        CHANGED if changes else UNCHANGED,
        standing | changes,
        warnings=warnings,
        object_id=person.staff_id,
        version=person.version,
    )


def _is_same_departure(person: Row[Any], body: Body) -> bool:
    return body.get("departed_on") in {None, _iso(person.departed_on)} and body.get(
        "depart_reason"
    ) in {None, person.depart_reason}


def _changes(person: Row[Any], body: Body, standing: Body) -> Body:
    """What a replacement would have to say besides what stands."""
    wanted = {name: value for name, value in body.items() if name not in {*_OF_STATUS, "id_no"}}
    if "mobile" in wanted:
        wanted["mobile"] = str(Mobile.parse(wanted["mobile"]))
    stands = standing | {
        name: decrypt(getattr(person, f"{name}_sealed"))
        for name in SEALED
        if name in wanted and getattr(person, f"{name}_sealed") is not None
    }
    stands["id_type"] = person.id_type
    for name, same_row in (("quals", _is_same_qual), ("teach_experience", _is_same_post)):
        if name in wanted:
            wanted[name] = _joined(stands[name], wanted[name], same_row)
    return {name: value for name, value in wanted.items() if stands.get(name) != value}


def _joined(standing: list[Body], given: list[Body], is_same: Any) -> list[Body]:  # noqa: ANN401
    rows = list(standing)
    for one in given:
        whole = experience(one) if is_same is _is_same_post else qual(one)
        place = next((n for n, row in enumerate(rows) if is_same(row, whole)), None)
        if place is None:
            rows.append(dict(whole))
        else:
            rows[place] = rows[place] | {k: v for k, v in whole.items() if v is not None}
    return rows


def _is_same_qual(one: Body, other: Body) -> bool:
    return (one["type"], one["cert_no"]) == (other["type"], other["cert_no"])


def _is_same_post(one: Body, other: Body) -> bool:
    return (one["from"], one["org"]) == (other["from"], other["org"])


def _as_row(body: Body) -> StaffRow:
    """The person as an answer would tell of it, as far as doubts ask.

    A StaffRow to the type checker: to make a true one of each row took a seventh of the check.
    """
    row = _Unentered()
    told = vars(row)
    told.update(body)
    for name in HAPPENED:
        if name in body:
            told[name] = day(body[name])
    told["mobile_masked"] = body.get("mobile")
    if "quals" in body:
        told["quals"] = [qual(each) for each in body["quals"]]
    if kind_of_id(body) == "cnid":
        told["birth_date"] = CitizenId(normalise_code(body["id_no"])).birth_date
    return cast("StaffRow", row)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _enter(principal: Principal, institution_id: UUID, verdict: Verdict) -> None:
    if verdict.object_id is None:
        register_staff(principal, institution_id, verdict.body | _AS_IN_FACT)
    else:
        replace_staff(
            principal,
            institution_id,
            verdict.object_id,
            fields=verdict.body,
            if_match=verdict.version,
        )


IMPORTERS = {
    "staff": Importer(
        kind="staff",
        name_zh="从业人员",
        scope=SCOPE,
        part=SCOPE,
        fields=FIELDS,
        examples=EXAMPLES,
        form=Form("otsp_staff", "StaffCreate", formats=FORMATS, check=_check),
        key_pointer="/id_no",
        key_of=_key_of,
        compare=_compare,
        enter=_enter,
    )
}
