"""Checks over what two owners keep (V-06, V-15), made where both lie side by side.

An owner sees its own rows only. To warn earlier it would need a copy of the other's, which may lag
behind what is sealed; in the snapshot both are locked, and nothing is copied for it.
"""

from collections.abc import Iterator

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Fault


def cross_checks(facts: Facts) -> Iterator[tuple[str, Breach]]:
    """Each doubt with its code. What is lacking is reported by others, and doubts nothing here."""
    for breach in _classes_beyond_the_licence(facts):
        yield "v_06", breach
    for breach in _more_members_than_staff(facts):
        yield "v_15", breach


def _classes_beyond_the_licence(facts: Facts) -> Iterator[Breach]:
    licence = facts.snapshot.institution.licence
    if licence is None:
        return
    for row in facts.classes:
        taught = row.value.facts
        for field, day in (("start_on", taught.start_on), ("end_on", taught.end_on)):
            if day is None:
                continue
            if licence.valid_to is not None and day > licence.valid_to:
                required = {"not_after": licence.valid_to}
            elif licence.valid_from is not None and day < licence.valid_from:
                required = {"not_before": licence.valid_from}
            else:
                continue
            yield row.breach(Fault(field, found=day, required=required))


def _more_members_than_staff(facts: Facts) -> Iterator[Breach]:
    """Probationary members are counted too: both are numbers of people who work here."""
    party = facts.snapshot.institution.party
    if party is None:
        return
    members, probationary = party.member_count or 0, party.probationary_count or 0
    employed = len(facts.employed)
    if members + probationary > employed:
        yield Breach(
            (),
            "/party/member_count",
            {"member_count": members, "probationary_count": probationary},
            {"party_members_at_most": employed},
        )
