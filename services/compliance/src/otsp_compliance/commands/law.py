"""The law that a judgement in a region on a day reads: rules, figures, calendar, routing."""

import dataclasses
from dataclasses import dataclass
from datetime import date

from otsp_chassis.canonical import digest_of
from otsp_chassis.db import Tx
from otsp_chassis.workcalendar import WorkCalendar
from otsp_compliance.commands.calendar import ensure_calendar
from otsp_compliance.model import Document
from otsp_compliance.queries.region import parameters_in_force
from otsp_compliance.queries.routing_rules import routing_rules
from otsp_compliance.queries.rulebook import Rulebook
from otsp_compliance.rules.parameters import Parameters, resolve
from otsp_compliance.rules.registry import Catalogue
from otsp_compliance.rules.routing import delegated_levels
from otsp_compliance.rules.routing_rules import RoutingRule
from otsp_contracts.snapshots import RegionParameters


@dataclass(frozen=True, slots=True)
class Law:
    """Everything but the institution's own facts."""

    as_of: date
    region: RegionParameters
    routing: list[RoutingRule]
    parameters: Parameters
    calendar: WorkCalendar
    book: Rulebook
    catalogue: Catalogue

    def ruleset(self) -> Document:
        """What is sealed of it, so that the judgement can be repeated."""
        days = {day.isoformat(): working for day, working in self.calendar.exceptions.items()}
        in_force = self.catalogue.in_force(self.as_of)
        return {
            "as_of": self.as_of.isoformat(),
            "rules": {rule.head.id: rule.head.version for rule in in_force},
            "publications": [str(one.publication_id) for one in self.book.publications],
            "parameters": dataclasses.asdict(self.parameters),
            "calendar": {
                "covers_from": self.calendar.covers_from.isoformat(),
                "covers_until": self.calendar.covers_until.isoformat(),
                "sha256": digest_of(days),
            },
        }


def law_in_force(tx: Tx, region_code: str | None, as_of: date, *, book: Rulebook) -> Law:
    """Without a region the national figures hold."""
    read = tx.connection()
    routing = routing_rules(read, region_code)
    delegated = delegated_levels(region_code or "", routing, on_date=as_of)
    region = parameters_in_force(read, region_code, as_of)
    return Law(
        as_of=as_of,
        region=region,
        routing=routing,
        parameters=resolve(region, delegated_levels=delegated),
        calendar=ensure_calendar(tx),
        book=book,
        catalogue=book.applications,
    )
