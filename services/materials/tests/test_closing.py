"""The institution closes: nothing is in use any more, and all is kept for its three years."""

from datetime import date

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided, DeregistrationApproved
from otsp_contracts.materials import MaterialChanged, MaterialsClosingDone

ON = date(2024, 10, 15)
USED = {"existing": True, "used_from": "2024-09-01"}


@pytest.fixture
def close(kit, owner):
    def tell(**changes):
        asked = {
            "institution_id": owner.principal.institution_id,
            "application_id": new_id(),
            "reason": "voluntary",
            "closes_on": ON,
            "services": ("materials",),
        }
        kit.deliver(DeregistrationApproved(**asked | changes))
        return [each.payload().ended for each in kit.published(MaterialsClosingDone)]

    return tell


@pytest.mark.parametrize("status", ["in_use", "suspended"])
def test_what_is_used_goes_out_of_use_and_is_kept_for_three_years(kit, owner, enter, close, status):
    material = enter(owner, status=status, **USED)

    assert close() == [1]

    told = owner.get(material["url"]).json
    assert (told["status"], told["used_until"], told["retain_until"]) == (
        "archived",
        "2024-10-15",
        "2027-10-15",
    )
    assert kit.published(MaterialChanged)[-1].data["status"] == "archived"


@pytest.mark.parametrize("status", ["draft", "internal_passed", "archived"])
def test_what_is_not_used_stays_as_it_is(owner, enter, close, status):
    material = enter(owner, existing=status != "draft", status=status)

    assert close() == [0]
    assert owner.get(material["url"]).json["status"] == status


def test_asked_again_nothing_changes_and_it_is_answered_again(owner, enter, close):
    material = enter(owner, status="in_use", **USED)

    assert close() == [1]
    version = owner.get(material["url"]).version
    assert close() == [1, 0]
    assert owner.get(material["url"]).version == version


def test_an_open_review_is_waited_for_no_more_and_a_late_decision_changes_nothing(
    kit, owner, enter, upload, close
):
    waiting = enter(
        owner, existing=True, status="internal_passed", file_id=upload(owner, "甲")["file_id"]
    )
    owner.post(f"{waiting['url']}/external-review-request")

    assert close() == [1]
    told = owner.get(waiting["url"])
    kit.deliver(
        CaseDecided(
            case_id=new_id(),
            version=2,
            institution_id=owner.principal.institution_id,
            kind="external_review",
            subject_id=waiting["material_id"],
            decision="approved",
            decided_on=ON,
        )
    )

    assert (told.json["status"], told.json["external_review"]["result"]) == (
        "internal_passed",
        None,
    )
    assert owner.get(waiting["url"]).version == told.version
    assert kit.set_aside() == []


def test_it_closes_only_what_is_asked_for_and_only_there(owner, enter, close):
    material = enter(owner, status="in_use", **USED)

    assert close(services=("staff",)) == []
    assert close(institution_id=new_id()) == [0]
    assert owner.get(material["url"]).json["status"] == "in_use"
