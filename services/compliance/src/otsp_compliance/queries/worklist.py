"""The worklist of an authority: what waits, the most pressing first, and how much of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, select, tuple_

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.page import NOT_OURS, Page, decode_cursor, decode_id, make_page
from otsp_chassis.problems import BadParameter, Forbidden, OutsideJurisdiction
from otsp_compliance.model import (
    Application,
    AuthorityRef,
    CaseAssignment,
    CaseClock,
    ReviewCase,
)
from otsp_compliance.model.cases import OPEN, URGENT
from otsp_compliance.model.leases import ASSIGNED, TAKEN_OVER
from otsp_compliance.queries.cases import (
    CaseSummary,
    as_summaries,
    held_today,
    select_summaries,
)
from otsp_compliance.queries.clocks import light_today
from otsp_compliance.queries.covers import covered_by
from otsp_compliance.queries.visibility import escalated_readers, require_authority
from otsp_compliance.rules.clocks import Light

_PLACE_PARTS: Final = 4
_NEVER: Final = date(9999, 12, 31)
"""A case without a running clock comes after all that are due some day."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many open cases stand so. `state` is the application's, `open` for other matters."""

    state: str
    light: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a page's tabs count: of all open cases, those held by the caller, and by nobody."""

    open: int
    urgent: int
    mine: int
    unassigned: int
    tallies: Sequence[Tally]


def list_cases(
    tx: Reader,
    principal: Principal,
    *,
    filters: Mapping[str, Any],
    cursor: str | None,
    limit: int,
) -> Page[CaseSummary]:
    """Open ones the most pressing first, decided ones newest first."""
    query = worklist(tx, principal, filters)
    is_open = filters["state"] == OPEN
    query = _pressing_from(query, cursor) if is_open else _newest_from(query, cursor)
    rows = tx.execute(query.limit(limit + 1)).all()
    places = {row.case_id: row[-_PLACE_PARTS:] if is_open else [row.case_id] for row in rows}
    return make_page(as_summaries(tx, rows), limit, key=lambda one: places[one.case_id])


def summarise_cases(tx: Reader, principal: Principal, filters: Mapping[str, Any]) -> Summary:
    """Of the cases that `list_cases` would tell with the same authority and nothing else."""
    state = func.coalesce(Application.state, literal(OPEN)).label("state")
    light = light_today().label("light")
    is_mine = held_today() & ReviewCase.assignee_id.in_(_me(tx, principal))
    query = (
        worklist(tx, principal, {**filters, "state": OPEN})
        .with_only_columns(
            state,
            light,
            func.count().label("cases"),
            func.count().filter(ReviewCase.priority == URGENT).label("urgent"),
            func.count().filter(is_mine).label("mine"),
            func.count().filter(held_today().is_not(True)).label("unassigned"),
            maintain_column_froms=True,
        )
        .group_by(state, light)
        .order_by(state, light)
    )
    rows = tx.execute(query).all()
    return Summary(
        open=sum(row.cases for row in rows),
        urgent=sum(row.urgent for row in rows),
        mine=sum(row.mine for row in rows),
        unassigned=sum(row.unassigned for row in rows),
        tallies=[Tally(row.state, row.light, row.cases) for row in rows],
    )


def open_cases(tx: Reader) -> Mapping[tuple[str, str], int]:
    """By the level of the authority that they lie with, `none` where none is known, and by
    whether somebody holds them.
    """
    level = func.coalesce(AuthorityRef.level, "none")
    holder = case((held_today(), "somebody"), else_="nobody")
    query = (
        select(level, holder, func.count())
        .select_from(ReviewCase)
        .outerjoin(AuthorityRef, AuthorityRef.authority_id == ReviewCase.authority_id)
        .where(ReviewCase.state == "open")
        .group_by(level, holder)
    )
    return {(level, holder): count for level, holder, count in tx.execute(query)}


def worklist(
    tx: Reader, principal: Principal, filters: Mapping[str, Any]
) -> Select[*tuple[Any, ...]]:
    """The cases that are asked for, in no order yet; `filters` by the names of the contract."""
    is_running = (CaseClock.case_id == ReviewCase.case_id) & CaseClock.ended_on.is_(None)
    query = select_summaries().outerjoin(CaseClock, is_running)
    query = query.where(_of_authority(tx, principal, filters))
    for name, narrow in _FILTERS.items():
        if filters.get(name) is not None:
            query = query.where(narrow(filters[name]))
    if "assignment" in filters:
        query = query.where(_ASSIGNMENTS[filters["assignment"]](_me(tx, principal)))
    return query


def _of_authority(
    tx: Reader, principal: Principal, filters: Mapping[str, Any]
) -> ColumnElement[bool]:
    """The own authority, or to read, for who administers a region: those below it, what is late."""
    own = require_authority(principal)
    if filters.get("scope") == "escalated":
        return _escalated_to(principal, own)
    wanted = filters.get("authority_id")
    if filters.get("scope", "own") == "own" and wanted in (None, str(own.authority_id)):
        return ReviewCase.authority_id == own.authority_id
    if principal.role != "region_admin":
        raise Forbidden("下级部门的待办由上级部门的区域管理员查看。")
    if wanted is None:
        return ReviewCase.authority_id.in_(select(AuthorityRef.authority_id).where(_below(own)))
    query = select(AuthorityRef.authority_id)
    if (
        tx.execute(query.where(AuthorityRef.authority_id == UUID(wanted), _below(own))).first()
        is None
    ):
        raise OutsideJurisdiction("该部门不是本部门的下级部门。")
    return ReviewCase.authority_id == UUID(wanted)


def _escalated_to(principal: Principal, own: AuthorityClaim) -> ColumnElement[bool]:
    """What is late and was told to the own authority, for its head alone."""
    if not escalated_readers(principal, {own.authority_id}):
        raise Forbidden("逾期督办的事项由区域管理员查看。")
    return CaseClock.escalated_to == own.authority_id


def _below(own: AuthorityClaim) -> ColumnElement[bool]:
    """Of the same department, in the region, further down."""
    return (
        (AuthorityRef.department == own.department)
        & AuthorityRef.region_code.startswith(own.region_prefix, autoescape=True)
        & (AuthorityRef.authority_id != own.authority_id)
    )


def _me(tx: Reader, principal: Principal) -> list[UUID]:
    """The caller, and those whose leave the caller covers."""
    return [principal.account_id, *sorted(covered_by(tx, principal.account_id))]


def _was_taken_from(me: Sequence[UUID]) -> ColumnElement[bool]:
    return exists().where(
        CaseAssignment.case_id == ReviewCase.case_id,
        CaseAssignment.former_account_id == me[0],
        CaseAssignment.how.in_((TAKEN_OVER, ASSIGNED)),
        ReviewCase.assignee_id.is_distinct_from(me[0]),
    )


def _aged(days: int) -> date:
    return clock.today() - timedelta(days=days)


_FILTERS: Final[Mapping[str, Callable[[Any], ColumnElement[bool]]]] = {
    "state": lambda state: ReviewCase.state == state,
    "kind": lambda kind: ReviewCase.kind == kind,
    "application_kind": lambda kind: Application.kind == kind,
    "application_state": lambda state: Application.state == state,
    "step_no": lambda step_no: ReviewCase.step_no == step_no,
    "priority": lambda priority: ReviewCase.priority == priority,
    "min_age_days": lambda days: ReviewCase.opened_on <= _aged(days),
    "max_age_days": lambda days: ReviewCase.opened_on >= _aged(days),
    "institution_name": lambda name: ReviewCase.institution_name.contains(name, autoescape=True),
    "light": lambda light: light_today() == light,
}
_ASSIGNMENTS: Final[Mapping[str, Callable[[Sequence[UUID]], ColumnElement[bool]]]] = {
    "me": lambda me: held_today() & ReviewCase.assignee_id.in_(me),
    "nobody": lambda _: held_today().is_not(True),
    "somebody": lambda _: held_today(),
    "taken_from_me": _was_taken_from,
}


def _pressing_from(query: Select[*tuple[Any, ...]], cursor: str | None) -> Select[*tuple[Any, ...]]:
    """Overdue before others, urgent before others, then by due day, then the oldest first.

    By the clocks as they are kept; a page that was told another day goes on where that day's was.
    """
    place = (
        case((light_today() == Light.RED.value, 0), else_=1).label("is_later"),
        case((ReviewCase.priority == URGENT, 0), else_=1).label("is_normal"),
        func.coalesce(CaseClock.due_on, _NEVER).label("due_place"),
    )
    query = query.add_columns(*place, ReviewCase.case_id.label("case_place"))
    if cursor is not None:
        query = query.where(tuple_(*place, ReviewCase.case_id) > tuple_(*_decode_place(cursor)))
    return query.order_by(*place, ReviewCase.case_id)


def _decode_place(cursor: str) -> tuple[int, int, date, UUID]:
    later, normal, due, case_id = decode_cursor(cursor, _PLACE_PARTS)
    try:
        return int(later == "1"), int(normal == "1"), date.fromisoformat(due), UUID(case_id)
    except ValueError as error:
        raise BadParameter(errors=[NOT_OURS]) from error


def _newest_from(query: Select[*tuple[Any, ...]], cursor: str | None) -> Select[*tuple[Any, ...]]:
    if cursor is not None:
        query = query.where(ReviewCase.case_id < decode_id(cursor))
    return query.order_by(ReviewCase.case_id.desc())
