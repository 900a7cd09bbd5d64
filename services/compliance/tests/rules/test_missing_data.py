"""What lacks never crashes a rule and never passes in silence, wherever it lacks."""

import copy
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from otsp_contracts.snapshots import Snapshot

SECTIONS = ("institution", "staff", "materials", "courses")

NOT_ASKED_FOR = {
    # where nothing written means something
    "courses/sites/*/status": "a place without a status is judged like an open one",
    "institution/certificates/*/valid_to": "a certificate may be for good",
    "institution/institution/migrated_from": "it comes from no legacy platform",
    "staff/staff/*/blacklisted": "only an authority's match sets the mark",
    # where the rule that reads it is not for this institution, person, document
    "courses/sites/*/fire_proof_file_id": "SIT-002 is for those who teach offline",
    "institution/funds/basic_account/filed_with_authority": "FND-011 is for non-profit ones",
    "institution/funds/supervision/deposit_balance_fen": "FND-006 is for those who deposit",
    "institution/other_docs/*/doc_type": "three documents are for those who teach online",
    "institution/other_docs/*/file_id": "three documents are for those who teach online",
    "institution/party/org_name": "without a branch it has no name",
    "institution/party/secretary_in_board": "without a branch it has no secretary",
    "materials/materials/*/external_review/required": "MAT-002 is for subject material",
    "staff/staff/*/in_china": "asked of foreigners",
    "staff/staff/*/publicized": "STF-014 is for those who teach or research",
    "staff/staff/*/quals/*/stage": "STF-016 is for those who lead a class",
    "staff/staff/*/quals/*/subject": "STF-017 is for those who lead a class",
    "staff/staff/*/quals/*/type": "other kinds of qualification do as well",
    "staff/staff/*/work_permit_held": "asked of foreigners",
    # where another value of the same list remains
    "institution/institution/stages/*": "another stage remains",
    "institution/licence/scope_stages/*": "no course is of that stage",
    "institution/licence/scope_subject_codes/*": "no course is of that subject",
    "staff/staff/*/teach_stages/*": "another remains",
    "staff/staff/*/teach_subjects/*": "another remains",
    # what no rule reads: it goes with a field that is asked for
    "institution/certificates/*/certificate_id": "names the row",
    "institution/funds/audit_reports/*/file_id": "goes with the year",
    "institution/institution/legal_rep/id_hmac": "goes with id_valid",
    "institution/other_docs/*/doc_id": "names the row",
    "materials/materials/*/authors/*/staff_id": "an author from outside has a name instead",
    "materials/materials/*/external_review/reviewed_on": "goes with the result",
    "materials/materials/*/internal_review/reviewed_on": "goes with the result",
    "staff/staff/*/id_hmac": "goes with id_valid",
}
"""Leaves of good dossiers whose lack changes nothing, and why that is right."""

MEANT_BY_ABSENCE = {
    ("institution/institution/stages/*", "SIT-004"),  # no small children are taught
    ("materials/materials/*/authors/*/staff_id", "MAT-003"),  # then nobody of the staff wrote it
    ("materials/materials/*/internal_review/reviewer_ids/*", "MAT-003"),  # or reviewed it
    ("materials/materials/*/purged_on", "MAT-006"),  # it is still kept
    ("staff/staff/*/blacklisted", "STF-007"),
    ("staff/staff/*/other_full_time", "STF-019"),
}
"""Where a broken rule is kept when the leaf is gone, rightly so."""

TOLD_OF_THE_WHOLE = {("institution/certificates/*/is_primary", "/certificates")}
"""Where not one row lacks something but all of them: no certificate is the primary one."""
NUMBERS = st.integers(0, 9_999)


def leaves(node, at=()):
    """The steps to every value that stands there."""
    if isinstance(node, dict | list):
        steps = node.items() if isinstance(node, dict) else enumerate(node)
        for step, value in steps:
            yield from leaves(value, (*at, step))
    elif node is not None:
        yield at


def pattern(at):
    return "/".join("*" if isinstance(step, int) else step for step in at)


def without(document, *places):
    """The snapshot without these leaves; None where a row would have no id."""
    document = copy.deepcopy(document)
    for at in sorted(places, key=lambda one: [str(step) for step in one], reverse=True):
        node = document
        for step in at[:-1]:
            node = node[step]
        if isinstance(node, list):
            node[at[-1]] = None
        else:
            del node[at[-1]]
    try:
        return Snapshot.model_validate(_without_gaps(document))
    except ValidationError:
        return None


def _without_gaps(node):
    if isinstance(node, dict):
        return {key: _without_gaps(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_without_gaps(each) for each in node if each is not None]
    return node


def places_of(document):
    return [at for part in SECTIONS for at in leaves(document[part], (part,))]


def one_of(found, number):
    """What is drawn is a number: how much there is to choose from is known only within a test."""
    return found[number % len(found)]


def told(evaluation):
    return {
        (one.rule_id, one.message_zh, breach.pointer, str(breach.found))
        for one in evaluation.findings
        for breach in one.breaches
    }


def lacks(evaluation):
    """The places that rules could not do without."""
    gaps = [one for one in evaluation.findings if one.rule_id == "CMP-000"]
    return {breach.pointer for one in gaps for breach in one.breaches}


def stands_empty(snapshot, pointer):
    """Whether there is such a place and nothing stands in it."""
    document = snapshot.model_dump(mode="json")
    _, *steps = pointer.split("/")
    nodes = [document[part] for part in SECTIONS if steps[0] in document[part]] or [document]
    for step in steps:
        nodes = [node[int(step) if isinstance(node, list) else step] for node in nodes]
    return [node in (None, [], {}, "") for node in nodes] == [True]


@pytest.mark.parametrize("sample", ["A", "B", "C"])
def test_a_lack_is_told_of_a_place_that_is_there_and_empty(samples, judged, sample):
    """A clerk is sent to the field that she has to fill in, not to one that no form has."""
    document = samples[sample]
    before = lacks(judged(Snapshot.model_validate(document)))
    for at in places_of(document):
        snapshot = without(document, at)
        for pointer in lacks(judged(snapshot)) - before if snapshot else ():
            if (pattern(at), pointer) not in TOLD_OF_THE_WHOLE:
                assert stands_empty(snapshot, pointer), (at, pointer)


def test_a_lack_in_a_case_is_told_of_its_place(case, document_of, judged):
    if case.typed is not None:
        return
    day = date.fromisoformat(case.as_of) if case.as_of else None
    document = document_of(case)
    before = lacks(judged(Snapshot.model_validate(document), day))
    touched = {each.split("/")[-1] for each in case.changes}
    for at in places_of(document):
        if touched.isdisjoint(map(str, at)):
            continue
        snapshot = without(document, at)
        for pointer in lacks(judged(snapshot, day)) - before if snapshot else ():
            assert stands_empty(snapshot, pointer), (at, pointer)


@pytest.mark.parametrize("sample", ["A", "B", "C"])
def test_the_lack_of_any_leaf_is_told(samples, judged, sample):
    document = samples[sample]
    before = told(judged(Snapshot.model_validate(document)))
    silent = set()
    for at in places_of(document):
        snapshot = without(document, at)
        if snapshot is not None and told(judged(snapshot)) == before:
            silent.add(pattern(at))

    assert silent - NOT_ASKED_FOR.keys() == set()


def test_what_is_not_asked_for_is_in_a_sample(samples):
    there = {pattern(at) for document in samples.values() for at in places_of(document)}

    assert set(NOT_ASKED_FOR) <= there


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(sample=st.sampled_from("ABC"), numbers=st.lists(NUMBERS, min_size=1, max_size=12))
def test_no_lack_crashes_a_rule(samples, judged, sample, numbers):
    document = samples[sample]
    places = [one_of(places_of(document), number) for number in numbers]

    snapshot = without(document, *dict.fromkeys(places))

    assert snapshot is None or judged(snapshot).findings is not None


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(which=NUMBERS, number=NUMBERS)
def test_no_lack_hides_a_breach(cases, document_of, judged, which, number):
    """A leaf of a bad dossier is gone: its breach is still told, or the lack is."""
    broken = [one for one in cases if isinstance(one.expected, set) and one.typed is None]
    case = one_of(broken, which)
    day = date.fromisoformat(case.as_of) if case.as_of else None
    document = document_of(case)
    at = one_of(places_of(document), number)
    before = judged(Snapshot.model_validate(document), day)

    snapshot = without(document, at)
    if snapshot is None:
        return
    after = judged(snapshot, day)

    gone = {one.rule_id for one in before.findings} - {one.rule_id for one in after.findings}
    gone -= {rule_id for place, rule_id in MEANT_BY_ABSENCE if place == pattern(at)}
    assert not gone or told(after) - told(before), (gone, at)
