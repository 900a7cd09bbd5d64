"""Two sealed snapshots beside each other: what the institution changed between two applications."""

import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id


@pytest.fixture
def at_the_day(filing_day):
    with clock.frozen(filing_day):
        yield


@pytest.fixture
def authority(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def two(world, authority, at_the_day):
    """An application that was withdrawn, and the next one after some changes."""
    world.profile().configure()
    own = world.sections[world.sample]
    gone = dict(own["materials"]["materials"][0], material_id=str(new_id()), title="暑期讲义")
    own["materials"]["materials"].append(gone)
    first = sealed(world)
    world.institution().post(f"{world.api}/applications/{first}/withdrawal")
    own["institution"]["licence"]["issuer_name"] = "杭州市教育局"
    own["staff"]["staff"][0]["name"] = "周乙"
    own["staff"]["staff"].reverse()
    own["materials"]["materials"].pop()
    own["courses"]["courses"][0]["classes"][0]["capacity"] = 13
    added = dict(own["courses"]["sites"][0], site_id=str(new_id()), name="城西办学点")
    own["courses"]["sites"].append(added)
    return first, sealed(world), gone["material_id"], added["site_id"]


def sealed(world):
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    told = world.application(application_id)
    assert told["state"] == "submitted", told["blocking"]
    return application_id


def look(client, world, application_id, **query):
    path = f"{world.api}/applications/{application_id}/differences"
    return client.get(path, query=query)


def approve(kit, application_id):
    with psycopg.connect(kit.owner_url) as owner:
        owner.execute(
            "UPDATE application SET state = 'approved' WHERE application_id = %s", (application_id,)
        )


def test_each_object_that_differs_is_told_with_its_fields(world, two):
    first, second, gone, added = two

    told = look(world.institution(), world, second, **{"from": first}).json

    assert (told["before"]["application_id"], told["after"]["application_id"]) == (first, second)
    assert told["before"]["sha256"] != told["after"]["sha256"]
    seen = {(each["part"], each["object_id"]): each for each in told["items"]}
    assert list(seen) == [
        ("licence", None),
        ("staff", "T1"),
        ("materials", gone),
        ("sites", added),
        ("courses", "K1-1"),
    ]
    assert {each["kind"] for each in told["items"][:2]} == {"changed"}
    assert seen["licence", None]["part_zh"] == "办学许可证"
    [field] = seen["licence", None]["fields"]
    assert (field["pointer"], field["after"]) == ("/issuer_name", "杭州市教育局")
    assert seen["staff", "T1"]["fields"] == [
        {"pointer": "/name", "before": "周甲", "after": "周乙"}
    ]
    assert [seen["materials", gone]["kind"], seen["sites", added]["kind"]] == ["removed", "added"]
    assert seen["sites", added]["name"] == "城西办学点"
    [capacity] = seen["courses", "K1-1"]["fields"]
    assert (capacity["pointer"], capacity["after"]) == ("/capacity", 13)


def test_of_the_same_snapshot_nothing_differs(world, two):
    first, *_ = two

    told = look(world.institution(), world, first, **{"from": first}).json

    assert (told["items"], told["next"]) == ([], None)


def test_without_from_it_is_the_last_one_that_was_approved_before(kit, world, two):
    first, second, *_ = two
    none = look(world.institution(), world, second).json
    assert (none["before"], none["items"], none["next"]) == (None, [], None)
    approve(kit, first)

    told = look(world.institution(), world, second)

    assert told.json["before"]["application_id"] == first
    assert look(world.institution(), world, first).json["before"] is None


def test_differences_are_told_page_by_page(world, two):
    first, second, *_ = two
    own, query = world.institution(), {"from": first, "limit": 2}

    one = look(own, world, second, **query).json
    two_more = look(own, world, second, cursor=one["next"], **query).json
    last = look(own, world, second, cursor=two_more["next"], **query).json

    pages = [one, two_more, last]
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert last["next"] is None
    whole = look(own, world, second, **{"from": first}).json["items"]
    assert [item for page in pages for item in page["items"]] == whole


def test_authority_in_hand_looks_and_that_is_recorded(kit, world, two, authority):
    first, second, *_ = two

    told = look(world.reviewer(authority), world, second, **{"from": first})

    assert told.status == 200
    assert told.headers["Cache-Control"] == "no-store"
    auditor = kit.as_authority("auditor", region="000000", level="national")
    entries = auditor.get(f"{world.api}/audit-entries", query={"action": "compliance.snapshots"})
    [entry] = entries.json["items"]
    assert (entry["object_id"], entry["pii_fields"]) == (second, ["staff"])


def test_authority_that_has_not_the_case_sees_nothing(world, two, authority):
    first, second, *_ = two
    sports = world.authority("杭州市西湖区体育局", department="sports")

    other = look(world.reviewer(sports), world, second, **{"from": first})
    over = look(world.reviewer(authority), world, first, **{"from": second})

    assert (other.status, other.problem) == (403, "application-not-in-hand")
    assert over.problem == "application-not-in-hand"


def test_another_institution_is_compared_with_nobody(kit, world, two):
    first, second, *_ = two
    stranger = kit.as_institution(new_id())

    assert look(stranger, world, second, **{"from": first}).status == 403
    assert look(world.institution(), world, new_id()).status == 404
    assert look(world.institution(), world, second, **{"from": str(new_id())}).status == 404


def test_application_that_is_not_sealed_cannot_be_compared(world, authority, at_the_day):
    world.profile().configure()
    waiting = world.filed(acknowledged_warnings=["SIT-006"])

    refused = look(world.institution(), world, waiting, **{"from": waiting})

    assert (refused.status, refused.problem) == (409, "application-not-sealed")
