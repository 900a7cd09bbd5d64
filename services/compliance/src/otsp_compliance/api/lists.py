"""The grey, black and closed lists as authorities keep them."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_compliance.commands import lists
from otsp_compliance.queries import lists as entries
from otsp_contracts.values import FieldError


def _check_subject(body: dict[str, Any]) -> Iterator[FieldError]:
    """One of the platform by its id, anybody else by name and region."""
    if "institution_id" in body:
        for name in ("name", "region_code"):
            if name in body:
                told = "已指定平台内机构，名称和区划以平台登记为准，请勿填写。"
                yield FieldError(f"/{name}", "not_wanted", told)
        return
    for name, label in (("name", "名称"), ("region_code", "所在区划")):
        if name not in body:
            told = f"请选择平台内的机构，或者填写对象的{label}。"
            yield FieldError(f"/{name}", "required", told)


def _check_decision(body: dict[str, Any]) -> Iterator[FieldError]:
    if body.get("decision") == "refuse" and not body.get("reason"):
        yield FieldError("/reason", "required", "不同意列入名单时须说明理由。")


def list_entries(
    principal: Principal, *, limit: int, cursor: str | None = None, **filters: str
) -> Page[entries.ListEntryView]:
    institution_id = filters.pop("institution_id", None)
    chosen = entries.Chosen(
        **filters, institution_id=UUID(institution_id) if institution_id else None
    )
    with reading() as tx:
        return entries.list_entries(tx, principal, chosen, cursor=cursor, limit=limit)


def get_list_entry(list_entry_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        view = entries.get_list_entry(tx, principal, UUID(list_entry_id))
    return Answer(view, version=view.version)


@checked(_check_subject)
def propose(principal: Principal, body: dict[str, Any]) -> Answer:
    institution_id = body.get("institution_id")
    view = lists.propose(
        principal,
        lists.NewListEntry(
            list_type=body["list_type"],
            institution_id=UUID(institution_id) if institution_id else None,
            name=body.get("name"),
            region_code=body.get("region_code"),
            reason=body["reason"],
            basis_doc=body.get("basis_doc"),
            from_on=_day(body.get("from_on")),
            to_on=_day(body.get("to_on")),
        ),
    )
    location = f"/api/compliance/v1/list-entries/{view.list_entry_id}"
    return Answer(view, 201, version=view.version, location=location)


@checked(_check_decision)
def decide(list_entry_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = lists.decide(
        principal,
        UUID(list_entry_id),
        is_confirmed=body["decision"] == "confirm",
        reason=body.get("reason"),
    )
    return Answer(view, version=view.version)


def end(list_entry_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = lists.end(principal, UUID(list_entry_id), reason=body["reason"])
    return Answer(view, version=view.version)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
