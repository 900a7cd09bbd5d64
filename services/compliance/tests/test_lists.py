"""The grey and the black list: who proposes, who decides, who sees what, how an entry ends."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance.register import ListEntryChanged

ENTRIES = "/api/compliance/v1/list-entries"
LISTS = "/api/compliance/v1/public/lists"
REASON = "预收费未全额纳入监管"


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def authority(world):
    world.profile()
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def reviewer(world, authority):
    return world.reviewer(authority)


@pytest.fixture
def admin(world, authority):
    return world.reviewer(authority, role="region_admin")


@pytest.fixture
def public(kit):
    return kit.anonymous()


def propose(client, world, **changed):
    body = {"list_type": "grey", "institution_id": str(world.institution_id), "reason": REASON}
    return client.post(ENTRIES, body | changed)


def proposed(client, world, **changed):
    answer = propose(client, world, **changed)
    assert answer.status == 201, answer.json
    return answer.json


def decide(client, entry, decision="confirm", **more):
    path = f"{ENTRIES}/{entry['list_entry_id']}/decision"
    return client.post(path, {"decision": decision} | more)


def end(client, entry, reason="已完成整改并经核查"):
    return client.post(f"{ENTRIES}/{entry['list_entry_id']}/ending", {"reason": reason})


def listed(public, list_type="grey", **query):
    return [each["name"] for each in public.get(f"{LISTS}/{list_type}", query=query).json["items"]]


def told(kit):
    payloads = [each.payload() for each in kit.published(ListEntryChanged)]
    return [(each.from_state, each.to_state) for each in payloads]


def test_a_reviewer_proposes_and_nobody_sees_it_before_it_is_confirmed(
    kit, world, public, reviewer, admin
):
    entry = proposed(reviewer, world)
    assert (entry["state"], entry["name"]) == ("proposed", world.facts["name"])
    assert listed(public) == []
    assert world.institution().get(ENTRIES).json["items"] == []
    assert world.institution().get(f"{ENTRIES}/{entry['list_entry_id']}").status == 404

    confirmed = decide(admin, entry)

    assert (confirmed.json["state"], confirmed.json["decided_on"]) == ("listed", "2024-10-15")
    [shown] = public.get(f"{LISTS}/grey").json["items"]
    assert (shown["reason"], shown["from_on"], shown["to_on"]) == (REASON, "2024-10-15", None)
    assert shown["authority_name"] == "杭州市西湖区教育局"
    assert listed(public, "black") == []
    assert world.institution().get(f"{ENTRIES}/{entry['list_entry_id']}").json["state"] == "listed"
    assert told(kit) == [(None, "proposed"), ("proposed", "listed")]


def test_an_administrators_own_entry_is_in_force_at_once(kit, world, public, admin):
    assert proposed(admin, world, list_type="black")["state"] == "listed"

    assert listed(public, "black") == [world.facts["name"]]
    assert told(kit) == [(None, "listed")]


def test_a_proposal_is_refused_with_a_reason(world, public, reviewer, admin):
    entry = proposed(reviewer, world)

    silent = decide(admin, entry, "refuse")
    refused = decide(admin, entry, "refuse", reason="证据不足")

    assert [each["pointer"] for each in silent.json["errors"]] == ["/reason"]
    assert (refused.json["state"], refused.json["decision_reason"]) == ("refused", "证据不足")
    assert listed(public) == []
    assert decide(admin, entry).problem == "list-entry-not-waiting"
    assert end(admin, entry).problem == "list-entry-not-listed"


def test_a_reviewer_decides_nothing(world, reviewer):
    entry = proposed(reviewer, world)

    assert decide(reviewer, entry).status == 403
    assert end(reviewer, entry).status == 403


def test_an_entry_is_decided_and_ended_by_its_own_authority(world, reviewer):
    entry = proposed(reviewer, world)
    city = world.authority("杭州市教育局", level="city", region_code="330100")
    above = world.reviewer(city, role="region_admin")

    assert decide(above, entry).problem == "list-entry-of-another-authority"
    assert end(above, entry).problem == "list-entry-of-another-authority"
    assert above.get(f"{ENTRIES}/{entry['list_entry_id']}").status == 200


def test_nobody_lists_outside_the_own_region(world, authority):
    ningbo = world.authority("宁波市海曙区教育局", region_code="330203")

    refused = propose(world.reviewer(ningbo), world)

    assert refused.status == 403
    named = {"institution_id": None, "name": "无证托管班", "region_code": "330106"}
    body = {name: value for name, value in named.items() if value}
    by_name = world.reviewer(ningbo).post(ENTRIES, {"list_type": "black", "reason": REASON} | body)
    assert by_name.status == 403


def test_an_entry_that_ends_is_off_the_list_and_stays_known(kit, world, public, admin):
    entry = proposed(admin, world)

    ended = end(admin, entry)

    assert (ended.json["state"], ended.json["ended_on"]) == ("ended", "2024-10-15")
    assert listed(public) == []
    [kept] = world.institution().get(ENTRIES).json["items"]
    assert kept["end_reason"] == "已完成整改并经核查"
    assert proposed(admin, world)["state"] == "listed"
    assert told(kit)[:2] == [(None, "listed"), ("listed", "ended")]


def test_an_entry_is_in_force_from_its_first_to_its_last_day(kit, world, public, admin, filing_day):
    proposed(admin, world, from_on="2024-10-20", to_on="2024-10-31")
    shown = {}
    for days in (4, 5, 16, 17):
        with clock.frozen(filing_day + timedelta(days=days)):
            shown[days] = bool(listed(public))
            if days == 17:
                kit.run_job("end_expired_list_entries")
                [kept] = admin.get(ENTRIES).json["items"]

    assert shown == {4: False, 5: True, 16: True, 17: False}
    assert (kept["state"], kept["ended_on"], kept["end_reason"]) == ("ended", "2024-11-01", None)
    assert told(kit) == [(None, "listed"), ("listed", "ended")]


def test_an_institution_is_on_a_list_once(world, reviewer, admin):
    proposed(reviewer, world)

    again = propose(admin, world)

    assert (again.status, again.problem) == (409, "list-entry-exists")
    assert proposed(admin, world, list_type="black")["state"] == "listed"


def test_who_is_not_on_the_platform_is_listed_by_name(public, admin):
    body = {
        "list_type": "black",
        "name": "晨曦托管中心",
        "region_code": "330106",
        "reason": "未取得办学许可证擅自开展培训",
        "basis_doc": "西教罚〔2024〕3号",
    }

    entry = admin.post(ENTRIES, body).json

    assert (entry["institution_id"], entry["basis_doc"]) == (None, "西教罚〔2024〕3号")
    assert listed(public, "black", q="chenxi") == ["晨曦托管中心"]
    assert listed(public, "black", q="晨曦", region="330000") == ["晨曦托管中心"]
    assert listed(public, "black", region="110000") == []


@pytest.mark.parametrize(
    ("changed", "pointers"),
    [
        ({"institution_id": None}, ["/name", "/region_code"]),
        ({"institution_id": None, "name": "晨曦托管"}, ["/region_code"]),
        ({"name": "另一名称"}, ["/name"]),
        ({"list_type": "white"}, ["/list_type"]),
        ({"list_type": "closed"}, ["/list_type"]),
        ({"reason": "不好"}, ["/reason"]),
        ({"to_on": "2024-10-14"}, ["/to_on"]),
        ({"from_on": "2024-11-01", "to_on": "2024-10-31"}, ["/to_on"]),
    ],
)
def test_what_cannot_be_listed_is_refused_at_the_field(world, reviewer, changed, pointers):
    body = {"list_type": "grey", "institution_id": str(world.institution_id), "reason": REASON}
    body = {name: value for name, value in (body | changed).items() if value}

    refused = reviewer.post(ENTRIES, body)

    assert refused.status == 422
    assert [each["pointer"] for each in refused.json["errors"]] == pointers


def test_an_unknown_institution_is_not_listed(world, reviewer):
    assert propose(reviewer, world, institution_id=str(new_id())).problem == "institution-unknown"


def test_the_list_is_told_page_by_page_newest_first(public, admin):
    for name in ("甲托管班", "乙托管班", "丙托管班"):
        body = {"list_type": "grey", "name": name, "region_code": "330106"}
        assert admin.post(ENTRIES, body | {"reason": REASON}).status == 201

    first = public.get(f"{LISTS}/grey", query={"limit": 2}).json
    rest = public.get(f"{LISTS}/grey", query={"limit": 2, "cursor": first["next"]}).json

    assert [each["name"] for each in first["items"]] == ["丙托管班", "乙托管班"]
    assert ([each["name"] for each in rest["items"]], rest["next"]) == (["甲托管班"], None)


def test_each_step_leaves_its_trace(kit, world, reviewer, admin):
    entry = proposed(reviewer, world)
    decide(admin, entry)
    end(admin, entry)

    auditor = kit.as_authority("auditor", region="000000", level="national")
    trail = auditor.get(
        f"{world.api}/audit-entries", query={"object_id": entry["list_entry_id"]}
    ).json["items"]
    assert {each["action"] for each in trail} == {
        "compliance.list_entry_proposed",
        "compliance.list_entry_listed",
        "compliance.list_entry_ended",
    }
