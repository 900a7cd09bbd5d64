"""Whoever lost a race is told both versions: what was sent and what stands there now."""

import pytest

from otsp_chassis.http.conflicts import shape_of
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id

GOOD = {"name": "一号", "kind": "small", "amount_fen": 100, "opened_on": "2024-10-15"}


def bearer(institution_id, *scopes):
    return Principal(new_id(), "inst_admin", frozenset(scopes), "s", institution_id=institution_id)


@pytest.fixture
def institution_id():
    return new_id()


@pytest.fixture
def own(kit, institution_id):
    return kit.as_principal(bearer(institution_id, "sample:read", "sample:write"))


@pytest.fixture
def place(own, institution_id):  # of an item that somebody else changed to version 2
    items = f"/api/sample/v1/institutions/{institution_id}/items"
    place = own.post(items, GOOD | {"note": "旧"}).headers["Location"]
    own.put(place, GOOD | {"amount_fen": 500, "note": "新"}, if_match=1)
    return place


def test_stale_replacement_is_told_what_stands_there_now(own, place):
    stale = own.put(place, GOOD, if_match=1)

    assert (stale.status, stale.problem) == (412, "stale-version")
    assert stale.json["current"] == own.get(place).json
    assert stale.json["current_version"] == 2


def test_stale_replacement_is_told_where_the_two_differ(own, place):
    stale = own.put(place, GOOD | {"kind": "large", "amount_fen": 500}, if_match=1)

    assert stale.json["differences"] == [
        {"pointer": "/kind", "label_zh": "种类", "yours": "large", "current": "small"},
        {"pointer": "/note", "label_zh": None, "yours": None, "current": "新"},
    ]


def test_what_a_reader_never_sees_is_no_difference_and_is_not_told_back(own, place):
    secret = {"password": "Aa1-secret", "owner": {"mobile": "13800000001"}, "tags": ["LOUD"]}

    stale = own.put(place, GOOD | secret | {"amount_fen": 500, "note": "新"}, if_match=1)

    assert stale.json["differences"] == []
    assert b"13800000001" not in stale.content
    assert b"secret" not in stale.content


def test_emptied_text_and_nothing_are_no_difference(own, place):
    sent = GOOD | {"amount_fen": 500, "note": "新", "description": "", "closed_on": None}

    assert own.put(place, sent, if_match=1).json["differences"] == []


def test_lost_race_with_an_idempotency_key_is_told_the_same_and_may_be_tried_again(own, place):
    stale = own.put(place, GOOD, if_match=1, key="race-00001")
    won = own.put(place, GOOD | {"note": "合并"}, if_match=2, key="race-00001")

    assert stale.json["current"]["note"] == "新"
    assert (won.status, won.json["note"]) == (200, "合并")


def test_whoever_may_only_write_is_told_the_version_and_no_more(kit, institution_id, place):
    writer = kit.as_principal(bearer(institution_id, "sample:write"))

    stale = writer.put(place, GOOD, if_match=1)

    assert (stale.status, stale.json["current_version"]) == (412, 2)
    assert not {"current", "differences"} & stale.json.keys()


def test_of_what_is_not_there_nothing_is_told(own, place):
    absent = own.put(f"{place[:-36]}{new_id()}", GOOD, if_match=1)

    assert (absent.status, absent.problem) == (404, "not-found")
    assert "current" not in absent.json


def test_conflict_over_an_object_tells_the_object_and_its_version(own, institution_id, place):
    items = f"/api/sample/v1/institutions/{institution_id}/items"
    other = own.post(items, GOOD | {"name": "二号"}).headers["Location"]

    taken = own.put(other, GOOD, if_match=1)

    assert (taken.status, taken.problem) == (409, "sample-name-taken")
    assert (taken.json["current"]["name"], taken.json["current_version"]) == ("二号", 1)
    assert "differences" not in taken.json


def test_conflict_over_an_addition_tells_no_list(own, institution_id, place):
    taken = own.post(f"/api/sample/v1/institutions/{institution_id}/items", GOOD)

    assert (taken.status, taken.problem) == (409, "sample-name-taken")
    assert "current" not in taken.json


TEXT = {"type": "string"}


def form(**members):
    return {"type": "object", "properties": members}


def rows(**members):
    return {"type": "array", "items": form(**members)}


def compared(sent_schema, told_schema, *, sent, current):
    shape = shape_of(sent_schema, told_schema, current)
    return shape.cut(sent), shape.cut(current)


def test_only_fields_of_both_sides_are_compared_rows_of_lists_included():
    sent = form(rows=rows(name=TEXT, id_no=TEXT), note=TEXT, secret=TEXT)
    told = form(rows=rows(name=TEXT, id_masked=TEXT), note=TEXT, version=TEXT)

    mine, theirs = compared(
        sent,
        told,
        sent={"rows": [{"name": "甲", "id_no": "1"}], "note": "n", "secret": "s"},
        current={"rows": [], "note": "", "version": 1},
    )

    assert (mine, theirs) == ({"rows": [{"name": "甲"}], "note": "n"}, {})


def test_answer_that_says_more_than_its_schema_is_compared_by_what_it_says():
    sent = form(name=TEXT, quals=rows(type=TEXT, secret=TEXT), parts=form(a=TEXT, b=TEXT))

    mine, theirs = compared(
        sent,
        form(quals={"type": "array", "items": {"type": "object"}}),
        sent={"name": "甲", "quals": [{"type": "x", "secret": "s"}], "parts": {"a": "1", "b": "2"}},
        current={"name": "乙", "quals": [{"type": "x", "since": "y"}], "parts": {"a": "1"}},
    )

    assert mine == {"name": "甲", "quals": [{"type": "x"}], "parts": {"a": "1"}}
    assert theirs == {"name": "乙", "quals": [{"type": "x"}], "parts": {"a": "1"}}


def test_field_that_answers_mask_is_not_compared_though_others_may_see_it():
    told = form(name=TEXT, mobile=TEXT, mobile_masked=TEXT)

    mine, theirs = compared(
        form(name=TEXT, mobile=TEXT),
        told,
        sent={"name": "甲", "mobile": "13800000001"},
        current={"name": "甲", "mobile": None, "mobile_masked": "138****0001"},
    )

    assert mine == theirs == {"name": "甲"}


def test_number_that_was_typed_is_not_told_back_where_there_was_none_before():
    person = {"legal_rep": {"name": "甲", "id_no": "1"}}

    mine, _ = compared(
        form(legal_rep=form(name=TEXT, id_no=TEXT)),
        form(legal_rep=form(name=TEXT, id_masked=TEXT)),
        sent=person,
        current={"legal_rep": None},
    )

    assert mine == {"legal_rep": {"name": "甲"}}
