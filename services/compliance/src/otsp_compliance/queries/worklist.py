"""The worklist of an authority: what waits, the most pressing first, and how much of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)

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
from otsp_compliance.model.cases import NORMAL, OPEN, URGENT
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
    is_open = filters["state"] == OPEN
    page_from = _pressing_from if is_open else _newest_from
    rows = tx.execute(page_from(worklist(tx, principal, filters), cursor, limit + 1)).all()
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


def _shows(light: str) -> ColumnElement[bool]:
    """As `light_today` has it, told so that its share of the cases can be estimated."""
    today, due_on = clock.today(), ReviewCase.pressing_on
    if light == Light.PAUSED:
        return CaseClock.paused_on <= CaseClock.due_on
    runs = or_(CaseClock.paused_on.is_(None), CaseClock.paused_on > CaseClock.due_on)
    if light == Light.RED:
        return and_(due_on <= today, runs)
    is_amber = CaseClock.amber_on <= today
    return and_(due_on > today, runs, is_amber if light == Light.AMBER else not_(is_amber))


def _as_text(value: str) -> BindParameter[str]:
    """Not a parameter: an index of open cases serves only who says that they are open."""
    return bindparam(None, value, literal_execute=True)


def _aged(days: int) -> date:
    return clock.today() - timedelta(days=days)


_FILTERS: Final[Mapping[str, Callable[[Any], ColumnElement[bool]]]] = {
    "state": lambda state: ReviewCase.state == _as_text(state),
    "kind": lambda kind: ReviewCase.kind == kind,
    "application_kind": lambda kind: Application.kind == kind,
    "application_state": lambda state: Application.state == state,
    "step_no": lambda step_no: ReviewCase.step_no == step_no,
    "priority": lambda priority: ReviewCase.priority == priority,
    "min_age_days": lambda days: ReviewCase.opened_on <= _aged(days),
    "max_age_days": lambda days: ReviewCase.opened_on >= _aged(days),
    "institution_name": lambda name: ReviewCase.institution_name.contains(name, autoescape=True),
    "light": _shows,
}
_ASSIGNMENTS: Final[Mapping[str, Callable[[Sequence[UUID]], ColumnElement[bool]]]] = {
    "me": lambda me: held_today() & ReviewCase.assignee_id.in_(me),
    "nobody": lambda _: held_today().is_not(True),
    "somebody": lambda _: held_today(),
    "taken_from_me": _was_taken_from,
}


@dataclass(frozen=True, slots=True)
class _Place:
    """In the order of open cases: by their kind, then by due day, then the oldest first."""

    is_later: int
    is_normal: int
    due_on: date
    case_id: UUID

    @property
    def kind(self) -> tuple[int, int]:
        return self.is_later, self.is_normal


_FIRST: Final = _Place(0, 0, date.min, UUID(int=0))
_KINDS: Final = tuple(product((0, 1), (0, 1)))


def _pressing_from(
    query: Select[*tuple[Any, ...]], cursor: str | None, count: int
) -> Select[*tuple[Any, ...]]:
    """Overdue before others, urgent before others, then by due day, then the oldest first.

    Of each of these four kinds the index gives the first of an authority in their order. By the
    clocks as they are kept; a page that was told another day goes on where that day's was.
    """
    after = _FIRST if cursor is None else _decode_place(cursor)
    kinds = (_of_kind(query, kind, after) for kind in _KINDS if kind >= after.kind)
    firsts = union_all(*(select(kind.limit(count).subquery()) for kind in kinds)).subquery()
    found = select(firsts).order_by(*firsts.c).limit(count).subquery()
    whole = select_summaries().join(found, found.c.case_place == ReviewCase.case_id)
    return whole.add_columns(*found.c).order_by(*found.c)


def _of_kind(
    query: Select[*tuple[Any, ...]], kind: tuple[int, int], after: _Place
) -> Select[*tuple[Any, ...]]:
    """Their places alone, from `after` on where that is one of them."""
    is_later, is_normal = kind
    due_on = ReviewCase.pressing_on
    query = query.with_only_columns(
        literal(is_later).label("is_later"),
        literal(is_normal).label("is_normal"),
        due_on.label("due_place"),
        ReviewCase.case_id.label("case_place"),
        maintain_column_froms=True,
    ).where(
        ReviewCase.priority == (NORMAL if is_normal else URGENT),
        due_on > clock.today() if is_later else due_on <= clock.today(),
    )
    if kind == after.kind:
        query = query.where(tuple_(due_on, ReviewCase.case_id) > (after.due_on, after.case_id))
    return query.order_by(due_on, ReviewCase.case_id)


def _decode_place(cursor: str) -> _Place:
    later, normal, due, case_id = decode_cursor(cursor, _PLACE_PARTS)
    try:
        return _Place(int(later == "1"), int(normal == "1"), date.fromisoformat(due), UUID(case_id))
    except ValueError as error:
        raise BadParameter(errors=[NOT_OURS]) from error


def _newest_from(
    query: Select[*tuple[Any, ...]], cursor: str | None, count: int
) -> Select[*tuple[Any, ...]]:
    if cursor is not None:
        query = query.where(ReviewCase.case_id < decode_id(cursor))
    return query.order_by(ReviewCase.case_id.desc()).limit(count)
