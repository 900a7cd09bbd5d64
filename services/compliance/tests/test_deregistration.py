"""After the approval: every service closes the institution, in whatever order and however often."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_compliance.stuck import waiting_closings
from otsp_contracts.auth import AuthClosingDone
from otsp_contracts.compliance import (
    CaseDecided,
    DeregistrationApproved,
    DeregistrationCompleted,
    ReviewUnlocked,
)
from otsp_contracts.courses import CoursesClosingDone
from otsp_contracts.institution import InstitutionClosingDone
from otsp_contracts.materials import MaterialsClosingDone
from otsp_contracts.staff import StaffClosingDone

pytestmark = pytest.mark.usefixtures("chinese_font")

ANSWERS = (
    InstitutionClosingDone,
    StaffClosingDone,
    MaterialsClosingDone,
    CoursesClosingDone,
    AuthClosingDone,
)


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def approved(world, kit):
    """Sample A's deregistration, approved on the samples' day."""
    world.profile().emptied().configure()
    reviewer = world.reviewer(world.authority("杭州市西湖区教育局"))
    application_id = world.deregister().json["application_id"]
    world.provide()
    assert decide(world, reviewer, application_id).status == 200
    return application_id


def decide(world, reviewer, application_id, decision="approve", **body):
    place = f"{world.api}/cases/{world.application(application_id)['case_id']}"
    assert reviewer.post(f"{place}/acceptance", {}).status == 200
    return reviewer.post(f"{place}/decisions", {"decision": decision} | body)


def answer(world, kit, application_id, *kinds, **changed):
    for kind in kinds:
        known = {"institution_id": world.institution_id, "application_id": application_id}
        kit.deliver(kind(**known, **{"ended": 2} | changed))


def test_an_approved_deregistration_asks_every_service_and_keeps_the_lock(world, kit, approved):
    [asked] = [each.payload() for each in kit.published(DeregistrationApproved)]

    assert (asked.reason, asked.closes_on) == ("voluntary", date(2024, 10, 15))
    assert asked.services == ("institution", "staff", "materials", "courses", "auth")
    assert kit.published(ReviewUnlocked) == []
    told = world.application(approved)
    assert told["state"] == "closing"
    assert [(one["service"], one["done_at"]) for one in told["closing"]["steps"]] == [
        (service, None) for service in asked.services
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_the_last_answer_ends_it_in_whatever_order_and_however_often(
    world, kit, approved, order, now
):
    for kind in ANSWERS[::order]:
        assert world.state(approved) == "closing"
        answer(world, kit, approved, kind)
        answer(world, kit, approved, kind, ended=7)

    told = world.application(approved)
    assert told["state"] == "deregistered"
    assert told["closing"]["deregistered_on"] == "2024-10-15"
    assert told["closing"]["read_only_until"] == "2024-10-30"
    assert {one["ended"] for one in told["closing"]["steps"]} == {2}
    [completed] = [each.payload() for each in kit.published(DeregistrationCompleted)]
    assert completed.read_only_until == date(2024, 10, 30)
    assert len(kit.published(ReviewUnlocked)) == 1
    assert kit.set_aside() == []


def test_whoever_does_not_answer_is_asked_again_ever_more_rarely(world, kit, approved, now):
    answer(world, kit, approved, *ANSWERS[:3])

    asked = []
    for minutes in (0.5, 1.5, 3, 4, 60 * 24, 60 * 24 + 7, 60 * 24 + 8):
        with clock.frozen(now + timedelta(minutes=minutes)):
            kit.run_job("chase_closings")
        asked.append(len(kit.published(DeregistrationApproved)) - 1)

    assert asked == [0, 1, 1, 2, 3, 3, 4]
    services = [each.payload().services for each in kit.published(DeregistrationApproved)[1:]]
    assert set(services) == {("auth", "courses")}
    answer(world, kit, approved, *ANSWERS[3:])
    with clock.frozen(now + timedelta(days=2)):
        kit.run_job("chase_closings")
    assert len(kit.published(DeregistrationApproved)) == 5


def test_an_operator_sees_which_service_is_waited_for(world, kit, approved, now):
    answer(world, kit, approved, *ANSWERS[1:])

    with kit.active(), transaction() as tx:
        [found] = waiting_closings(tx.connection(), now + timedelta(minutes=10))
        nothing = list(waiting_closings(tx.connection(), now - timedelta(minutes=10)))

    assert "waits for institution" in found.what
    assert nothing == []


@pytest.mark.parametrize("changed", ["institution_id", "application_id"])
def test_the_end_of_somebody_else_is_an_error(world, kit, approved, changed):
    known = {"institution_id": world.institution_id, "application_id": approved, "ended": 0}

    kit.deliver(StaffClosingDone(**known | {changed: new_id()}))

    assert kit.set_aside() != []
    assert world.state(approved) == "closing"


def test_the_closing_is_in_the_trail(world, kit, approved):
    answer(world, kit, approved, *ANSWERS)

    with kit.active(), reading() as tx:
        actions = list(tx.execute(select(audit_entry.c.action)).scalars())
    assert actions.count("compliance.closing_begun") == 1
    assert actions.count("compliance.deregistration_completed") == 1


def test_nothing_is_taken_back_or_filed_while_it_closes(world, kit, approved):
    path = f"{world.api}/applications/{approved}/withdrawal"

    assert world.institution().post(path).problem == "application-action-impossible"
    assert world.file().problem == "application-open"
    assert world.deregister().problem == "deregistration-open"


def test_it_is_off_the_register_at_once_and_on_the_list_of_the_closed(world, kit, approved):
    [closed] = kit.anonymous().get(f"{world.api}/public/lists/closed").json["items"]

    assert closed["reason"] == "自行终止"
    assert closed["from_on"] == "2024-10-15"


def test_open_reviews_of_its_material_end_with_it(world, kit):
    world.profile().emptied().configure()
    reviewer = world.reviewer(world.authority("杭州市西湖区教育局"))
    material = world.external_review()
    application_id = world.deregister().json["application_id"]
    world.provide()

    assert decide(world, reviewer, application_id).status == 200

    told = [each.payload() for each in kit.published(CaseDecided)]
    ended = {one.subject_id: one.decision for one in told}
    assert ended[material.material_id] == "lapsed"
    assert ended[UUID(application_id)] == "approved"


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_a_deregistration_that_is_refused_closes_nothing_and_gives_the_data_back(
    world, kit, decision
):
    world.profile().emptied().configure()
    reviewer = world.reviewer(world.authority("杭州市西湖区教育局"))
    application_id = world.deregister().json["application_id"]
    world.provide()

    assert decide(world, reviewer, application_id, decision, reason="清算报告缺页").status == 200

    told = world.application(application_id)
    assert told["state"] == {"return": "returned", "reject": "rejected"}[decision]
    assert told["closing"]["steps"] == []
    assert kit.published(DeregistrationApproved) == []
    assert len(kit.published(ReviewUnlocked)) == 1


def test_reviewers_approve_a_revocation_once_they_have_read_everything(world, kit):
    world.profile().configure()
    bureau = world.authority("杭州市西湖区教育局")
    admin = world.reviewer(bureau, "region_admin")
    body = {"institution_id": str(world.institution_id), "revoked_on": "2024-10-08"}
    body |= {"revocation_doc_no": "杭西教罚〔2024〕7号"}
    application_id = admin.post(f"{world.api}/licence-revocations", body).json["application_id"]
    world.provide()
    groups = world.application(application_id)["findings"].values()
    found = {one["rule_id"] for group in groups for one in group}

    refused = decide(world, admin, application_id)
    place = f"{world.api}/cases/{world.application(application_id)['case_id']}"
    approved = admin.post(
        f"{place}/decisions", {"decision": "approve", "warnings_read": sorted(found)}
    )

    assert refused.status == 422
    assert approved.status == 200, approved.json
    assert world.state(application_id) == "closing"
    [asked] = [each.payload() for each in kit.published(DeregistrationApproved)]
    assert asked.reason == "revoked"


def test_people_of_a_closed_institution_read_what_only_they_may_and_begin_nothing(world, kit):
    closed = kit.as_principal(replace(world.institution().principal, is_read_only=True))
    checks, body = f"{world.api}/self-checks", {"institution_id": str(world.institution_id)}

    assert closed.get(checks, query=body).status == 200
    assert closed.post(checks, body).problem == "institution-closed"
