"""Every registered rule says all about itself, and what it says of its parameters is so."""

from collections import defaultdict
from datetime import date

import pytest

from otsp_compliance.rules.catalogue import catalogue, closing_catalogue
from otsp_compliance.rules.closing import Closing
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.parameters import NATIONAL, resolve
from otsp_compliance.rules.scopes import Dimension, Scope
from otsp_compliance.rules.sources import Standing
from otsp_compliance.rules.strictness import LABELS_ZH
from otsp_contracts.snapshots import RegionParameters

RULES = (*catalogue().rules, *closing_catalogue().rules)
OF_REGIONS = RegionParameters.model_fields.keys() - {"code", "overrides"}


class Recorder:
    """Something whose attributes are noted when they are asked for."""

    def __init__(self, subject):
        self._subject = subject
        self.asked = set()

    def __getattr__(self, name):
        self.asked.add(name)
        return getattr(self._subject, name)


def named(one):
    return f"{one.head.id} v{one.head.version}"


@pytest.mark.parametrize("one", RULES, ids=named)
def test_a_head_is_whole(one):
    head = one.head
    assert head.message_zh
    assert head.remedy_zh
    assert head.basis
    assert head.version >= 1
    assert isinstance(head.applies, Scope)
    assert head.applies.text_zh
    assert set(head.applies.dimensions) <= set(Dimension)
    assert head.applies.dimensions
    assert head.effective_from is not None
    assert head.effective_to is None or head.effective_from < head.effective_to
    assert set(head.parameters) <= (set(NATIONAL.__slots__) | OF_REGIONS) & LABELS_ZH.keys()
    for citation in head.basis:
        assert citation.document
        assert citation.text_zh.startswith(citation.document)
        assert citation.number is None or citation.standing is not Standing.LOCAL


def test_every_parameter_has_words_and_a_rule():
    used = {name for one in RULES for name in one.head.parameters}

    assert used == LABELS_ZH.keys()
    assert set(NATIONAL.__slots__) <= used


def test_a_rule_reads_the_parameters_that_it_names(cases, changed, calendar):
    """Over all its cases; none that it does not name, and each that it names somewhere."""
    read = defaultdict(set)
    for case in cases:
        snapshot = changed(case.sample, case.changes)
        day = date.fromisoformat(case.as_of) if case.as_of else snapshot.as_of
        parameters, region = Recorder(resolve(snapshot.region)), Recorder(snapshot.region)
        facts = Facts(
            snapshot, as_of=day, parameters=parameters, calendar=calendar, closing=Closing()
        )
        facts.region = region
        for one in RULES:
            if one.head.id == case.rule_id and one.head.in_force(day):
                list(one.outcomes(facts))
                read[named(one)] |= parameters.asked | region.asked

    declared = {named(one): set(one.head.parameters) for one in RULES if named(one) in read}
    assert dict(read) == declared
