"""Compliance applications and self-checks."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.reveals import NEVER_STORED
from otsp_compliance.commands import as_of, comparing, filing
from otsp_compliance.queries import applications as reads
from otsp_compliance.queries import self_checks
from otsp_contracts.values import FieldError


def check_exceptions(body: dict[str, Any]) -> Iterator[FieldError]:
    """One reason a rule."""
    seen: set[str] = set()
    for place, asked in enumerate(body.get("exceptions", [])):
        rule_id = str((asked or {}).get("rule_id", place))
        if rule_id in seen:
            yield FieldError(
                f"/exceptions/{place}/rule_id", "repeated", "同一规则只能申请一次例外。"
            )
        seen.add(rule_id)


def exceptions_of(body: dict[str, Any]) -> dict[str, str]:
    """Rule → reason."""
    return {one["rule_id"]: one["reason"] for one in body.get("exceptions", [])}


def _check_as_of(body: dict[str, Any]) -> Iterator[FieldError]:
    """Rules reckon with months and years round the day; beyond these no rule has a meaning."""
    as_of = body.get("as_of")
    if as_of is not None and not "2000-01-01" <= as_of <= "2099-12-31":
        yield FieldError("/as_of", "out_of_range", "日期应在 2000 年至 2099 年之间。")


@checked(check_exceptions)
def file_application(principal: Principal, body: dict[str, Any]) -> Answer:
    view = filing.file_application(
        principal,
        filing.NewApplication(
            institution_id=UUID(body["institution_id"]),
            kind=body["kind"],
            acknowledged_warnings=body.get("acknowledged_warnings", []),
            exceptions=exceptions_of(body),
        ),
    )
    location = f"/api/compliance/v1/applications/{view.application_id}"
    return Answer(view, 202, version=view.version, location=location)


def get_application(application_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        view = reads.get_application(tx, principal, UUID(application_id))
    return Answer(view, version=view.version)


def list_differences(
    application_id: str, principal: Principal, *, limit: int, cursor: str | None = None, **more: str
) -> Answer:
    """`from` is a word of Python: it comes among the others."""
    before = more.get("from")
    told = comparing.compare_snapshots(
        principal,
        UUID(application_id),
        before_id=None if before is None else UUID(before),
        cursor=cursor,
        limit=limit,
    )
    return Answer(told, headers=NEVER_STORED)


def get_snapshot_part(application_id: str, part: str, principal: Principal) -> Answer:
    told = as_of.look_at_part(principal, UUID(application_id), part)
    return Answer(told, headers=NEVER_STORED)


def list_applications(
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    institution_id: str | None = None,
    state: str | None = None,
) -> Page[reads.ApplicationSummary]:
    with reading() as tx:
        return reads.list_applications(
            tx,
            principal,
            institution_id=UUID(institution_id) if institution_id else None,
            state=state,
            cursor=cursor,
            limit=limit,
        )


def acknowledge_warnings(application_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = filing.acknowledge_warnings(principal, UUID(application_id), body["rule_ids"])
    return Answer(view, version=view.version)


def withdraw_application(application_id: str, principal: Principal) -> Answer:
    view = filing.withdraw_application(principal, UUID(application_id))
    return Answer(view, version=view.version)


@checked(_check_as_of)
def start_self_check(principal: Principal, body: dict[str, Any]) -> Answer:
    as_of = body.get("as_of")
    view = filing.start_self_check(
        principal,
        UUID(body["institution_id"]),
        as_of=date.fromisoformat(as_of) if as_of else clock.today(),
        closing=body.get("closing"),
    )
    return Answer(view, 202, location=f"/api/compliance/v1/self-checks/{view.self_check_id}")


def get_self_check(self_check_id: str, principal: Principal) -> self_checks.SelfCheckView:
    with reading() as tx:
        return self_checks.get_self_check(tx, principal, UUID(self_check_id))


def list_self_checks(
    principal: Principal, *, institution_id: str, limit: int, cursor: str | None = None
) -> Page[self_checks.SelfCheckSummary]:
    with reading() as tx:
        return self_checks.list_self_checks(
            tx, principal, UUID(institution_id), cursor=cursor, limit=limit
        )
