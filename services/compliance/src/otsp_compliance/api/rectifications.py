"""Operations on rectification tasks."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_compliance.commands import rectification as commands
from otsp_compliance.queries import rectifications as queries
from otsp_contracts.values import FieldError

_PLACE = "/api/compliance/v1/rectifications"


def _check_closure(body: dict[str, Any]) -> Iterator[FieldError]:
    if body.get("status") == "waived" and not body.get("note"):
        yield FieldError("/note", "required", "免于整改须说明理由。")
    if body.get("status") == "returned" and not body.get("note"):
        yield FieldError("/note", "required", "核验退回须说明理由。")


def open_rectification(principal: Principal, body: dict[str, Any]) -> Answer:
    view = commands.open_rectification(
        principal,
        commands.NewRectification(
            institution_id=UUID(body["institution_id"]),
            kind=body["kind"],
            reason_text=body["reason_text"],
            due_on=_day(body.get("due_on")),
            steps=body.get("steps") or (),
        ),
    )
    return Answer(view, 201, version=view.version, location=f"{_PLACE}/{view.rectification_id}")


def open_batch(principal: Principal, body: dict[str, Any]) -> Answer:
    view = commands.open_batch(
        principal,
        commands.NewBatch(
            institution_ids=[UUID(each) for each in body["institution_ids"]],
            reason_text=body["reason_text"],
            due_on=_day(body.get("due_on")),
            steps=body.get("steps") or (),
        ),
    )
    return Answer(view, 201, location=f"{_PLACE}?batch_id={view.batch_id}")


def list_rectifications(  # noqa: PLR0913 - the query's parameters
    principal: Principal,
    *,
    limit: int,
    institution_id: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    batch_id: str | None = None,
    cursor: str | None = None,
) -> Page[queries.RectificationView]:
    wanted = queries.Wanted(_id(institution_id), status, kind, _id(batch_id))
    with reading() as tx:
        return queries.list_rectifications(tx, principal, wanted, cursor=cursor, limit=limit)


def get_rectification(rectification_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        view = queries.get_rectification(tx, principal, UUID(rectification_id))
    return Answer(view, version=view.version)


def put_step(
    rectification_id: str,
    code: str,
    principal: Principal,
    *,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    view = commands.record_step(
        principal,
        UUID(rectification_id),
        code=code,
        answer=commands.StepAnswer(
            done_on=_day(body["done_on"]),
            file_ids=[UUID(each) for each in body["file_ids"]],
            note=body.get("note"),
        ),
        if_match=if_match,
    )
    return Answer(view, version=view.version)


@checked(_check_closure)
def close_rectification(
    rectification_id: str, principal: Principal, body: dict[str, Any]
) -> Answer:
    view = commands.close_rectification(
        principal,
        UUID(rectification_id),
        commands.Closure(
            status=body["status"], note=body.get("note"), closed_on=_day(body.get("closed_on"))
        ),
    )
    return Answer(view, version=view.version)


def submit_rectification(
    rectification_id: str, principal: Principal, body: dict[str, Any]
) -> Answer:
    view = commands.submit_rectification(principal, UUID(rectification_id), body["note"])
    return Answer(view, version=view.version)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
