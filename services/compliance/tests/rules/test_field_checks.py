"""V-06 and V-15, which compare what two owners keep, and V-13, which only the reviewer is told."""

import pytest

BEFORE, LAST_DAY, BEYOND = "2022-11-04", "2024-12-31", "2024-12-30"
CLASS = "courses/K1/classes/K1-1"
UNTIL = "licence/valid_to"
FROM = "licence/valid_from"
MEMBERS = "party/member_count"
PROBATIONARY = "party/probationary_count"
SHARED_SCAN = [{"code": "v_13", "object_id": None, "pointer": "/licence/scan_file_id"}]


@pytest.mark.parametrize(
    ("check", "verdict", "changes", "told"),
    [
        ("V-06", "kept", {UNTIL: LAST_DAY}, []),
        ("V-06", "broken", {UNTIL: BEYOND}, [("/courses/0/classes/0/end_on", ("K1-1",))]),
        (
            "V-06",
            "broken",
            {UNTIL: LAST_DAY, FROM: "2024-10-10"},
            [("/courses/0/classes/0/start_on", ("K1-1",))],
        ),
        ("V-06", "kept", {UNTIL: BEYOND, f"{CLASS}/status": "finished"}, []),
        ("V-06", "kept", {UNTIL: None, FROM: None}, []),
        ("V-06", "kept", {"licence": None}, []),
        ("V-06", "kept", {UNTIL: LAST_DAY, f"{CLASS}/start_on": None}, []),
        ("V-15", "kept", {MEMBERS: 3, PROBATIONARY: 0}, []),
        ("V-15", "kept", {MEMBERS: 2, PROBATIONARY: 1}, []),
        ("V-15", "broken", {MEMBERS: 4}, [("/party/member_count", ())]),
        ("V-15", "broken", {MEMBERS: 3, PROBATIONARY: 1}, [("/party/member_count", ())]),
        (
            "V-15",
            "broken",
            {MEMBERS: 3, "staff/T2/status": "departed"},
            [("/party/member_count", ())],
        ),
        ("V-15", "kept", {MEMBERS: None, PROBATIONARY: None}, []),
        ("V-15", "kept", {"party": None}, []),
        ("V-13", "kept", {}, []),
        (
            "V-13",
            "broken",
            {"warnings/institution": SHARED_SCAN},
            [("/licence/scan_file_id", ())],
        ),
    ],
)
def test_what_two_owners_say_is_compared(judge, check, verdict, changes, told):
    """Sample C: three people work there, and its class runs from 9 October to 31 December."""
    evaluation = judge("C", changes)

    found = [one for one in evaluation.findings if one.rule_id == check]
    places = [(place.pointer, place.object_ids) for one in found for place in one.breaches]
    assert places == told
    assert bool(places) == (verdict == "broken")
    assert all(not one.blocks and one in evaluation.apart for one in found)
    assert (check in evaluation.to_acknowledge) == (bool(places) and check != "V-13")


def test_both_numbers_are_told_in_words(judge):
    found = {one.rule_id: one for one in judge("C", {MEMBERS: 4, PROBATIONARY: 1}).findings}

    (party,) = found["V-15"].breaches
    assert party.found == {"member_count": 4, "probationary_count": 1}
    assert party.required == {"party_members_at_most": 3}
    (late,) = found["V-06"].breaches
    assert (late.found, late.required) == ("2024-12-31", {"not_after": "2024-11-04"})
