"""What auditors of a region see of logins, in which nobody acts yet."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.institution import ProfileChanged

BASE = "/api/auth/v1"
HERE, ELSEWHERE = "330106", "510107"


@pytest.fixture
def reviewer(kit, desk):
    """One of HERE, who logged in once and failed once."""
    national = kit.as_authority("national_admin", level="national", region="000000")
    body = {
        "name": "西湖区教育局",
        "level": "county",
        "department": "education",
        "region_code": HERE,
    }
    authority = national.post(f"{BASE}/authorities", body).json
    person = {
        "username": "xihu.shenhe", "password": "Shenhe-2026-xihu", "role": "reviewer",
        "authority_id": authority["authority_id"], "person_name": "沈禾",
    }  # fmt: skip
    made = national.post(f"{BASE}/accounts", person)
    assert made.status == 201, made.content
    assert desk.login("xihu.shenhe", "Shenhe-2026-xihu").status == 201
    assert desk.login("xihu.shenhe", "wrong-Password-1").status == 401
    return made.json["account_id"]


def logins(kit, region, account_id):
    auditor = kit.as_authority("auditor", level="county", region=region)
    items = auditor.get(f"{BASE}/audit-entries", query={"object_id": account_id}).json["items"]
    return {each["action"] for each in items} & {"auth.logged_in", "auth.password_refused"}


def test_logins_of_an_authoritys_people_are_seen_by_its_auditors_only(kit, reviewer):
    assert logins(kit, HERE, reviewer) == {"auth.logged_in", "auth.password_refused"}
    assert logins(kit, ELSEWHERE, reviewer) == set()


def test_logins_of_an_institution_are_seen_where_it_lies(kit, desk):
    account = desk.register("13800000001")
    kit.deliver(
        ProfileChanged(
            institution_id=account["institution_id"], version=1, name="示例", region_code=HERE,
            categories=("subject",), delivery_modes=("offline",), stages=("primary",),
            legal_nature="non_profit", registration_status="approved",
            compliance_status="not_applied",
        )
    )  # fmt: skip
    desk.login("13800000001", "wrong-Password-1")

    assert logins(kit, HERE, account["account_id"]) == {"auth.password_refused"}
    assert logins(kit, ELSEWHERE, account["account_id"]) == set()
    assert logins(kit, HERE, str(new_id())) == set()
