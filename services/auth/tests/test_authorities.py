"""What is entered of authorities, who they are below, and whom the public is sent to (找谁办)."""

import pytest

from otsp_auth.rules.recovery import regions_in_charge
from otsp_chassis.ids import new_id
from otsp_contracts.auth import AuthorityChanged

BASE, PASSWORD = "/api/auth/v1", "Xihu-2026-peixun"
XIHU = {
    "name": "杭州市西湖区教育局",
    "level": "county",
    "department": "education",
    "region_code": "330106",
}
HANGZHOU = XIHU | {"name": "杭州市教育局", "level": "city", "region_code": "330100"}
ZHEJIANG = XIHU | {"name": "浙江省教育厅", "level": "province", "region_code": "330000"}
CONTACT = {
    "contact_tel": "0571-87654321",
    "address": "浙江省杭州市西湖区文一西路 1 号",
    "office_hours": "工作日 9:00–17:00",
}


@pytest.fixture
def national(kit):
    return kit.as_authority("national_admin", level="national", region="000000")


def enter(national, **fields) -> dict:
    answer = national.post(f"{BASE}/authorities", XIHU | fields)
    assert answer.status == 201, answer.content
    return answer.json


def replaced(authority: dict, **changes) -> dict:
    return {"name": authority["name"], "active": True} | CONTACT | changes


def replace(client, authority: dict, *, if_match: int | None = None, **changes):
    path = f"{BASE}/authorities/{authority['authority_id']}"
    version = authority["version"] if if_match is None else if_match
    return client.put(path, replaced(authority, **changes), if_match=version)


def ask(kit, region_code: str, delivery: str = "offline"):
    query = {"region_code": region_code, "delivery": delivery}
    return kit.anonymous().get(f"{BASE}/authorities/responsible", query=query)


def test_contact_data_are_replaced_and_read(kit, national):
    authority = enter(national)

    answer = replace(national, authority, name="西湖区教育局")

    assert answer.status == 200, answer.content
    assert (answer.json["name"], answer.json["contact_tel"]) == ("西湖区教育局", "0571-87654321")
    assert answer.version == authority["version"] + 1
    told = kit.published(AuthorityChanged)[-1].data
    assert (told["name"], told["version"]) == ("西湖区教育局", answer.version)
    assert "contact_tel" not in told


def test_only_the_version_that_was_read_is_replaced(national):
    authority = enter(national)
    replace(national, authority)

    stale = replace(national, authority)
    blind = national.put(f"{BASE}/authorities/{authority['authority_id']}", replaced(authority))

    assert [stale.status, blind.status] == [412, 428]


def test_faulty_telephone_is_refused(national):
    assert replace(national, enter(national), contact_tel="12").pointers == {"/contact_tel"}


def test_region_administrator_replaces_contact_data_of_the_own_authority_only(kit, national):
    own, other = enter(national), enter(national, region_code="330105")
    admin = kit.as_authority("region_admin", authority_id=own["authority_id"])

    assert replace(admin, own).status == 200
    for refused in (
        replace(admin, other),
        replace(admin, own, if_match=2, name="更名"),
        replace(admin, own, if_match=2, active=False, reason="机构改革"),
    ):
        assert (refused.status, refused.problem) == (403, "forbidden")


def test_deactivated_authority_has_no_sessions_and_is_told_inactive(kit, desk, national):
    authority = enter(national)
    person = {"username": "xihu.shenhe", "password": PASSWORD, "role": "reviewer"}
    belongs = {"authority_id": authority["authority_id"], "person_name": "沈禾"}
    national.post(f"{BASE}/accounts", person | belongs)
    token = desk.login("xihu.shenhe").json["token"]

    silent = replace(national, authority, if_match=2, active=False)
    answer = replace(national, authority, if_match=2, active=False, reason="机构改革撤并")

    assert (silent.status, silent.pointers) == (422, {"/reason"})
    assert (answer.status, answer.json["active"]) == (200, False)
    assert desk.use(token).status == 401
    assert kit.published(AuthorityChanged)[-1].data["active"] is False
    assert replace(national, answer.json, reason="恢复设置").status == 200
    assert desk.use(token).status == 401


def test_superior_entered_later_is_told_for_those_below_it(kit, national):
    county, sports = enter(national), enter(national, department="sports")

    city = enter(national, **HANGZHOU)

    told = {each.data["authority_id"]: each.data for each in kit.published(AuthorityChanged)}
    assert told[county["authority_id"]]["parent_authority_id"] == city["authority_id"]
    assert told[county["authority_id"]]["version"] == county["version"] + 1
    assert told[sports["authority_id"]]["parent_authority_id"] is None


def test_authorities_below_one_are_listed(national):
    city = enter(national, **HANGZHOU)
    counties = [enter(national, region_code=code) for code in ("330106", "330105")]
    enter(national, region_code="510107")

    query = {"parent_authority_id": city["authority_id"]}
    found = national.get(f"{BASE}/authorities", query=query).json["items"]

    assert [each["authority_id"] for each in found] == [each["authority_id"] for each in counties]


def test_offline_questions_go_to_the_county_and_online_ones_to_the_province(kit, national):
    for fields in (XIHU, HANGZHOU, ZHEJIANG):
        enter(national, **fields, **CONTACT)
    enter(national, department="sports", contact_tel="0571-1111111")

    offline, online = ask(kit, "330106"), ask(kit, "330106", "online")

    assert offline.json["authority"]["name"] == XIHU["name"]
    assert online.json["authority"]["name"] == ZHEJIANG["name"]
    assert offline.json["region_name"] == "浙江省杭州市西湖区"
    told = offline.json["authority"]
    assert {name: told[name] for name in CONTACT} == CONTACT
    assert "reviewer_count" not in told


def test_questions_go_to_the_next_authority_above_where_none_is_active(kit, national):
    county, city = enter(national), enter(national, **HANGZHOU)
    replace(national, county, if_match=2, active=False, reason="机构改革撤并")

    assert ask(kit, "330106").json["authority"]["authority_id"] == city["authority_id"]


@pytest.mark.parametrize(
    ("region_code", "delivery", "upward"),
    [
        ("330106", "offline", ("330106", "330100", "330000", "000000")),
        ("330106", "online", ("330000", "000000")),
        ("110108", "offline", ("110108", "110000", "000000")),
        ("429004", "offline", ("429004", "420000", "000000")),
        ("330000", "offline", ("330000", "000000")),
    ],
)
def test_who_is_in_charge_climbs_from_the_region_to_the_nation(region_code, delivery, upward):
    """Municipalities and counties directly under a province have no city between."""
    assert regions_in_charge(region_code, delivery) == upward


def test_nobody_in_charge_is_said_so(kit):
    answer = ask(kit, "330106")

    assert (answer.status, answer.problem) == (404, "nobody-in-charge")
    assert ask(kit, "999999").status == 400


def test_unknown_authority_is_not_replaced(national):
    assert replace(national, {"authority_id": new_id(), "version": 1, "name": "没有"}).status == 404
