"""The catalogue of rules, the publication of their versions, and what a publication brings."""

from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_compliance.commands import publication
from otsp_compliance.queries import re_evaluations, rules
from otsp_compliance.rules.registry import Severity


def list_rules(
    *,
    limit: int,
    cursor: str | None = None,
    on: str | None = None,
    family: str | None = None,
    dimension: str | None = None,
    severity: str | None = None,
) -> Page[rules.RuleView]:
    wanted = rules.RuleFilter(on=_day(on), family=family, dimension=dimension, severity=severity)
    with reading() as tx:
        return rules.list_rules(tx, wanted, cursor=cursor, limit=limit)


def get_rule(
    rule_id: str, *, on: str | None = None, region_code: str | None = None
) -> rules.RuleDetail:
    with reading() as tx:
        return rules.get_rule(tx, rule_id, on=_day(on), region_code=region_code)


def publish_rule_version(principal: Principal, body: dict[str, Any]) -> Answer:
    severity = body.get("severity")
    view = publication.publish_rule_version(
        principal,
        publication.NewPublication(
            rule_id=body["rule_id"],
            version=body["version"],
            effective_from=date.fromisoformat(body["effective_from"]),
            severity=Severity(severity) if severity else None,
            reason=body["reason"],
        ),
    )
    location = f"/api/compliance/v1/re-evaluations/{view.re_evaluation_id}"
    return Answer(view, 202, location=location)


def list_re_evaluations(
    *, limit: int, cursor: str | None = None
) -> Page[re_evaluations.ReEvaluationView]:
    with reading() as tx:
        return re_evaluations.list_re_evaluations(tx, cursor=cursor, limit=limit)


def get_re_evaluation(re_evaluation_id: str) -> re_evaluations.ReEvaluationView:
    with reading() as tx:
        return re_evaluations.tell_re_evaluation(tx, UUID(re_evaluation_id))


def list_re_evaluation_results(
    re_evaluation_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    outcome: str | None = None,
) -> Page[re_evaluations.ResultView]:
    with reading() as tx:
        return re_evaluations.list_results(
            tx, principal, UUID(re_evaluation_id), outcome=outcome, cursor=cursor, limit=limit
        )


def _day(text: str | None) -> date:
    return date.fromisoformat(text) if text else clock.today()
