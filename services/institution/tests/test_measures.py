"""Suspension (暂停培训) and resumption: a reviewer proposes, a region administrator orders."""

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import ApplicationSubmitted
from otsp_contracts.institution import MeasureOrdered, ProfileChanged

REASON = {"reason": "消防检查不合格，责令停止培训"}


@pytest.fixture
def compliant(own, place, facts, decide):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")
    decide("approved", kind="compliance", subject_id=new_id())


@pytest.fixture
def reviewer(kit, compliant):
    return kit.as_authority("reviewer", region="330106")


@pytest.fixture
def admin(kit, compliant):
    return kit.as_authority("region_admin", region="330106")


@pytest.fixture
def file(kit, institution_id):
    def filed(kind):
        application_id = new_id()
        kit.deliver(
            ApplicationSubmitted(
                application_id=application_id,
                institution_id=institution_id,
                version=2,
                from_state="evaluating",
                to_state="submitted",
                kind=kind,
                seq_no="330106202410150000001",
                as_of="2024-10-15",
                snapshot_sha256="00",
            )
        )
        return application_id

    return filed


def suspend(client, place, **more):
    return client.post(f"{place}/suspension", REASON | more)


def resume(client, place):
    return client.post(f"{place}/resumption", {"reason": "隐患已整改并复查合格"})


def measures(client, place):
    return [(each["kind"], each["state"]) for each in client.get(f"{place}/measures").json["items"]]


def status_of(own, place):
    return own.get(place).json["compliance_status"]


def told(kit):
    return kit.published(ProfileChanged)[-1].data["compliance_status"]


def test_an_administrator_suspends_and_lets_go_on_and_others_hear_of_it(kit, own, place, admin):
    ordered = suspend(admin, place, basis_doc="西教责改〔2024〕5号")

    assert (ordered.status, ordered.json["state"]) == (201, "confirmed")
    assert ordered.json["basis_doc"] == "西教责改〔2024〕5号"
    assert (status_of(own, place), told(kit)) == ("suspended", "suspended")

    assert resume(admin, place).json["state"] == "confirmed"

    assert (status_of(own, place), told(kit)) == ("compliant", "compliant")
    assert measures(own, place) == [("resumption", "confirmed"), ("suspension", "confirmed")]


def test_what_is_ordered_is_told_and_what_is_only_proposed_is_not(kit, place, reviewer, admin):
    suspend(reviewer, place)
    assert kit.published(MeasureOrdered) == []

    measure_id = suspend(admin, place).json["measure_id"]
    resume(admin, place)

    told, after = [each.payload() for each in kit.published(MeasureOrdered)]
    assert (told.kind, told.from_state, told.to_state) == ("suspension", "compliant", "suspended")
    assert (str(told.measure_id), told.ordered_on) == (measure_id, clock.today())
    assert (after.kind, after.to_state) == ("resumption", "compliant")
    assert after.version > told.version


def test_a_reviewer_proposes_and_nothing_changes_before_it_is_ordered(own, place, reviewer, admin):
    proposed = suspend(reviewer, place)
    assert (proposed.json["state"], status_of(own, place)) == ("proposed", "compliant")
    assert measures(own, place) == []
    assert suspend(reviewer, place).problem == "institution-measure-proposed"

    ordered = suspend(admin, place)

    assert ordered.json["measure_id"] == proposed.json["measure_id"]
    assert (ordered.json["state"], status_of(own, place)) == ("confirmed", "suspended")
    assert measures(admin, place) == [("suspension", "confirmed")]


def test_a_proposal_is_refused_with_a_reason_and_once(own, place, reviewer, admin):
    proposed = suspend(reviewer, place).json
    path = f"{place}/measures/{proposed['measure_id']}/refusal"

    refused = admin.post(path, {"reason": "已当场整改"})

    assert (refused.json["state"], refused.json["decision_reason"]) == ("refused", "已当场整改")
    assert status_of(own, place) == "compliant"
    assert admin.post(path, {"reason": "再次"}).problem == "institution-measure-not-waiting"
    assert reviewer.post(path, {"reason": "再次"}).status == 403
    assert suspend(reviewer, place).status == 201


def test_what_was_proposed_lapses_when_the_opposite_is_ordered(own, place, reviewer, admin):
    suspend(admin, place)
    resume(reviewer, place)
    resume(admin, place)
    suspend(reviewer, place)
    suspend(admin, place)
    resume(reviewer, place)

    assert measures(admin, place)[0] == ("resumption", "proposed")
    assert suspend(admin, place).problem == "institution-not-suspendable"
    assert status_of(own, place) == "suspended"


def test_only_what_can_be_is_suspended_or_resumed(own, place, admin, decide, file):
    assert resume(admin, place).problem == "institution-not-suspended"
    decide("approved", kind="deregistration", subject_id=file("deregistration"))
    assert status_of(own, place) == "deregistering"

    refused = suspend(admin, place)

    assert (refused.status, refused.problem) == (409, "institution-not-suspendable")


def test_an_open_change_neither_hinders_nor_lifts_a_suspension(own, place, admin, decide, file):
    application_id = file("change")
    assert status_of(own, place) == "change_pending"
    suspend(admin, place)

    decide("approved", kind="compliance", subject_id=application_id)

    assert status_of(own, place) == "suspended"
    resume(admin, place)
    assert status_of(own, place) == "compliant"


def test_who_goes_on_while_a_change_is_open_waits_for_it_as_before(own, place, admin, file):
    file("change")
    suspend(admin, place)

    resume(admin, place)

    assert status_of(own, place) == "change_pending"


def test_who_is_suspended_may_be_judged_anew(own, place, admin, decide, file):
    suspend(admin, place)
    application_id = file("recheck")
    assert status_of(own, place) == "under_review"

    decide("approved", kind="compliance", subject_id=application_id)

    assert status_of(own, place) == "compliant"


def test_who_is_suspended_alters_no_major_field_without_an_application(own, place, admin, facts):
    suspend(admin, place)
    held = own.get(place)

    refused = own.put(place, facts | {"name": "另一名称"}, if_match=held.version)

    assert refused.problem == "institution-change-application-needed"


def test_nobody_suspends_outside_the_own_region(kit, place, compliant):
    elsewhere = kit.as_authority("region_admin", region="330203")

    assert suspend(elsewhere, place).status == 403
    assert elsewhere.get(f"{place}/measures").status == 403
    assert suspend(elsewhere, place.replace(place[-4:], "0000")).status == 404


@pytest.fixture
def reviewed_by(decide):
    """The next approval, by these departments and levels."""

    def approved(*seats, **fields):
        told = [{"department": department, "level": level} for department, level in seats]
        fields = {"kind": "compliance", "subject_id": new_id()} | fields
        return decide("approved", **fields, seats=told)

    return approved


def office(kit, department, level="county", region="330106", role="region_admin"):
    return kit.as_authority(role, department=department, level=level, region=region)


def may(client, place):
    """Suspends and lets go on again; or why not."""
    answer = suspend(client, place)
    return resume(client, place).json["state"] if answer.status == 201 else answer.problem


def test_only_who_reviews_the_institution_or_is_above_in_the_department_suspends(
    kit, place, compliant, reviewed_by
):
    reviewed_by(("sports", "city"))

    asked = {
        who: may(office(kit, who[0], who[1], region=who[2]), place)
        for who in (
            ("sports", "city", "330100"),
            ("sports", "province", "330000"),
            ("sports", "county", "330106"),
            ("education", "county", "330106"),
            ("education", "province", "330000"),
        )
    }

    assert list(asked.values()) == ["confirmed", "confirmed", *["institution-not-in-charge"] * 3]
    assert may(office(kit, "sports", "city", region="330200"), place) == "outside-jurisdiction"


def test_of_two_departments_that_review_it_each_suspends(kit, place, compliant, reviewed_by):
    reviewed_by(("sports", "county"), ("education", "county"))

    assert may(office(kit, "sports"), place) == "confirmed"
    assert may(office(kit, "education"), place) == "confirmed"
    assert may(office(kit, "science_tech"), place) == "institution-not-in-charge"


def test_who_is_not_in_charge_neither_proposes_nor_refuses(kit, place, reviewer):
    sports, admin = office(kit, "sports", role="reviewer"), office(kit, "sports")
    proposed = suspend(reviewer, place).json

    refused = admin.post(f"{place}/measures/{proposed['measure_id']}/refusal", {"reason": "无关"})

    assert refused.problem == suspend(sports, place).problem == "institution-not-in-charge"
    assert measures(admin, place) == [("suspension", "proposed")]


def test_the_newest_approval_says_who_is_in_charge(kit, place, compliant, reviewed_by):
    older, newer = new_id(), new_id()
    reviewed_by(("sports", "county"), case_id=newer)
    reviewed_by(("education", "county"), case_id=older)
    assert may(office(kit, "education"), place) == "institution-not-in-charge"

    reviewed_by(("education", "county"))

    assert may(office(kit, "sports"), place) == "institution-not-in-charge"
    assert may(office(kit, "education"), place) == "confirmed"


def test_what_was_returned_or_concerns_a_material_says_nothing_of_who_is_in_charge(
    kit, place, compliant, reviewed_by, decide
):
    reviewed_by(("education", "county"))
    seats = [{"department": "sports", "level": "county"}]

    decide("returned", kind="change", subject_id=new_id(), seats=seats)
    decide("approved", kind="external_review", subject_id=new_id(), seats=seats)

    assert suspend(office(kit, "sports"), place).problem == "institution-not-in-charge"


def test_each_step_leaves_its_trace(kit, place, reviewer, admin):
    suspend(reviewer, place)
    suspend(admin, place)

    with kit.runtime.database.engine.connect() as database:
        actions = database.execute(select(audit_entry.c.action)).scalars().all()
    assert {"institution.suspension_proposed", "institution.suspension_confirmed"} <= set(actions)
