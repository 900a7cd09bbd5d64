"""The institution closes: its licence is void, it proposes nothing, and then it is no more."""

from datetime import date

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    DeregistrationApproved,
    DeregistrationCompleted,
)
from otsp_contracts.institution import InstitutionClosingDone, ProfileChanged

LICENCE = {"licence_no": "教民133010670009901号", "valid_from": "2021-12-20", "status": "valid"}
ON = date(2024, 10, 15)


@pytest.fixture
def compliant(own, place, facts, decide):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")
    own.put(f"{place}/licence", LICENCE)
    decide("approved", kind="compliance", subject_id=new_id())


@pytest.fixture
def filed(kit, institution_id, compliant):
    """Its deregistration, submitted."""
    application_id = new_id()
    told = {"version": 3, "from_state": "evaluating", "to_state": "submitted"}
    told |= {"application_id": application_id, "institution_id": institution_id}
    told |= {"kind": "deregistration", "seq_no": "1", "as_of": ON, "snapshot_sha256": "0" * 64}
    kit.deliver(ApplicationSubmitted(**told))
    return application_id


@pytest.fixture
def close(kit, institution_id, filed):
    def tell(**changes):
        asked = {
            "institution_id": institution_id,
            "application_id": filed,
            "reason": "voluntary",
            "closes_on": ON,
            "services": ("institution", "auth"),
        }
        kit.deliver(DeregistrationApproved(**asked | changes))
        return [each.payload().ended for each in kit.published(InstitutionClosingDone)]

    return tell


@pytest.fixture
def complete(kit, institution_id, filed):
    def tell(application_id=None):
        told = {"institution_id": institution_id, "application_id": application_id or filed}
        days = {"deregistered_on": ON, "read_only_until": date(2024, 10, 30)}
        kit.deliver(DeregistrationCompleted(**told | days))

    return tell


@pytest.fixture
def label(own, place):
    return lambda: own.get(place).json["compliance_status"]


@pytest.mark.parametrize(
    ("reason", "status"),
    [("voluntary", "returned"), ("merged", "returned"), ("revoked", "revoked")],
)
def test_the_licence_is_handed_back_or_void(own, place, close, reason, status):
    assert close(reason=reason) == [1]
    assert own.get(f"{place}/licence").json["status"] == status


def test_a_licence_that_was_handed_back_already_stays_so(own, place, close):
    own.put(f"{place}/licence", LICENCE | {"status": "returned"}, if_match=1)

    assert close(reason="revoked") == [0]
    assert own.get(f"{place}/licence").json["status"] == "returned"


def test_an_approved_institution_hands_its_licence_back_without_an_application(
    own, place, compliant
):
    back = LICENCE | {"status": "returned"}

    refused = own.put(
        f"{place}/licence", back | {"licence_no": "教民133010670009902号"}, if_match=1
    )
    revoked = own.put(f"{place}/licence", LICENCE | {"status": "revoked"}, if_match=1)
    handed_back = own.put(f"{place}/licence", back, if_match=1)

    assert (refused.problem, refused.pointers) == (
        "institution-change-application-needed",
        {"/licence_no"},
    )
    assert revoked.problem == "institution-change-application-needed"
    assert handed_back.status == 200


def test_it_proposes_nothing_any_more(kit, own, place, facts, close):
    own.put(f"{place}/proposed-changes/basic-information", facts | {"name": "示例晨光学校"})

    assert close() == [2]

    assert own.get(f"{place}/proposed-changes").status == 404
    assert own.get(place).json["has_proposed_change"] is False
    assert kit.published(ProfileChanged)[-1].data["has_proposed_change"] is False


def test_asked_again_nothing_changes_and_it_is_answered_again(own, place, close):
    assert close() == [1]
    version = own.get(f"{place}/licence").version
    assert close() == [1, 0]
    assert own.get(f"{place}/licence").version == version


def test_it_closes_only_what_is_asked_for(own, place, close):
    assert close(services=("auth",)) == []
    assert own.get(f"{place}/licence").json["status"] == "valid"


def test_the_label_follows_the_deregistration_to_its_end(kit, label, decide, filed, complete):
    seen = [label()]
    decide("approved", kind="deregistration", subject_id=filed)
    seen.append(label())
    complete()
    seen.append(label())

    assert seen == ["deregistering", "deregistering", "deregistered"]
    last = kit.published(ProfileChanged)[-1].payload()
    assert (last.compliance_status, last.deregistered_on) == ("deregistered", ON)
    told = len(kit.published(ProfileChanged))
    complete(new_id())
    assert len(kit.published(ProfileChanged)) == told


@pytest.mark.parametrize("decision", ["returned", "rejected", "withdrawn", "lapsed"])
def test_a_deregistration_that_comes_to_nothing_leaves_the_label_as_it_was(
    label, decide, filed, decision
):
    decide(decision, kind="deregistration", subject_id=filed)

    assert label() == "compliant"


def test_one_that_is_taken_back_does_too(kit, institution_id, label, filed):
    told = {"version": 4, "from_state": "submitted", "to_state": "withdrawn", "withdrawn_on": ON}
    told |= {"application_id": filed, "institution_id": institution_id, "kind": "deregistration"}
    kit.deliver(ApplicationWithdrawn(**told))

    assert label() == "compliant"


def test_a_decision_that_is_heard_of_late_changes_nothing_any_more(label, decide, filed, complete):
    complete()
    decide("approved", kind="deregistration", subject_id=filed)

    assert label() == "deregistered"


def test_its_number_is_free_once_it_is_no_more(kit, own, facts, complete):
    other = kit.as_institution(new_id())
    place = f"/api/institution/v1/institutions/{other.principal.institution_id}"

    other.put(f"{place}/registration", facts)

    refused = other.post(f"{place}/registration/submission")
    complete()
    handed_in = other.post(f"{place}/registration/submission")

    assert (refused.status, refused.problem) == (409, "institution-already-registered")
    assert handed_in.status == 200
