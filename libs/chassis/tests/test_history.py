"""Differences between two states, what several come to, and the row that keeps them."""

from datetime import date
from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from otsp_chassis.context import Call, activate
from otsp_chassis.db import transaction
from otsp_chassis.history import Concealed, FieldChange, Subject, differences, record
from otsp_chassis.history.differences import net_differences
from otsp_chassis.history.reading import History
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.tables import change

VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=3)
LISTS = st.lists(VALUES | st.dictionaries(st.sampled_from("xy"), VALUES), max_size=3)
NAMES = st.sampled_from(["", "a", "b/", "~1"])  # few, so that documents meet
DOCUMENTS = st.recursive(
    st.dictionaries(NAMES, VALUES | LISTS),
    lambda inner: st.dictionaries(NAMES, VALUES | LISTS | inner, max_size=4),
    max_leaves=8,
)
ROWS = st.dictionaries(st.sampled_from("pqr"), st.dictionaries(st.sampled_from("xy"), VALUES))


def written(document):
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def said(document):
    """A document without what says nothing: nulls, and objects that hold only such."""
    if not isinstance(document, dict):
        return document
    told = {name: said(member) for name, member in document.items()}
    return {name: member for name, member in told.items() if member not in ({}, None)}


def patched(document, changes):
    """The document after the changes, by the rules of RFC 6901: what goes makes room first."""
    document = orjson.loads(orjson.dumps(document))
    for each in sorted(changes, key=lambda each: each.after is not None):
        *way, name = (
            part.replace("~1", "/").replace("~0", "~") for part in each.pointer[1:].split("/")
        )
        place = document
        for step in way:
            if place.get(step) is None:
                place[step] = {}
            place = place[step]
        place[name] = each.after
    return document


@given(DOCUMENTS)
def test_equal_documents_do_not_differ(document):
    assert differences(document, orjson.loads(orjson.dumps(document))) == []


@given(DOCUMENTS, DOCUMENTS)
def test_differences_turn_one_document_into_the_other(before, after):
    changes = differences(before, after)

    forth = patched(before, changes)
    undone = [FieldChange(each.pointer, each.after, each.before) for each in changes]
    assert written(said(forth)) == written(said(after))
    assert written(said(patched(forth, undone))) == written(said(before))


@given(DOCUMENTS, DOCUMENTS)
def test_differences_stand_in_order_of_pointers_each_once(before, after):
    pointers = [each.pointer for each in differences(before, after)]

    assert pointers == sorted(set(pointers))


@given(st.lists(DOCUMENTS, min_size=2, max_size=5))
def test_what_several_changes_come_to_is_the_difference_of_the_ends(states):
    steps = [differences(*pair) for pair in pairwise(states)]

    assert net_differences(steps) == differences(states[0], states[-1])


@given(ROWS, ROWS, st.randoms())
def test_rows_are_compared_by_their_id_and_their_order_is_no_difference(before, after, chance):
    def listed(rows):
        told = [{"row_id": row_id} | row for row_id, row in rows.items()]
        chance.shuffle(told)
        return {"rows": told}

    def keyed(rows):
        return {"rows": {row_id: {"row_id": row_id} | row for row_id, row in rows.items()}}

    changes = differences(listed(before), listed(after), row_ids={"/rows": "row_id"})

    assert changes == differences(keyed(before), keyed(after))


def test_lists_days_and_truths_are_values():
    was = {"stages": ["junior", "senior"], "until": date(2025, 12, 19), "primary": True, "at": None}
    now = {"stages": ["senior"], "until": date(2026, 12, 19), "primary": 1}

    assert differences(was, now) == [
        FieldChange("/primary", True, 1),
        FieldChange("/stages", ["junior", "senior"], ["senior"]),
        FieldChange("/until", "2025-12-19", "2026-12-19"),
    ]


def test_of_personal_values_only_what_may_be_seen_is_kept():
    mobile = Concealed("13800000001", "138****0001")
    moved = Concealed("13811110001", "138****0001")
    sponsors = [{"name": "甲", "id": mobile}], [{"name": "甲", "id": moved}]

    assert differences({"a": Concealed("1")}, {"a": Concealed("1")}) == []
    assert differences({"a": Concealed("1")}, {"a": None}) == [FieldChange("/a", "***", None, True)]
    assert differences({"mobile": mobile}, {"mobile": moved}) == [
        FieldChange("/mobile", "138****0001", "138****0001", is_masked=True)
    ]
    [told] = differences({"sponsors": sponsors[0]}, {"sponsors": sponsors[1]})
    assert (told.is_masked, told.before) == (True, [{"name": "甲", "id": "138****0001"}])
    assert told.after == told.before


def test_masked_value_may_have_come_back_unless_there_was_none():
    one, other = Concealed("13800000001", "138****0001"), Concealed("13900000002", "139****0002")
    there_and_back = [differences({"m": one}, {"m": other}), differences({"m": other}, {"m": one})]
    came_and_went = [differences({}, {"m": one}), differences({"m": one}, {})]

    assert net_differences(there_and_back) == [
        FieldChange("/m", "138****0001", "138****0001", True)
    ]
    assert net_differences(came_and_went) == []


def test_change_is_kept_with_who_made_it_and_through_what(kit):
    subject = Subject(new_id(), "item", new_id())
    account = Principal(new_id(), "inst_admin", frozenset(), "s")
    states = [None, {"name": "甲"}, {"name": "甲"}, {"name": "乙"}, None]
    call = Call("sample.rename", request_id="r", is_write=True, principal=account)
    with activate(kit.runtime, call), transaction() as tx:
        for version, (before, after) in enumerate(pairwise(states), 1):
            record(tx, subject, version=version, before=before, after=after)

    rows = kept(kit)
    assert [(row.kind, row.version) for row in rows] == [
        ("added", 1),
        ("changed", 3),
        ("removed", 4),
    ]
    assert rows[1].fields == [
        {"pointer": "/name", "before": "甲", "after": "乙", "is_masked": False}
    ]
    assert {(row.actor_id, row.role, row.operation) for row in rows} == {
        (account.account_id, "inst_admin", "sample.rename")
    }


def test_what_news_brought_about_names_who_decided(kit):
    decider = new_id()
    with kit.active(), transaction() as tx:
        for actor in (decider, None):
            subject = Subject(new_id(), "item", new_id())
            record(tx, subject, version=1, before=None, after={}, actor_id=actor)

    assert [(row.actor_id, row.role) for row in kept(kit)] == [
        (decider, "system"),
        (None, "system"),
    ]


def test_row_of_a_list_is_told_by_its_id_and_by_the_name_of_its_field(kit):
    row_id, subject_id = str(new_id()), new_id()
    subject = Subject(new_id(), "item", subject_id, {"/rows": "row_id"})
    states = [{"rows": [{"row_id": row_id, "size": size}]} for size in (1, 2)]
    with kit.active(), transaction() as tx:
        record(tx, subject, version=2, before=states[0], after=states[1])
        record(tx, subject, version=3, before=states[1], after=states[1] | {"colour": "红"})

    labels = {"item": ("物品", {"/rows/*/size": "尺寸"})}
    with kit.runtime.database.autocommit.connect() as reader:
        page = History(labels).list_changes(reader, [], {}, cursor=None, limit=9)

    [unnamed], [sized] = (each.fields for each in page.items)
    assert (sized.pointer, sized.label_zh) == (f"/rows/{row_id}/size", "尺寸")
    assert (sized.before, sized.after) == (1, 2)
    assert (unnamed.pointer, unnamed.label_zh) == ("/colour", None)
    assert {each.part_zh for each in page.items} == {"物品"}


def test_change_falls_with_its_transaction(kit):
    with kit.active(), pytest.raises(OSError, match="later"):
        change_and_fail()

    assert kept(kit) == []


def change_and_fail():
    with transaction() as tx:
        record(tx, Subject(new_id(), "item", new_id()), version=1, before=None, after={"a": 1})
        raise OSError("later")


def kept(kit):
    with kit.runtime.database.autocommit.connect() as reader:
        return reader.execute(select(change).order_by(change.c.sequence)).all()
