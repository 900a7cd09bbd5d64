"""The authorities' worklist and their decisions; rectification tasks."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_compliance.commands import decisions, rectification, reviewing, setting_aside
from otsp_compliance.queries import cases
from otsp_compliance.queries import rectifications as tasks
from otsp_contracts.values import FieldError


def _check_decision(body: dict[str, Any]) -> Iterator[FieldError]:
    """A refusal carries its reason (行政许可法 §38)."""
    if body.get("decision") in {"return", "reject"} and not body.get("reason"):
        yield FieldError("/reason", "required", "退回或不通过时须说明理由。")


def _check_closure(body: dict[str, Any]) -> Iterator[FieldError]:
    if body.get("status") == "waived" and not body.get("note"):
        yield FieldError("/note", "required", "免于整改须说明理由。")


def get_case(case_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        view = cases.get_case(tx, principal, UUID(case_id))
    return Answer(view, version=view.version)


@checked(_check_decision)
def decide_case(case_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = decisions.decide_case(
        principal,
        UUID(case_id),
        decisions.Given(
            decision=body["decision"],
            reason=body.get("reason"),
            decided_on=_day(body.get("decided_on")),
            step_no=body.get("step_no"),
            overrides={one["rule_id"]: one["reason"] for one in body.get("overrides", [])},
            warnings_read=body.get("warnings_read", []),
        ),
    )
    return Answer(view, version=view.version)


def accept_case(case_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = reviewing.accept_case(principal, UUID(case_id), step_no=body.get("step_no"))
    return Answer(view, version=view.version)


def set_decision_aside(decision_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = setting_aside.set_decision_aside(
        principal,
        UUID(decision_id),
        setting_aside.Replacement(
            outcome=body["outcome"],
            reason=body["reason"],
            overrides={one["rule_id"]: one["reason"] for one in body.get("overrides", [])},
            warnings_read=body.get("warnings_read", []),
        ),
    )
    return Answer(view, version=view.version)


def open_rectification(principal: Principal, body: dict[str, Any]) -> Answer:
    view = rectification.open_rectification(
        principal,
        rectification.NewRectification(
            institution_id=UUID(body["institution_id"]),
            kind=body["kind"],
            reason_text=body["reason_text"],
            due_on=_day(body.get("due_on")),
        ),
    )
    location = f"/api/compliance/v1/rectifications/{view.rectification_id}"
    return Answer(view, 201, version=view.version, location=location)


def list_rectifications(
    principal: Principal, *, institution_id: str, limit: int, cursor: str | None = None
) -> Page[tasks.RectificationView]:
    with reading() as tx:
        return tasks.list_rectifications(
            tx, principal, UUID(institution_id), cursor=cursor, limit=limit
        )


def get_rectification(rectification_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        view = tasks.get_rectification(tx, principal, UUID(rectification_id))
    return Answer(view, version=view.version)


@checked(_check_closure)
def close_rectification(
    rectification_id: str, principal: Principal, body: dict[str, Any]
) -> Answer:
    view = rectification.close_rectification(
        principal,
        UUID(rectification_id),
        rectification.Closure(
            status=body["status"], note=body.get("note"), closed_on=_day(body.get("closed_on"))
        ),
    )
    return Answer(view, version=view.version)


def submit_rectification(
    rectification_id: str, principal: Principal, body: dict[str, Any]
) -> Answer:
    view = rectification.submit_rectification(principal, UUID(rectification_id), body["note"])
    return Answer(view, version=view.version)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
