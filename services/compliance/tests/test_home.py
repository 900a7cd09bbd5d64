"""The home page: how an institution stands, what to do, and which button is enabled."""

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.authority("杭州市西湖区教育局")


def home(world, client=None):
    answer = (client or world.institution()).get(f"{world.api}/home/{world.institution_id}")
    assert answer.status == 200, answer.json
    return answer.json


def set_task(world, bureau, kind="other"):
    body = {"institution_id": str(world.institution_id), "kind": kind, "reason_text": "专项检查"}
    stored = world.reviewer(bureau).post(f"{world.api}/rectifications", body)
    assert stored.status == 201


def close_by(world):
    body = {
        "institution_id": str(world.institution_id),
        "closing": {"reason": "voluntary", "stop_on": "2024-10-01"},
    }
    return world.institution().post(f"{world.api}/deregistrations", body)


HINDERED = {
    "registration-not-approved": {"registration_status": "submitted"},
    "institution-deregistered": {"compliance_status": "deregistered"},
    "application-open": {},
    "rectification-open": {},
    "change-proposed": {"has_proposed_change": True, "compliance_status": "compliant"},
    "no-approval-to-change": {},
}


@pytest.mark.parametrize("code", HINDERED)
def test_filing_is_refused_for_the_reason_that_the_page_gives(world, bureau, code):
    world.profile(**HINDERED[code]).configure()
    if code == "application-open":
        world.filed()
    if code == "rectification-open":
        set_task(world, bureau)
    kind = "change" if code == "no-approval-to-change" else "initial"

    told = home(world)["apply"]
    refused = world.file(kind=kind)

    of_kind = next(each["reason"] for each in told["kinds"] if each["kind"] == kind)
    reason = told["reasons"][0] if told["reasons"] else of_kind
    assert (refused.status, refused.problem) == (409, code)
    assert (reason["code"], reason["todo_zh"]) == (code, refused.json["detail"])
    assert not next(each["enabled"] for each in told["kinds"] if each["kind"] == kind)


def test_what_the_page_enables_may_be_filed(world, bureau):
    world.profile().configure()

    told = home(world)["apply"]

    assert (told["enabled"], told["reasons"]) == (True, [])
    assert world.file(kind="initial").status == 202


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("registration-not-approved", {"registration_status": "submitted"}),
        ("institution-deregistered", {"compliance_status": "deregistered"}),
        ("application-open", {}),
        ("deregistration-open", {"compliance_status": "deregistering"}),
    ],
)
def test_closing_is_refused_for_the_reason_that_the_page_gives(world, bureau, code, facts):
    world.profile(**facts).configure()
    if code == "application-open":
        world.filed()

    told = home(world)["deregister"]
    refused = close_by(world)

    assert not told["enabled"]
    assert (refused.status, refused.problem) == (409, code)
    assert told["reasons"][0]["code"] == code
    assert told["reasons"][0]["todo_zh"] == refused.json["detail"]


def test_the_page_shows_what_is_to_be_put_right(world, bureau):
    world.profile(legal_nature="forprofit")

    told = home(world)

    [task] = told["rectifications"]
    assert told["review_status"]["label_zh"] == "待整改（营转非）"
    assert (task["kind"], task["due_on"], len(task["steps"])) == (
        "for_profit_to_nonprofit",
        "2024-11-14",
        4,
    )


def test_the_page_shows_with_whom_the_application_lies_and_by_when(world, kit, bureau):
    kit.run_job("keep_calendar")
    world.profile().configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    gathering = home(world)["application"]
    world.provide()

    told = home(world)["application"]

    assert (gathering["state"], gathering["step"], gathering["light"]) == ("locking", None, None)
    assert (told["application_id"], told["state"]) == (application_id, "submitted")
    assert (told["step"]["authority"], told["step_count"]) == ("杭州市西湖区教育局", 1)
    assert (told["due_on"], told["light"]) == ("2024-10-22", "green")


def test_the_page_shows_the_findings_of_the_last_check(world, bureau):
    world.profile().configure()
    body = {"institution_id": str(world.institution_id)}
    check = world.institution().post(f"{world.api}/self-checks", body).json["self_check_id"]
    assert home(world)["last_check"] is None
    world.provide()

    told = home(world)["last_check"]

    assert (told["self_check_id"], told["state"], told["blocking"]) == (check, "passed", 0)
    assert (told["warnings"], [each["rule_id"] for each in told["top"]][:1]) == (1, ["SIT-006"])
    assert sum(part["findings"] for part in told["parts"]) == len(told["top"])
    assert home(world, world.reviewer(bureau))["last_check"] is None


def test_the_page_is_for_the_institution_and_those_above_it(world, kit, bureau):
    world.profile()
    path = f"{world.api}/home/{world.institution_id}"

    assert world.institution().get(f"{world.api}/home").json == home(world)
    assert home(world, world.reviewer(bureau))["name"] == home(world)["name"]
    assert kit.as_institution(new_id()).get(path).problem == "other-institution"
    assert kit.as_authority(region="330105").get(path).problem == "outside-jurisdiction"
    assert world.reviewer(bureau).get(f"{world.api}/home").problem == "forbidden"
    assert kit.as_institution(new_id()).get(f"{world.api}/home").problem == "not-found"


def test_the_page_tells_where_completeness_is_read(world):
    world.profile()

    told = home(world)["completeness"]

    services = ["institution", "staff", "materials", "courses"]
    assert [each["service"] for each in told] == services
    assert all(f"/{world.institution_id}/completeness" in each["path"] for each in told)
