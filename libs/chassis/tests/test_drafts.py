"""Drafts: what is typed is kept as typed, sealed, for its own people, and told when it is stale."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry, draft

ITEM = {"name": "一号", "kind": "small", "amount_fen": 100, "opened_on": "2024-10-15"}
TYPED = {"name": " 一号　", "amount_fen": "十二元", "owner": {"mobile": "1380000"}}
"""As somebody left it in the middle of typing: nothing of it would be let in."""


@pytest.fixture
def institution_id():
    return new_id()


@pytest.fixture
def clerk(kit, institution_id):  # a clerk of the institution, another one each time
    def principal(*scopes):
        given = frozenset(scopes or ("sample:read", "sample:write", "sample:draft"))
        return Principal(new_id(), "inst_admin", given, "s", institution_id=institution_id)

    return lambda *scopes: kit.as_principal(principal(*scopes))


@pytest.fixture
def own(clerk):
    return clerk()


@pytest.fixture
def base(institution_id):
    return f"/api/sample/v1/institutions/{institution_id}"


@pytest.fixture
def new(base):
    return f"{base}/drafts/item.new"


def entries(kit):
    query = select(audit_entry.c.action).where(audit_entry.c.object_type == "draft")
    with kit.runtime.database.autocommit.connect() as reader:
        return reader.scalars(query.order_by(audit_entry.c.sequence)).all()


def test_what_is_typed_comes_back_as_typed(own, new):
    saved = own.put(new, {"content": TYPED})

    assert saved.status == 200
    kept = own.get(new)
    assert kept.json["content"] == TYPED
    assert kept.version == saved.version == kept.json["version"]
    assert kept.json["saved_by"] == str(own.principal.account_id)
    assert "content" not in saved.json


def test_draft_is_for_no_store_between(own, new):
    own.put(new, {"content": TYPED})

    assert own.get(new).headers["Cache-Control"] == "no-store"


def test_draft_is_sealed_at_rest(kit, own, new):
    own.put(new, {"content": {"owner": {"mobile": "13800000001"}}})

    with kit.runtime.database.autocommit.connect() as reader:
        [row] = reader.execute(select(draft)).all()
    assert b"13800000001" not in row.content
    assert "13800000001" in kit.runtime.cipher.decrypt(row.content)


def test_field_that_the_form_has_not_is_refused(own, new):
    refused = own.put(new, {"content": TYPED | {"colour": "red", "a/b": 1}})

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {"/content/colour", "/content/a~1b"}
    assert own.get(new).problem == "not-found"


@pytest.mark.parametrize(
    "section", ["item", "item.", "item.old", "thing.new", "item.new.new", "note.new"]
)
def test_section_that_does_not_exist_is_a_bad_parameter(own, base, section):
    assert own.put(f"{base}/drafts/{section}", {"content": {}}).problem == "bad-parameter"


def test_draft_may_be_as_large_as_64_kilobytes(own, new):
    def saved(size):
        return own.put(new, {"content": {"note": "x" * (size - len('{"note":""}'))}})

    assert saved(64 * 1024).status == 200
    refused = saved(64 * 1024 + 1)
    assert (refused.status, refused.problem) == (413, "draft-too-large")
    assert refused.json["max_bytes"] == 64 * 1024


def test_last_writer_wins_unless_it_names_the_version_that_it_replaces(own, clerk, new):
    first = own.put(new, {"content": {"name": "甲"}})
    clerk().put(new, {"content": {"name": "乙"}})

    refused = own.put(new, {"content": {"name": "丙"}}, if_match=first.version)

    assert (refused.status, refused.problem) == (412, "stale-version")
    assert refused.json["current"]["content"] == {"name": "乙"}
    assert refused.json["differences"] == [
        {"pointer": "/content/name", "label_zh": None, "yours": "丙", "current": "乙"}
    ]
    taken = own.put(new, {"content": {"name": "丙"}}, if_match=refused.json["current_version"])
    assert taken.status == 200
    assert own.put(new, {"content": {"name": "丁"}}).status == 200


def test_version_of_a_draft_that_was_discarded_is_never_that_of_another(own, new):
    first = own.put(new, {"content": {"name": "甲"}}).version
    own.delete(new)
    assert own.put(new, {"content": {"name": "乙"}}, if_match=first).problem == "stale-version"
    again = own.put(new, {"content": {"name": "乙"}}).version

    assert again > first
    assert own.put(new, {"content": {"name": "丙"}}, if_match=first).problem == "stale-version"


def test_draft_says_whether_its_object_has_changed_since(own, base):
    item = own.post(f"{base}/items", ITEM)
    place = f"{base}/drafts/item.{item.json['item_id']}"

    saved = own.put(place, {"content": {"note": "改"}, "based_on_version": 1}).json
    own.put(item.headers["Location"], ITEM | {"note": "先"}, if_match=1)

    assert (saved["based_on_version"], saved["object_version"]) == (1, 1)
    assert saved["is_outdated"] is False
    later = own.get(place).json
    assert (later["based_on_version"], later["object_version"]) == (1, 2)
    assert later["is_outdated"] is True


def test_draft_of_something_new_is_based_on_nothing(own, new):
    saved = own.put(new, {"content": {}, "based_on_version": 7}).json

    assert (saved["based_on_version"], saved["is_outdated"]) == (None, False)


def test_draft_of_an_object_that_is_not_there_or_somebody_elses_is_refused(kit, own, base):
    elsewhere = new_id()
    principal = Principal(
        new_id(), "inst_admin", own.principal.scopes, "s", institution_id=elsewhere
    )
    theirs = kit.as_principal(principal).post(
        f"/api/sample/v1/institutions/{elsewhere}/items", ITEM
    )

    for object_id in (new_id(), theirs.json["item_id"]):
        refused = own.put(f"{base}/drafts/item.{object_id}", {"content": {}})
        assert (refused.status, refused.problem) == (404, "not-found")


def test_list_tells_which_drafts_there_are_without_what_they_hold(own, base, new):
    item_id = own.post(f"{base}/items", ITEM).json["item_id"]
    own.put(new, {"content": TYPED})
    own.put(f"{base}/drafts/item.{item_id}", {"content": {"name": "甲"}, "based_on_version": 3})

    first = own.get(f"{base}/drafts", query={"limit": 1})
    second = own.get(f"{base}/drafts", query={"limit": 1, "cursor": first.json["next"]})

    told = first.json["items"] + second.json["items"]
    assert [each["section"] for each in told] == [f"item.{item_id}", "item.new"]
    assert [each["is_outdated"] for each in told] == [True, False]
    assert told[0]["object_version"] == 1
    assert "一号" not in (first.content + second.content).decode()
    assert "content" not in told[0]


def test_discarded_draft_is_gone_and_may_be_discarded_again(kit, own, new):
    own.put(new, {"content": TYPED})

    assert [own.delete(new).status for _ in range(2)] == [204, 204]

    assert own.get(new).problem == "not-found"
    with kit.runtime.database.autocommit.connect() as reader:
        assert reader.execute(select(draft)).all() == []


def test_draft_that_another_window_went_on_with_is_not_discarded_by_version(own, new):
    first = own.put(new, {"content": {"name": "甲"}}).version
    own.put(new, {"content": {"name": "乙"}})

    assert own.delete(new, if_match=first).problem == "stale-version"
    assert own.get(new).json["content"] == {"name": "乙"}


def test_draft_is_its_institutions_own_and_for_people_alone(kit, own, clerk, new):
    own.put(new, {"content": TYPED})
    stranger = kit.as_principal(
        Principal(new_id(), "inst_admin", own.principal.scopes, "s", institution_id=new_id())
    )
    narrow = clerk("sample:read", "sample:write")

    for refused in (stranger.get(new), stranger.put(new, {"content": {}}), stranger.delete(new)):
        assert (refused.status, refused.problem) == (403, "other-institution")
    assert stranger.get(new.rpartition("/")[0]).problem == "other-institution"
    assert narrow.get(new).problem == "forbidden"


def test_trail_says_who_began_read_and_discarded_a_draft_but_not_every_keystroke(kit, own, new):
    for text in ("甲", "甲乙", "甲乙丙"):
        own.put(new, {"content": {"name": text}})
    own.get(new)
    own.delete(new)
    own.delete(new)

    assert entries(kit) == ["draft.begun", "draft.read", "draft.discarded"]
    with kit.runtime.database.autocommit.connect() as reader:
        assert len(reader.execute(select(audit_entry)).all()) == len(entries(kit))


def test_trail_says_when_somebody_else_went_on_with_a_draft(kit, own, clerk, new):
    own.put(new, {"content": {"name": "甲"}})
    clerk().put(new, {"content": {"name": "乙"}})

    assert entries(kit) == ["draft.begun", "draft.begun"]


def test_drafts_are_erased_after_thirty_days_without_a_keystroke(kit, own, base, new):
    item_id = own.post(f"{base}/items", ITEM).json["item_id"]
    other = f"{base}/drafts/item.{item_id}"
    begun = clock.now()
    with clock.frozen(begun):
        own.put(new, {"content": TYPED})
        own.put(other, {"content": {}})
    with clock.frozen(begun + timedelta(days=29)):
        own.put(other, {"content": {"name": "改"}})
        kit.run_job("forget_old_drafts")
        assert own.get(new).status == 200
    with clock.frozen(begun + timedelta(days=30, seconds=1)):
        kit.run_job("forget_old_drafts")
        assert own.get(new).problem == "not-found"
        assert own.get(other).status == 200
