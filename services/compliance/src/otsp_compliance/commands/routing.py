"""Asks the resolver who reviews, with the rules and authorities that are known here."""

from collections.abc import Sequence
from datetime import date

from otsp_chassis import log
from otsp_chassis.db import Reader
from otsp_compliance.model import Document
from otsp_compliance.queries.routing_rules import authorities_above, routing_rules
from otsp_compliance.rules.routing import (
    Authority,
    RoutedInstitution,
    Step,
    Unroutable,
    resolve,
)
from otsp_compliance.rules.routing_rules import RoutingRule
from otsp_compliance.rules.routing_wording import ground_document

_log = log.get_logger()


def find_steps(
    tx: Reader,
    institution: RoutedInstitution,
    on: date,
    *,
    rules: Sequence[RoutingRule] | None = None,
) -> list[Document]:
    """The review steps in order, ready to be frozen; none while no authority is known.

    `rules` are the region's routing rules when the caller has them already.
    """
    authorities = authorities_above(tx, institution.region_code)
    configured = routing_rules(tx, institution.region_code) if rules is None else rules
    try:
        steps = resolve(institution, configured, authorities, on_date=on)
    except Unroutable as reason:
        _log.warning("review_unroutable", region=reason.region_code, level=reason.level.value)
        return []
    known = {one.authority_id: one for one in authorities}
    return [
        _told(number, step, known[step.authority_id]) for number, step in enumerate(steps, start=1)
    ]


def _told(number: int, step: Step, authority: Authority) -> Document:
    if step.fallback is not None:
        _log.warning("routing_fallback", authority_id=step.authority_id, rule_id=step.rule_id)
    return {
        "step_no": number,
        "authority_id": step.authority_id,
        "authority": authority.name,
        "level": authority.level,
        "department": authority.department,
        "purpose": step.purpose,
        "fallback": step.fallback,
        "opinion_from": step.opinion_from,
        "grounds": [ground_document(ground) for ground in step.grounds],
    }
