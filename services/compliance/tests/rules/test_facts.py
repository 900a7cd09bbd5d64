"""What the rules look at beside the snapshot itself: rest days, areas, ranks, and what lacks."""

from datetime import date
from types import SimpleNamespace

import pytest

from otsp_compliance.rules.facts import Facts, certificate_rank
from otsp_compliance.rules.outcome import MissingData
from otsp_compliance.rules.parameters import resolve

CLASS = "courses/K1/classes/K1-1"
VACATION = {"region/vacations": [["2024-11-04", "2024-11-08"]]}


@pytest.fixture
def facts(changed, calendar):
    def of(sample, changes=None):
        snapshot = changed(sample, changes)
        parameters = resolve(snapshot.region)
        return Facts(snapshot, as_of=snapshot.as_of, parameters=parameters, calendar=calendar)

    return of


@pytest.mark.parametrize(
    ("day", "is_rest"),
    [
        ("2024-11-01", False),
        ("2024-11-04", True),
        ("2024-11-06", True),
        ("2024-11-08", True),
        ("2024-11-11", False),
        ("2024-10-12", False),  # a Saturday on which school is made up
        ("2027-05-01", True),  # a Saturday beyond the calendar
        ("2027-05-03", False),  # a Monday beyond the calendar
    ],
)
def test_a_vacation_is_rest_from_its_first_day_to_its_last(facts, day, is_rest):
    known = facts("A", VACATION)

    assert known.is_rest(date.fromisoformat(day)) is is_rest
    assert known.is_rest(date.fromisoformat(day)) is is_rest, "as often as it is asked"


@pytest.mark.parametrize("part", ["party", "closing"])
def test_a_part_that_lacks_is_told_of_its_place(facts, part):
    known = facts("A", {"party": None})

    with pytest.raises(MissingData) as lack:
        getattr(known, part)

    assert lack.value.pointer == f"/{part}"


def test_sessions_that_cannot_be_dated_are_told_of_their_class_each_time(facts):
    known = facts("A", {f"{CLASS}/start_on": None})
    broken = next(row.value for row in known.classes if row.value.facts.class_id == "K1-1")

    for _ in range(2):
        with pytest.raises(MissingData) as lack:
            known.sessions(broken)
        assert lack.value.pointer == "/courses/0/classes/0/start_on"
        assert lack.value.object_ids == ("K1-1",)


def taught(item, *, types=("culture_arts",), mainly=None, **more):
    """Sample C with another item, and other kinds of training that the institution is for."""
    return {
        "courses/K1/subject_code": item,
        "institution/nonsubject_types": list(types),
        "institution/primary_nonsubject_type": mainly,
    } | {f"courses/K1/{name}": value for name, value in more.items()}


BOTH = ("culture_arts", "sports")


@pytest.mark.parametrize(
    ("changes", "area"),
    [
        ({}, 300),
        (taught("ball"), 500),
        # an item of no known type counts as what the institution mainly teaches
        (taught("unheard_of"), 300),
        (taught(None, types=("sports",)), 500),
        (taught(None, types=BOTH, mainly="sports"), 500),
        (taught(None, types=BOTH), 300),
        # what is not taught at the site asks for nothing there
        (taught("ball", delivery="online_live"), 300),
        (taught("ball", delivery=None), 500),
        (taught("ball", host_id=None), 300),
    ],
)
def test_a_site_owes_the_area_of_what_asks_most(facts, changes, area):
    assert facts("C", changes).min_area("S1") == area


def test_a_site_where_nothing_is_taught_owes_the_common_area(facts):
    assert facts("C").min_area("nowhere") == 300


@pytest.mark.parametrize(
    ("held", "rank"),
    [
        ([], -1),
        ([("teacher_cert", "unheard_of")], -1),
        ([("teacher_cert", None)], -1),
        ([("professional_cert", "senior")], -1),
        ([("teacher_cert", "primary")], 1),
        ([("teacher_cert", "primary"), ("teacher_cert", "senior")], 3),
    ],
)
def test_a_certificate_is_worth_its_highest_stage(held, rank):
    quals = [SimpleNamespace(type=kind, stage=stage) for kind, stage in held]

    assert certificate_rank(SimpleNamespace(quals=quals)) == rank
