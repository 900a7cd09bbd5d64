"""What other routing rules would do to the institutions of a region. Reads, stores nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_compliance.model import InstitutionRef
from otsp_compliance.queries.routing_rules import all_authorities, all_routing_rules
from otsp_compliance.rules.inheritance import NATION, lineage
from otsp_compliance.rules.routing import (
    Authority,
    RoutedInstitution,
    Step,
    Unroutable,
    resolve,
)
from otsp_compliance.rules.routing_rules import RoutingRule
from otsp_compliance.rules.routing_wording import explain

_CLOSED = ("deregistered",)
_BATCH = 500

Placed = TypeVar("Placed", Authority, RoutingRule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`rules` replace those that the region has stored; None: what is stored, on another day."""

    region_code: str
    rules: Sequence[RoutingRule] | None
    today: date
    on: date


@dataclass(frozen=True, slots=True)
class SimulatedStep:
    """A review that a next application would go through, and why."""

    authority_id: str
    authority: str
    level: str
    department: str
    purpose: str
    fallback: str | None
    text_zh: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rerouted:
    """One institution, or one that was only described: where it goes, where it would go."""

    institution_id: UUID | None
    name: str | None
    region_code: str
    before: Sequence[SimulatedStep]
    after: Sequence[SimulatedStep]


@dataclass(frozen=True, slots=True)
class AuthorityLoad:
    """The institutions that an authority reviews for one purpose, and would review.

    `comes` and `goes` count those that it would have anew and those that it would lose.
    """

    authority_id: str
    authority: str
    level: str
    department: str
    region_code: str
    purpose: str
    before: int
    after: int
    comes: int
    goes: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """Only what would change; `described` are the institutions that were asked about."""

    region_code: str
    today: date
    on: date
    open_institutions: int
    rerouted_institutions: int
    authorities: Sequence[AuthorityLoad]
    institutions: Page[Rerouted]
    described: Sequence[Rerouted]


def simulate(
    tx: Reader,
    scenario: Scenario,
    described: Sequence[RoutedInstitution],
    *,
    cursor: str | None,
    limit: int,
) -> Simulation:
    """Counts by kind of institution, so that a province is answered at once."""
    routes = _Routes(tx, scenario)
    kinds = _kinds(tx, scenario.region_code)
    moved = {kind for kind in kinds if routes.moves(kind)}
    return Simulation(
        region_code=scenario.region_code,
        today=scenario.today,
        on=scenario.on,
        open_institutions=sum(kinds.values()),
        rerouted_institutions=sum(kinds[kind] for kind in moved),
        authorities=_loads(routes, kinds, moved),
        institutions=_page(tx, routes, moved, cursor=cursor, limit=limit),
        described=[routes.rerouted(one, None, None) for one in described],
    )


class _Routes:
    """Where kinds of institutions go and would go; each is asked once."""

    def __init__(self, tx: Reader, scenario: Scenario) -> None:
        self._tx, self._scenario = tx, scenario
        self._known: dict[RoutedInstitution, tuple[tuple[Step, ...], tuple[Step, ...]]] = {}

    @cached_property
    def authorities(self) -> Mapping[str, Authority]:
        return {one.authority_id: one for one in all_authorities(self._tx)}

    @cached_property
    def _offices(self) -> Mapping[str, list[Authority]]:
        return _by_region(self.authorities.values())

    @cached_property
    def _rules(self) -> Mapping[str, list[RoutingRule]]:
        return _by_region(all_routing_rules(self._tx))

    @cached_property
    def _draft(self) -> Mapping[str, list[RoutingRule]]:
        if self._scenario.rules is None:
            return self._rules
        return {**self._rules, self._scenario.region_code: list(self._scenario.rules)}

    def moves(self, kind: RoutedInstitution) -> bool:
        before, after = self.of(kind)
        return [_seat(step) for step in before] != [_seat(step) for step in after]

    def of(self, kind: RoutedInstitution) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """The steps today and the steps on the other day by the draft."""
        if kind not in self._known:
            self._known[kind] = (
                self._resolve(kind, self._rules, on=self._scenario.today),
                self._resolve(kind, self._draft, on=self._scenario.on),
            )
        return self._known[kind]

    def rerouted(
        self, kind: RoutedInstitution, institution_id: UUID | None, name: str | None
    ) -> Rerouted:
        before, after = self.of(kind)
        return Rerouted(
            institution_id,
            name,
            kind.region_code,
            [self._told(step) for step in before],
            [self._told(step) for step in after],
        )

    def _resolve(
        self, kind: RoutedInstitution, rules: Mapping[str, list[RoutingRule]], *, on: date
    ) -> tuple[Step, ...]:
        codes = lineage(kind.region_code)
        own = [rule for code in codes for rule in rules.get(code, ())]
        offices = [one for code in codes for one in self._offices.get(code, ())]
        try:
            return resolve(kind, own, offices, on_date=on)
        except Unroutable:
            return ()

    def _told(self, step: Step) -> SimulatedStep:
        authority = self.authorities[step.authority_id]
        return SimulatedStep(
            step.authority_id,
            authority.name,
            authority.level,
            authority.department,
            step.purpose,
            step.fallback,
            [explain(ground) for ground in step.grounds],
        )


def _loads(
    routes: _Routes, kinds: Mapping[RoutedInstitution, int], moved: Iterable[RoutedInstitution]
) -> list[AuthorityLoad]:
    before, after = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    comes, goes = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for kind, count in kinds.items():
        was, will_be = (frozenset(_seat(step) for step in steps) for steps in routes.of(kind))
        before.update(dict.fromkeys(was, count))
        after.update(dict.fromkeys(will_be, count))
        comes.update(dict.fromkeys(will_be - was, count))
        goes.update(dict.fromkeys(was - will_be, count))
    touched = {_seat(step) for kind in moved for steps in routes.of(kind) for step in steps}
    loads = []
    for seat in touched:
        authority = routes.authorities[seat[0]]
        loads.append(
            AuthorityLoad(
                authority.authority_id,
                authority.name,
                authority.level,
                authority.department,
                authority.region_code,
                seat[1],
                before[seat],
                after[seat],
                comes[seat],
                goes[seat],
            )
        )
    return sorted(loads, key=lambda one: (one.region_code, one.department, one.purpose))


def _page(
    tx: Reader,
    routes: _Routes,
    moved: set[RoutedInstitution],
    *,
    cursor: str | None,
    limit: int,
) -> Page[Rerouted]:
    """Looks through the institutions of the counties concerned until the page is full."""
    codes = {kind.region_code for kind in moved}
    last = None if cursor is None else decode_id(cursor)
    found: list[Rerouted] = []
    while codes and len(found) <= limit:
        query = select(InstitutionRef.institution_id, InstitutionRef.name, *_KIND).where(
            InstitutionRef.region_code.in_(codes), _is_open()
        )
        if last is not None:
            query = query.where(InstitutionRef.institution_id > last)
        batch = list(tx.execute(query.order_by(InstitutionRef.institution_id).limit(_BATCH)))
        for row in batch:
            institution = _institution(row)
            if institution in moved and len(found) <= limit:
                found.append(routes.rerouted(institution, row.institution_id, row.name))
        if len(batch) < _BATCH:
            break
        last = batch[-1].institution_id
    return make_page(found, limit, key=lambda one: [one.institution_id])


def _kinds(tx: Reader, region_code: str) -> dict[RoutedInstitution, int]:
    query = select(*_KIND, func.count().label("many")).where(_lies_in(region_code), _is_open())
    kinds: dict[RoutedInstitution, int] = defaultdict(int)
    for row in tx.execute(query.group_by(*_KIND)):
        kinds[_institution(row)] += row.many
    return dict(kinds)


def _institution(row: Any) -> RoutedInstitution:  # noqa: ANN401 - a row with the kind's columns
    """An only non-subject type is the primary one."""
    types = row.nonsubject_types
    only = types[0] if len(types) == 1 else None
    return RoutedInstitution(
        row.region_code,
        frozenset(row.categories),
        frozenset(row.delivery_modes),
        row.primary_nonsubject_type or only,
    )


def _lies_in(region_code: str) -> ColumnElement[bool]:
    if region_code == NATION:
        return true()
    digits = 2 if region_code.endswith("0000") else 4 if region_code.endswith("00") else 6
    return InstitutionRef.region_code.startswith(region_code[:digits], autoescape=True)


def _is_open() -> ColumnElement[bool]:
    return InstitutionRef.compliance_status.not_in(_CLOSED)


def _by_region(all_of: Iterable[Placed]) -> dict[str, list[Placed]]:
    found: dict[str, list[Placed]] = defaultdict(list)
    for one in all_of:
        found[one.region_code].append(one)
    return dict(found)


def _seat(step: Step) -> tuple[str, str]:
    return step.authority_id, step.purpose


_KIND = (
    InstitutionRef.region_code,
    InstitutionRef.categories,
    InstitutionRef.delivery_modes,
    InstitutionRef.nonsubject_types,
    InstitutionRef.primary_nonsubject_type,
)
