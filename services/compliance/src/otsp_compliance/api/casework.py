"""The authorities' worklist and their decisions."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_compliance.commands import decisions, reviewing, setting_aside
from otsp_compliance.queries import cases
from otsp_contracts.values import FieldError


def _check_decision(body: dict[str, Any]) -> Iterator[FieldError]:
    """A refusal carries its reason (行政许可法 §38)."""
    if body.get("decision") in {"return", "reject"} and not body.get("reason"):
        yield FieldError("/reason", "required", "退回或不通过时须说明理由。")


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
            doc_no=body.get("doc_no"),
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


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
