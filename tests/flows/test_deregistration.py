"""An institution closes in six services: once in effect, however often and late events come."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.republish import By, Wanted, republish
from otsp_testkit.documents import pdf

pytestmark = pytest.mark.usefixtures("chinese_font")

COMPLIANCE = "/api/compliance/v1"
DAY = "2024-10-15"
LAST_DAY = date(2024, 10, 30)
WRITES = {
    "institution": ("PUT", "party", {"member_count": 4}),
    "staff": ("POST", "staff", {"name": "示例新人"}),
    "materials": ("POST", "materials", {"title": "示例讲义"}),
    "courses": ("POST", "courses", {"name": "示例课程"}),
}


def settle_debts(town):
    """Sample A repays, cancels its classes and hands its licence back; its people stay."""
    for name in ("K1", "K2"):
        course, a_class = town.ids("A")[name], town.ids("A")[f"{name}-1"]
        path = town.path("A", "courses", "courses", course, "classes", a_class, "cancellation")
        assert town.call("A", "POST", path, json={"reason": "停办"}).status_code == 200
    licence = town.path("A", "institution", "licence")
    held = town.clerk("A").get(licence)
    body = {name: value for name, value in held.items() if name in LICENCE} | {"status": "returned"}
    town.clerk("A").put(licence, body, of=licence)
    statements = town.path("A", "institution", "funds", "statements")
    [stated] = [one for one in town.clerk("A").list_all(statements) if one["month"] == DAY[:7]]
    corrected = {"month": DAY[:7], "balance_fen": 0, "corrects_id": stated["statement_id"]}
    town.clerk("A").post(statements, corrected | {"reason": "监管账户余额已结清"})


LICENCE = {"licence_no", "valid_from", "valid_to", "scope_categories", "scope_delivery"}


def file(town):
    paper = town.clerk("A").upload(
        f"{COMPLIANCE}/institutions/{town.desks['A'].institution_id}/files",
        name="清算报告.pdf",
        content=pdf("1"),
        content_type="application/pdf",
    )["file_id"]
    closing = {
        "reason": "no_activity",
        "stop_on": "2024-09-30",
        "unrefunded_fen": 0,
        "unpaid_wages_fen": 0,
        "settlement_report_file_id": paper,
        "deregistration_proof_file_id": paper,
        "archive_keeper": "示例保管人",
    }
    body = {"institution_id": town.desks["A"].institution_id, "closing": closing}
    return town.clerk("A").post(
        f"{COMPLIANCE}/deregistrations", body | {"acknowledged_warnings": ["DER-009"]}
    )["application_id"]


def approve(town, application_id):
    told = town.application("A", application_id)
    assert told["state"] == "submitted", told["findings"]
    place = f"{COMPLIANCE}/cases/{told['case_id']}"
    office = town.supervision.office("education", "county", "330106")
    town.supervision.as_role(office, "region_admin").post(f"{place}/acceptance", {})
    return town.supervision.as_role(office, "reviewer").post(
        f"{place}/decisions", {"decision": "approve", "warnings_read": ["DER-009"]}
    )


@pytest.fixture
def approved(town):
    """A's deregistration, approved; nobody has heard of it yet."""

    def reach():
        settle_debts(town)
        town.platform.settle()
        application_id = file(town)
        town.platform.settle()
        approve(town, application_id)
        return application_id

    return town.moment("A's deregistration is approved", reach)


@pytest.fixture
def closed(town, stage, approved):
    """Every event came twice."""
    stage.Postman(town.platform).settle(lambda envelopes: [*envelopes, *envelopes])
    return approved


def test_it_closes_in_every_service_once_though_each_event_comes_twice(town, approved, stage):
    postman = stage.Postman(town.platform)

    postman.settle(lambda envelopes: [*envelopes, *envelopes])

    told = town.application("A", approved)
    assert told["state"] == "deregistered"
    ended = {step["service"]: step["ended"] for step in told["closing"]["steps"]}
    assert ended == {"institution": 0, "staff": 4, "materials": 2, "courses": 2, "auth": 1}
    clerk, shown = town.clerk("A"), town.desks["A"]
    assert clerk.get(town.path("A", "institution"))["compliance_status"] == "deregistered"
    people = clerk.list_all(town.path("A", "staff", "staff"))
    assert {(one["status"], one["departed_on"]) for one in people} == {("departed", DAY)}
    materials = clerk.list_all(town.path("A", "materials", "materials"))
    assert {one["status"] for one in materials} == {"archived"}
    courses = clerk.list_all(town.path("A", "courses", "courses"))
    assert {one["status"] for one in courses} == {"closed"}
    [listed] = clerk.list_all(f"{COMPLIANCE}/public/lists/closed")
    assert listed["institution_id"] == shown.institution_id


@pytest.mark.parametrize("service", WRITES)
def test_its_people_write_nothing_any_more(town, closed, service):
    method, part, body = WRITES[service]

    refused = town.call("A", method, town.path("A", service, part), json=body)

    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:otsp:problem:institution-closed"


def test_its_people_look_and_download_and_file_nothing(town, closed):
    export = town.call("A", "POST", town.path("A", "staff", "exports"), json={"format": "xlsx"})
    filed = town.call("A", "POST", f"{COMPLIANCE}/deregistrations", json={})

    assert export.status_code == 202, export.text
    assert filed.json()["type"] == "urn:otsp:problem:institution-closed"
    assert town.call("A", "GET", "/api/auth/v1/account").json()["read_only_until"] == (
        LAST_DAY.isoformat()
    )


def test_after_fifteen_days_nobody_comes_in(town, closed):
    for late, status in ((0, 200), (1, 401)):
        clock.set_offset((LAST_DAY - clock.now().astimezone(clock.SHANGHAI).date()).days + late)
        town.platform.kits["auth"].run_job("cancel_closed_accounts")
        assert town.call("A", "GET", "/api/auth/v1/account").status_code == status


def test_while_it_closes_nothing_is_written_and_the_label_says_so(town, approved, stage):
    postman = stage.Postman(town.platform)
    postman.deliver(postman.collect())

    assert town.application("A", approved)["state"] == "closing"
    label = town.clerk("A").get(town.path("A", "institution"))["compliance_status"]
    assert label == "deregistering"
    for method, part, body in (WRITES["staff"], WRITES["institution"]):
        service = "staff" if part == "staff" else "institution"
        refused = town.call("A", method, town.path("A", service, part), json=body)
        assert refused.status_code == 403


def test_one_service_that_was_down_is_asked_again_and_completes_it(town, approved, stage):
    up = {name: kit for name, kit in town.platform.kits.items() if name != "staff"}
    stage.Postman(SimpleNamespace(kits=up)).settle()
    waiting = [
        step["service"]
        for step in town.application("A", approved)["closing"]["steps"]
        if step["done_at"] is None
    ]

    with clock.frozen(clock.now() + timedelta(minutes=2)):
        town.platform.kits["compliance"].run_job("chase_closings")
    stage.Postman(town.platform).settle()

    assert waiting == ["staff"]
    told = town.application("A", approved)
    assert told["state"] == "deregistered"
    assert {step["service"]: step["repeats"] for step in told["closing"]["steps"]}["staff"] == 1


def test_told_again_and_republished_nothing_changes(town, approved, stage):
    postman = stage.Postman(town.platform)
    postman.settle()
    town.platform.settle()
    before = stage.Photograph(town.platform).size
    seen = town.application("A", approved)

    postman.deliver([each.model_copy(update={"id": new_id()}) for each in postman.seen])
    for kit in town.platform.kits.values():
        for source in kit.service.republish_sources():
            assert list(republish(kit.runtime, source, wanted=Wanted(), by=By("somebody")))
    postman.settle()

    after = stage.Photograph(town.platform).size
    grown = {name.partition(".")[2] for name in before if after[name] != before[name]}
    assert grown <= {"inbox", "audit_entry"}
    assert town.application("A", approved) == seen
    assert town.clerk("A").get(town.path("A", "institution"))["compliance_status"] == (
        "deregistered"
    )
