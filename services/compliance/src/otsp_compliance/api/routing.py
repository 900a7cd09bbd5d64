"""Why a case lies where it lies, handing it over, and trying routing rules out."""

from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_compliance.commands import simulation, transfer
from otsp_compliance.queries import case_routing
from otsp_compliance.queries.simulation import Simulation
from otsp_compliance.rules.routing import RoutedInstitution


def get_case_routing(case_id: str, principal: Principal) -> case_routing.RoutingView:
    with reading() as tx:
        return case_routing.get_case_routing(tx, principal, UUID(case_id))


def transfer_case(case_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = transfer.transfer_case(
        principal,
        UUID(case_id),
        transfer.Transfer(
            authority_id=UUID(body["authority_id"]),
            reason=body["reason"],
            step_no=body.get("step_no"),
        ),
    )
    return Answer(view, version=view.version)


def simulate_routing(
    principal: Principal, body: dict[str, Any], *, limit: int, cursor: str | None = None
) -> Simulation:
    on = body.get("on")
    draft = simulation.Draft(
        rules=body.get("rules"),
        on=date.fromisoformat(on) if on else None,
        institutions=[_described(one) for one in body.get("institutions", [])],
    )
    return simulation.simulate_routing(
        principal, body["region_code"], draft, cursor=cursor, limit=limit
    )


def _described(facts: dict[str, Any]) -> RoutedInstitution:
    return RoutedInstitution(
        facts["region_code"],
        frozenset(facts["categories"]),
        frozenset(facts["delivery_modes"]),
        facts.get("nonsubject_type"),
    )
