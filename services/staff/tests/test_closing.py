"""The institution closes: everybody leaves, once, whatever they lead and whatever is locked."""

from datetime import date

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import DeregistrationApproved, SnapshotRequested
from otsp_contracts.courses import ClassChanged
from otsp_contracts.staff import PersonChanged, StaffClosingDone

ON = date(2024, 10, 15)


@pytest.fixture
def close(kit, owner):
    def tell(**changes):
        asked = {
            "institution_id": owner.principal.institution_id,
            "application_id": new_id(),
            "reason": "voluntary",
            "closes_on": ON,
            "services": ("staff", "auth"),
        }
        kit.deliver(DeregistrationApproved(**asked | changes))
        return [each.payload().ended for each in kit.published(StaffClosingDone)]

    return tell


def test_everybody_departs_on_the_day_with_another_reason(kit, owner, register, close):
    person, gone = register(owner), register(owner, name="吴乙", mobile=None, id_no=None)
    owner.post(f"{gone['url']}/departure", {"departed_on": "2024-06-30", "reason": "resigned"})

    assert close() == [1]

    told = owner.get(person["url"]).json
    assert (told["status"], told["departed_on"], told["depart_reason"]) == (
        "departed",
        "2024-10-15",
        "other",
    )
    assert owner.get(gone["url"]).json["departed_on"] == "2024-06-30"
    assert kit.published(PersonChanged)[-1].data["status"] == "departed"
    base = person["url"].rpartition("/staff/")[0]
    [change] = owner.get(f"{base}/history", query={"object_id": person["staff_id"]}).json["items"][
        :1
    ]
    assert change["kind"] == "changed"


def test_asked_again_nobody_departs_twice_and_it_is_answered_again(owner, register, close):
    person = register(owner)

    assert close() == [1]
    version = owner.get(person["url"]).version
    assert close() == [1, 0]
    assert owner.get(person["url"]).version == version


def test_whoever_leads_a_class_leaves_with_the_institution_under_its_review_lock(
    kit, owner, register, close
):
    person = register(owner)
    known = {"institution_id": owner.principal.institution_id, "version": 1}
    led = {"class_id": new_id(), "course_id": new_id(), "status": "in_session"}
    kit.deliver(ClassChanged(**known | led, lead_teacher_ids=(person["staff_id"],)))
    request = {"request_id": new_id(), "purpose": "application", "application_id": new_id()}
    own = {"institution_id": owner.principal.institution_id, "sections": ("staff",), "as_of": ON}
    kit.deliver(SnapshotRequested(**request | own))

    assert close() == [1]


def test_who_was_to_come_later_leaves_on_the_day_of_coming(owner, register, close):
    person = register(owner, hired_on="2024-11-01", precheck_on="2024-10-10")

    close()

    assert owner.get(person["url"]).json["departed_on"] == "2024-11-01"


def test_it_closes_only_what_is_asked_for_and_only_there(kit, owner, register, close):
    person = register(owner)

    assert close(services=("auth",)) == []
    assert close(institution_id=new_id()) == [0]
    assert owner.get(person["url"]).json["status"] == "employed"
