"""Tries routing rules out before a region activates them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_compliance.commands.configuration import require_configurer
from otsp_compliance.commands.routing_rules import read_rules
from otsp_compliance.model import Document
from otsp_compliance.queries.simulation import Scenario, Simulation, simulate
from otsp_compliance.rules.routing import RoutedInstitution


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Without `rules` those stored are tried on the day `on`; without it, on the draft's first."""

    rules: list[Document] | None
    on: date | None
    institutions: Sequence[RoutedInstitution]


def simulate_routing(
    principal: Principal, region_code: str, draft: Draft, *, cursor: str | None, limit: int
) -> Simulation:
    """Today's routing beside that of the draft, which is refused as storing it would be."""
    require_configurer(principal, region_code)
    rules = None if draft.rules is None else read_rules(region_code, draft.rules)
    today = clock.today()
    first = min((rule.effective_from for rule in rules or ()), default=today)
    scenario = Scenario(
        region_code=region_code, rules=rules, today=today, on=draft.on or max(today, first)
    )
    with reading() as tx:
        return simulate(tx, scenario, draft.institutions, cursor=cursor, limit=limit)
