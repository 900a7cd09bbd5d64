"""Two checks beside each other: the same rule and the same object is the same fault."""

import pytest

from otsp_compliance.rules.comparison import PARTS_ZH, Fault, compare, owner_of, part_of
from otsp_contracts.snapshots import SECTIONS


def fault(rule_id, object_id=None, pointer=None, message="…"):
    return Fault(rule_id, object_id, pointer, "B", message)


@pytest.mark.parametrize(
    ("before", "now", "new", "cured", "remaining"),
    [
        ([], [], "", "", ""),
        ([], ["A:1"], "A:1", "", ""),
        (["A:1"], [], "", "A:1", ""),
        (["A:1"], ["A:1"], "", "", "A:1"),
        (["A:1", "A:2"], ["A:2", "A:3", "B:2"], "A:3 B:2", "A:1", "A:2"),
    ],
)
def test_faults_come_go_and_stay(before, now, new, cured, remaining):
    def read(names):
        return [fault(*name.split(":")) for name in names]

    told = compare(read(before), read(now))

    assert list(told.new) == read(new.split())
    assert list(told.cured) == read(cured.split())
    assert list(told.remaining) == read(remaining.split())


def test_what_is_no_object_is_known_by_its_place():
    told = compare(
        [fault("CMP-001", pointer="/institution/name", message="必填项未填写：名称、电话")],
        [
            fault("CMP-001", pointer="/institution/name", message="必填项未填写：名称"),
            fault("CMP-001", pointer="/institution/tel"),
        ],
    )

    assert [one.pointer for one in told.new] == ["/institution/tel"]
    assert [one.message_zh for one in told.remaining] == ["必填项未填写：名称"]


def test_faults_are_told_in_the_order_of_rules_and_objects_whatever_they_say():
    without_object, with_object = fault("A", pointer="/b"), fault("A", "a", message="2")

    told = compare([], [fault("B", "a", message="1"), without_object, with_object])

    assert [one.key for one in told.new] == [("A", "/b"), ("A", "a"), ("B", "a")]


@pytest.mark.parametrize(
    ("pointer", "part", "owner"),
    [
        ("/institution/name", "institution", "institution"),
        ("/funds/fee_items/0/amount_fen", "funds", "institution"),
        ("/staff/3/quals", "staff", "staff"),
        ("/courses/0/classes/1/slots", "courses", "courses"),
        ("/systems/0", "systems", "courses"),
        ("/rectifications/0", "rectifications", "compliance"),
        ("", "institution", "institution"),
    ],
)
def test_a_finding_is_cured_in_the_part_that_it_points_into(pointer, part, owner):
    assert (part_of(pointer), owner_of(part)) == (part, owner)


def test_every_part_of_every_section_has_a_name():
    for name, section in SECTIONS.items():
        for part in set(section.model_fields) & set(PARTS_ZH):
            assert owner_of(part) == name
    named = {part for section in SECTIONS.values() for part in section.model_fields}
    what_is_applied_for = {"proposed_change", "relocated_from"}
    beside = {"as_of", "field_warnings", "institution_id"} | what_is_applied_for
    assert named - set(PARTS_ZH) <= beside
