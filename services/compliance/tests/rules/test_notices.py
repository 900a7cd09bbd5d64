"""What may stand in a notice (一次告知), told fault by fault; and what a second one may name."""

from datetime import date

import pytest

from otsp_compliance.rules.notices import (
    Broken,
    Item,
    Place,
    due_after,
    faults_of,
    not_introduced,
    place_of,
    reopened_until,
    value_at,
)

FILE = {
    "institution": {"name": "示例学校", "website": None, "complaint/tel": "1"},
    "licence": {"licence_no": "教民1", "scan_file_id": "f1", "scope": ["a", "b"], "copies": False},
    "certificates": [],
    "party": None,
    "other_docs": [{"doc_id": "D1", "doc_type": "charter", "file_id": "f2"}],
    "funds": {
        "supervision": {"bank": "示例银行"},
        "fee_items": [{"fee_item_id": "F1", "price_fen": 100}],
        "audit_reports": [{"year": 2023, "file_id": "f3"}],
    },
    "staff": [{"staff_id": "T1", "name": "周甲", "quals": []}, {"staff_id": "T2", "name": None}],
    "materials": [],
    "sites": [{"site_id": "S1", "floor": 3}],
    "systems": [],
    "courses": [
        {"course_id": "K1", "name": "数学", "classes": [{"class_id": "C1", "slots": []}]},
        {"course_id": "K2", "name": "英语", "classes": [{"class_id": "C2", "slots": [1]}]},
    ],
}
FOUND = {
    "SIT-006": Broken("SIT-006", ["条款"], frozenset({"S1"})),
    "V-13": Broken("V-13", [], frozenset({"/licence"})),
}


def item(kind, part, object_id=None, pointer="", **more):
    more = {"basis": "条款"} | more
    return Item(kind, Place(part, object_id, pointer), "改正", **more)


def codes(*items):
    found = faults_of(items, FILE, FOUND)
    return [(each.pointer.removeprefix("/items/"), each.code) for each in found]


@pytest.mark.parametrize(
    "asked",
    [
        item("wrong_value", "institution", pointer="/name"),
        item("wrong_value", "institution", pointer="/complaint~1tel"),
        item("wrong_value", "licence", pointer="/scope/1"),
        item("wrong_value", "licence", pointer="/copies"),
        item("wrong_value", "supervision", pointer="/bank"),
        item("wrong_value", "fee_items", "F1", "/price_fen"),
        item("wrong_value", "classes", "C2", "/slots"),
        item("wrong_value", "staff", "T1"),
        item("missing_field", "institution", pointer="/website"),
        item("missing_field", "party"),
        item("missing_field", "certificates"),
        item("missing_field", "staff"),
        item("missing_field", "audit_reports"),
        item("missing_field", "staff", "T1", "/quals"),
        item("missing_field", "classes", "C1", "/slots"),
        item("document", "licence", file_id="f1"),
        item("document", "licence", pointer="/scan_file_id", file_id="f1"),
        item("document", "other_docs", "D1", file_id="f2"),
        item("document", "audit_reports", file_id="f3"),
        item("document", "other_docs"),
        item("explanation", "sites", "S1", rule_id="SIT-006", basis=None),
        item("explanation", "party"),
    ],
)
def test_what_stands_in_the_file_may_be_asked_for(asked):
    assert codes(asked) == []


@pytest.mark.parametrize(
    ("asked", "where", "code"),
    [
        (item("wrong_value", "institution", pointer="/nothing"), "pointer", "unknown_pointer"),
        (item("wrong_value", "licence", pointer="/scope/2"), "pointer", "unknown_pointer"),
        (item("wrong_value", "licence", pointer="/scope/-1"), "pointer", "unknown_pointer"),
        (item("missing_field", "party", pointer="/branch"), "pointer", "unknown_pointer"),
        (item("wrong_value", "staff", "T9", "/name"), "object_id", "unknown_object"),
        (item("explanation", "licence", "T1"), "object_id", "unknown_object"),
        (item("wrong_value", "courses", "C1"), "object_id", "unknown_object"),
        (item("wrong_value", "staff", pointer="/name"), "object_id", "required"),
        (item("wrong_value", "staff"), "object_id", "required"),
        (item("wrong_value", "staff", "T2", "/name"), "pointer", "nothing_there"),
        (item("wrong_value", "party"), "pointer", "nothing_there"),
        (item("missing_field", "institution", pointer="/name"), "pointer", "not_missing"),
        (item("missing_field", "licence", pointer="/copies"), "pointer", "not_missing"),
        (item("missing_field", "classes", "C2", "/slots/0"), "pointer", "not_missing"),
        (item("document", "other_docs", "D1", file_id="f1"), "file_id", "unknown_file"),
        (item("document", "party", file_id="f1"), "file_id", "unknown_file"),
        (item("explanation", "sites", rule_id="LIC-001"), "rule_id", "unknown_rule"),
        (item("explanation", "licence", rule_id="V-13"), "rule_id", "reviewers_only"),
        (item("explanation", "party", basis=None), "basis", "required"),
        (item("explanation", "party", basis=""), "basis", "required"),
    ],
)
def test_what_does_not_is_refused_where_it_is_named(asked, where, code):
    assert codes(item("explanation", "systems"), asked) == [(f"1/{where}", code)]


def test_nothing_is_asked_twice():
    once = item("wrong_value", "licence", pointer="/licence_no")
    other = item("explanation", "licence", pointer="/licence_no")

    assert codes(once, other, once) == [("2", "repeated")]


AFTER = FILE | {
    "licence": FILE["licence"] | {"licence_no": "教民2"},
    "party": {"branch": "支部"},
    "staff": [*FILE["staff"], {"staff_id": "T3", "name": "新人"}],
}
NEWLY = FOUND | {
    "SIT-006": Broken("SIT-006", ["条款"], frozenset({"S1", "S2"})),
    "STF-001": Broken("STF-001", ["条款"], frozenset({"T3"})),
}


@pytest.mark.parametrize(
    ("asked", "is_introduced"),
    [
        (item("wrong_value", "licence", pointer="/licence_no"), True),
        (item("wrong_value", "licence", pointer="/scope"), False),
        (item("wrong_value", "licence"), False),
        (item("explanation", "party"), True),
        (item("explanation", "party", pointer="/branch"), True),
        (item("missing_field", "staff"), True),
        (item("missing_field", "sites"), False),
        (item("wrong_value", "staff", "T3", "/name"), True),
        (item("wrong_value", "staff", "T3"), True),
        (item("wrong_value", "staff", "T1"), False),
        (item("wrong_value", "staff", "T1", "/name"), False),
        (item("explanation", "staff", "T3", rule_id="STF-001"), True),
        (item("explanation", "staff", "T1", rule_id="STF-001"), False),
        (item("explanation", "sites", "S1", rule_id="SIT-006"), False),
        (item("explanation", "sites", "S2", rule_id="SIT-006"), True),
        (item("explanation", "sites", rule_id="SIT-006"), True),
        (item("explanation", "licence", rule_id="V-13"), False),
    ],
)
def test_second_notice_names_only_what_the_answer_introduced(asked, is_introduced):
    introduced = item("wrong_value", "licence", pointer="/licence_no")

    refused = not_introduced([introduced, asked], before=FILE, now=AFTER, old=FOUND, new=NEWLY)

    assert refused == ([] if is_introduced else [1])


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/licence/valid_to", Place("licence")),
        ("/licence", Place("licence")),
        ("/institution/legal_rep/name", Place("institution")),
        ("/other_docs/0/file_id", Place("other_docs", "D1")),
        ("/funds/fee_items/0/price_fen", Place("fee_items", "F1")),
        ("/funds/supervision/bank", Place("supervision")),
        ("/funds/audit_reports/0", Place("audit_reports")),
        ("/staff/1/quals", Place("staff", "T2")),
        ("/staff", Place("staff")),
        ("/courses/1/name", Place("courses", "K2")),
        ("/courses/1/classes/0/slots/0", Place("classes", "C2")),
        ("/courses/1/classes", Place("classes")),
        ("/rectifications/0", None),
        ("/region/school_hours", None),
        ("/closing/reason", None),
    ],
)
def test_finding_leads_to_the_object_that_is_to_be_put_right(pointer, place):
    assert place_of(FILE, pointer) == place


def test_value_of_a_place_that_is_not_there_is_nothing():
    assert value_at(FILE, Place("staff", "T9", "/name")) is None
    assert value_at(FILE, Place("classes", "C2", "/slots/0")) == 1


def test_thirty_days_and_one_more_when_the_platform_was_at_fault():
    assert due_after(date(2024, 10, 15)) == date(2024, 11, 14)
    assert reopened_until(date(2024, 11, 14), date(2024, 10, 20)) == date(2024, 11, 14)
    assert reopened_until(date(2024, 11, 14), date(2024, 11, 14)) == date(2024, 11, 15)
