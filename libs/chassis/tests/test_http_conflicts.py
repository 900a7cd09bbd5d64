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
        {"pointer": "/kind", "yours": "large", "current": "small"},
        {"pointer": "/note", "yours": None, "current": "新"},
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


def test_only_fields_of_both_sides_are_compared_rows_of_lists_included():
    def rows(**members):
        return {"type": "array", "items": {"type": "object", "properties": members}}

    text = {"type": "string"}
    sent = {"properties": {"rows": rows(name=text, id_no=text), "note": text, "secret": text}}
    told = {"properties": {"rows": rows(name=text, id_masked=text), "note": text, "version": text}}

    shape = shape_of(sent, told)

    document = {"rows": [{"name": "甲", "id_no": "1"}], "note": "n", "secret": "s", "version": 1}
    assert shape.cut(document) == {"rows": [{"name": "甲"}], "note": "n"}
    assert shape.cut({"rows": None}) == {}
