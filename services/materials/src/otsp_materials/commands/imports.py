"""Materials from a workbook: a row is of the material with its title and version.

Of a material that is there an empty cell says nothing, so it keeps what stands; an author joins
the others. Reviews and use are told of new ones only: later steps have their own guards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields as fields_of
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, tuple_

from otsp_chassis.clock import today
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.imports.fields import Body
from otsp_chassis.imports.forms import Form
from otsp_chassis.imports.importer import ADDED, CHANGED, FAULTY, UNCHANGED, Importer, Verdict
from otsp_contracts.values import FieldError
from otsp_contracts.values.formats import FORMATS
from otsp_materials.commands.entries import author, register_material, replace_material, typed
from otsp_materials.commands.import_columns import EXAMPLES, FIELDS
from otsp_materials.commands.writing import SCOPE, day
from otsp_materials.model import Material
from otsp_materials.rules.doubts import doubts
from otsp_materials.rules.fields import check_new_material
from otsp_materials.rules.rows import ExternalReview, InternalReview, MaterialRow, Suspension
from otsp_materials.rules.states import EDITABLE, STATUS_LABELS_ZH

Key = tuple[str, int]

_DAYS = ("filed_on", "used_from", "used_until", "retain_until")
_OF_HISTORY = ("used_from", "used_until", "retain_until")
_NOTHING: Body = {each.name: None for each in fields_of(MaterialRow)} | {
    "status": "draft",
    "delivery": [],
    "authors": [],
    "warnings": (),
}


def _check(body: Body) -> Iterator[FieldError]:
    return check_new_material(_as_in_fact(body))


def _as_in_fact(body: Body) -> Body:
    """A row that tells a state is of a material that was there before the platform knew it."""
    return body | {"existing": True} if body.get("status", "draft") != "draft" else body


def _key_of(body: Body) -> Key:
    return body["title"], body.get("version_no", 1)


def _compare(tx: Reader, institution_id: UUID, rows: Sequence[tuple[Key, Body]]) -> list[Verdict]:
    columns = Material.__table__.c
    query = select(Material.__table__).where(
        columns.institution_id == institution_id,
        tuple_(columns.title, columns.version_no).in_([key for key, _ in rows]),
        columns.deleted_at.is_(None),
    )
    stored = {(each.title, each.version_no): each for each in tx.execute(query)}
    day_of_check = today()
    return [
        _verdict(body, stored.get(key), tuple(doubts(_as_row(body), day_of_check)))
        for key, body in rows
    ]


def _verdict(body: Body, stored: Row[Any] | None, warnings: Sequence[FieldError]) -> Verdict:
    if stored is None:
        return Verdict(ADDED, body, warnings=warnings)
    faults = list(_steps_asked_for(body, stored))
    changes = {} if faults else _changes(body, typed(stored))
    if changes and stored.status not in EDITABLE:
        label = STATUS_LABELS_ZH[stored.status]
        detail = f"该材料当前为“{label}”，信息不能修改；有新内容的，请填写新的版次。"
        faults.append(FieldError("/title", "not_editable", detail))
    if faults:
        return Verdict(FAULTY, body, faults)
    return Verdict(
        CHANGED if changes else UNCHANGED,
        typed(stored) | changes,
        warnings=warnings,
        object_id=stored.material_id,
        version=stored.version,
    )


def _steps_asked_for(body: Body, stored: Row[Any]) -> Iterator[FieldError]:
    """What reviews, adoption and archiving are for."""
    if body.get("status", stored.status) != stored.status:
        label = STATUS_LABELS_ZH[stored.status]
        detail = f"该材料已登记，当前为“{label}”；状态的变更请在材料管理中办理，不能导入。"
        yield FieldError("/status", "other_status", detail)
    inside = body.get("internal_review", {})
    told = {f"/{name}": (body.get(name), _iso(getattr(stored, name))) for name in _OF_HISTORY}
    told["/internal_review/result"] = inside.get("result"), stored.internal_result
    told["/internal_review/reviewed_on"] = (
        inside.get("reviewed_on"),
        _iso(stored.internal_reviewed_on),
    )
    record = stored.internal_record_file_id
    told["/internal_review/record_file_id"] = inside.get("record_file_id"), record and str(record)
    for pointer, (given, stands) in told.items():
        if given is not None and given != stands:
            detail = "材料已登记，审核和使用的记录请在材料管理中办理，不能导入。"
            yield FieldError(pointer, "history_stands", detail)


def _changes(body: Body, standing: Body) -> Body:
    """What a replacement would have to say besides what stands."""
    wanted = {name: value for name, value in body.items() if name in standing}
    if "authors" in wanted:
        given = [dict(author(each)) for each in wanted["authors"]]
        wanted["authors"] = _joined(standing["authors"], given)
    return {name: value for name, value in wanted.items() if value != standing[name]}


def _joined(standing: list[Body], given: list[Body]) -> list[Body]:
    authors = list(standing)
    for one in given:
        place = next((n for n, each in enumerate(authors) if each["name"] == one["name"]), None)
        if place is None:
            authors.append(one)
        else:
            authors[place] = authors[place] | {k: v for k, v in one.items() if v is not None}
    return authors


def _as_row(body: Body) -> MaterialRow:
    """The material as an answer would tell of it, as far as doubts ask."""
    inside = body.get("internal_review", {})
    values = _NOTHING | body | {name: day(body.get(name)) for name in _DAYS}
    values["authors"] = [author(each) for each in body.get("authors", ())]
    values["internal_review"] = InternalReview(
        inside.get("result"), [], day(inside.get("reviewed_on")), None, None
    )
    values["external_review"] = ExternalReview(*[None] * len(fields_of(ExternalReview)))
    values["suspension"] = Suspension(*[None] * len(fields_of(Suspension)))
    return MaterialRow(**values)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _enter(principal: Principal, institution_id: UUID, verdict: Verdict) -> None:
    if verdict.object_id is None:
        register_material(principal, institution_id, _as_in_fact(verdict.body))
    else:
        replace_material(
            principal,
            institution_id,
            verdict.object_id,
            fields=verdict.body,
            if_match=verdict.version,
        )


IMPORTERS = {
    "materials": Importer(
        kind="materials",
        name_zh="培训材料",
        scope=SCOPE,
        part=SCOPE,
        fields=FIELDS,
        examples=EXAMPLES,
        form=Form("otsp_materials", "MaterialCreate", formats=FORMATS, check=_check),
        key_pointer="/title",
        key_of=_key_of,
        compare=_compare,
        enter=_enter,
    )
}
