"""Leaving and returning."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import ReviewUnlocked, SnapshotRequested
from otsp_contracts.courses import ClassChanged

DEPARTURE = {"departed_on": "2024-06-30", "reason": "resigned"}
RETURN = {
    "hired_on": "2024-09-01",
    "contract_signed": True,
    "contract_no": "2024-9",
    "precheck_on": "2024-08-20",
    "precheck_clear": True,
}


def depart(client, person, **changes):
    return client.post(f"{person['url']}/departure", DEPARTURE | changes)


def reinstate(client, person, **changes):
    return client.post(f"{person['url']}/reinstatement", RETURN | changes)


def test_an_employed_person_departs(owner, register):
    person = register(owner)

    departed = depart(owner, person)

    assert (departed.status, departed.version) == (200, 2)
    assert departed.json["status"] == "departed"
    assert departed.json["departed_on"] == "2024-06-30"
    assert departed.json["depart_reason"] == "resigned"


def test_nobody_departs_twice(owner, register):
    person = register(owner)
    depart(owner, person)

    refused = depart(owner, person)

    assert (refused.status, refused.problem) == (409, "staff-wrong-status")
    assert refused.json["staff_status"] == "departed"


@pytest.fixture
def lead(kit, owner, register):
    """Lets the courses service tell of a class that a person leads."""

    def _lead(person, **changes):
        told = {"class_id": new_id(), "course_id": new_id(), "version": 1, "status": "planned"}
        told |= {"institution_id": owner.principal.institution_id}
        a_class = ClassChanged(**told | {"lead_teacher_ids": (person["staff_id"],)} | changes)
        kit.deliver(a_class)
        return a_class.class_id

    return _lead


@pytest.mark.parametrize("status", ["planned", "enrolling", "in_session"])
def test_who_leads_an_open_class_is_replaced_first(owner, register, lead, status):
    person = register(owner)
    class_id = lead(person, status=status)

    refused = depart(owner, person)

    assert (refused.status, refused.problem) == (409, "staff-leads-open-class")
    assert refused.json["class_ids"] == [str(class_id)]
    assert owner.get(person["url"]).json["status"] == "employed"

    lead(person, class_id=class_id, version=2, lead_teacher_ids=())
    lead(person, class_id=class_id, version=1, status=status)
    assert depart(owner, person).status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"status": "finished"},
        {"status": "cancelled"},
        {"removed": True},
        {"institution_id": new_id()},
        {"lead_teacher_ids": (new_id(),)},
    ],
)
def test_other_classes_keep_nobody(owner, register, lead, change):
    person = register(owner)
    lead(person, **change)

    assert depart(owner, person).status == 200


def test_who_may_not_work_with_pupils_goes_at_once(owner, register, lead):
    person = register(owner)
    lead(person)

    assert depart(owner, person, reason="prohibited").status == 200


def test_under_review_who_leads_may_go_because_no_class_can_change(kit, owner, register, lead):
    person = register(owner)
    lead(person)
    own = {"institution_id": owner.principal.institution_id, "as_of": "2024-10-15"}
    ids = {"request_id": new_id(), "application_id": new_id()}
    asked = own | ids | {"purpose": "application", "sections": ("staff",)}
    kit.deliver(SnapshotRequested(**asked))

    assert depart(owner, person).status == 200


def test_once_the_review_is_over_who_leads_is_replaced_first_again(kit, owner, register, lead):
    person = register(owner)
    lead(person)
    own = {"institution_id": owner.principal.institution_id}
    review = own | {"application_id": new_id()}
    asked = {"request_id": new_id(), "as_of": "2024-10-15", "sections": ("staff",)}
    kit.deliver(SnapshotRequested(**review | asked, purpose="application"))
    kit.deliver(ReviewUnlocked(**review))

    assert depart(owner, person).problem == "staff-leads-open-class"


def test_nobody_departs_before_being_hired(owner, register):
    person = register(owner, hired_on="2024-07-01")

    refused = depart(owner, person)

    assert (refused.status, refused.pointers) == (422, {"/departed_on"})
    assert owner.get(person["url"]).json["status"] == "employed"


def test_a_departed_person_returns_on_new_terms(owner, register):
    person = register(owner, annual_check_on="2024-03-05", annual_check_clear=True)
    depart(owner, person)

    returned = reinstate(owner, person, employment="part_time")

    assert returned.status == 200
    assert returned.json["status"] == "employed"
    told = {name: returned.json[name] for name in RETURN}
    assert told == RETURN
    assert returned.json["employment"] == "part_time"
    assert returned.json["departed_on"] is None
    assert returned.json["depart_reason"] is None
    assert returned.json["annual_check_on"] is None


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"precheck_on": "2024-06-29"}, "/precheck_on"),
        ({"precheck_clear": False}, "/precheck_clear"),
        ({"contract_signed": False}, "/contract_signed"),
        ({"hired_on": "2024-06-29", "precheck_on": "2024-06-30"}, "/hired_on"),
    ],
)
def test_a_return_without_its_conditions_is_refused(owner, register, changes, pointer):
    person = register(owner)
    depart(owner, person)

    refused = reinstate(owner, person, **changes)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert pointer in refused.pointers
    assert owner.get(person["url"]).json["status"] == "departed"


def test_an_employed_person_cannot_return(owner, register):
    person = register(owner)

    assert reinstate(owner, person).problem == "staff-wrong-status"


def test_every_employment_stays_known_with_its_contract(owner, register):
    person = register(owner, contract_no="HT-1", contract_to="2024-12-31")
    terms = {"contract_signed": True, "precheck_clear": True}
    for left_on, back_on in (("2023-01-31", "2023-09-01"), ("2024-01-31", "2024-09-01")):
        departed = owner.post(
            f"{person['url']}/departure", {"departed_on": left_on, "reason": "expired"}
        )
        assert departed.status == 200
        more = {"hired_on": back_on, "precheck_on": back_on, "contract_no": f"HT-{back_on[:4]}"}
        owner.post(f"{person['url']}/reinstatement", terms | more)

    told = owner.get(person["url"]).json

    assert told["hired_on"] == "2024-09-01"
    first, second = told["former_employments"]
    assert (first["hired_on"], first["departed_on"]) == ("2020-03-01", "2023-01-31")
    assert (first["depart_reason"], first["employment"]) == ("expired", "full_time")
    assert (first["contract_no"], first["contract_to"]) == ("HT-1", "2024-12-31")
    assert (second["hired_on"], second["contract_no"]) == ("2023-09-01", "HT-2023")


def test_a_refused_return_keeps_no_employment(owner, register):
    person = register(owner)
    owner.post(f"{person['url']}/departure", {"departed_on": "2024-01-31", "reason": "other"})
    terms = {"hired_on": "2023-01-01", "contract_signed": True}
    refused = owner.post(
        f"{person['url']}/reinstatement",
        terms | {"precheck_on": "2024-08-20", "precheck_clear": True},
    )

    assert refused.status == 422
    assert owner.get(person["url"]).json["former_employments"] == []
