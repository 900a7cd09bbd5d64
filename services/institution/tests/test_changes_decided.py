"""A change application: its snapshot shows the future, and its decision brings it about or not."""

import pytest
from sqlalchemy import text

from otsp_chassis import canonical, clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import ApplicationSubmitted, ReviewUnlocked, SnapshotRequested
from otsp_contracts.institution import InstitutionSnapshotProvided, ProfileChanged
from otsp_contracts.snapshots import InstitutionSection

LICENCE = {"licence_no": "教民133010670009901号", "valid_from": "2021-12-20", "status": "valid"}
NEW_LICENCE = {
    "licence_no": "教民133010670009902号",
    "valid_from": "2024-10-01",
    "status": "valid",
    "scope_stages": ["junior"],
}
ACCOUNT = {"mode": "bank_custody", "account_no": "33010000099990001", "release_rule": "per_lesson"}
NEW_ACCOUNT = ACCOUNT | {"account_no": "33010000099990009", "agreement_signed_on": "2024-10-01"}
HEAD = {"name": "韩示例", "id_no": "330199198506079917", "mobile": "13800000009"}
OLD_NAME, NEW_NAME = "杭州示例启明文化培训学校", "杭州示例晨光文化培训学校"


@pytest.fixture
def compliant(own, place, facts, decide):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")
    own.put(f"{place}/licence", LICENCE)
    own.put(f"{place}/funds/supervision", ACCOUNT)
    decide("approved", kind="compliance", subject_id=new_id())


@pytest.fixture
def scans(upload):
    return [upload(), upload()]


@pytest.fixture
def proposed(compliant, own, place, facts, scans):
    """Another name, another legal representative, another licence, another account."""
    at = f"{place}/proposed-changes"
    head = facts["legal_rep"] | HEAD | {"id_scan_file_ids": scans}
    body = facts | {"name": NEW_NAME, "legal_rep": head}
    assert own.put(f"{at}/basic-information", body).status == 201
    assert own.put(f"{at}/licence", NEW_LICENCE, if_match=1).status == 200
    assert own.put(f"{at}/supervision", NEW_ACCOUNT, if_match=2).status == 200


@pytest.fixture
def gather(kit, institution_id):
    """An application's section is asked for; what came."""

    def ask(application_id, kind="change", purpose="application"):
        asked = SnapshotRequested(
            request_id=new_id(),
            institution_id=institution_id,
            purpose=purpose,
            application_id=application_id,
            application_kind=kind,
            as_of=clock.today(),
            sections=("institution",),
        )
        kit.deliver(asked)
        told = kit.published(InstitutionSnapshotProvided)[-1].payload()
        packed = canonical.Packed(told.sha256, told.encoding, told.data)
        return InstitutionSection.model_validate(canonical.unpack(packed))

    return ask


@pytest.fixture
def application(kit, institution_id, gather, proposed):
    """A change application, gathered and submitted; its id."""
    application_id = new_id()
    gather(application_id)
    submit(kit, institution_id, application_id)
    return application_id


def submit(kit, institution_id, application_id):
    kit.deliver(
        ApplicationSubmitted(
            version=1,
            to_state="submitted",
            application_id=application_id,
            institution_id=institution_id,
            kind="change",
            seq_no="330106202410150001",
            as_of=clock.today(),
            snapshot_sha256="0" * 64,
        )
    )


def unlock(kit, institution_id, application_id, to_state=None):
    told = {"institution_id": institution_id, "application_id": application_id}
    kit.deliver(ReviewUnlocked(**told, to_state=to_state))


def filed_changes(kit):
    with kit.runtime.database.engine.connect() as reader:
        return reader.execute(text("SELECT application_id FROM filed_change")).scalars().all()


def on_record(own, place):
    basic = own.get(place).json
    return (
        basic["name"],
        basic["legal_rep"]["name"],
        own.get(f"{place}/licence").json["licence_no"],
        own.get(f"{place}/funds/supervision").json["account_no"],
    )


BEFORE = (OLD_NAME, "沈示例", LICENCE["licence_no"], ACCOUNT["account_no"])
AFTER = (NEW_NAME, "韩示例", NEW_LICENCE["licence_no"], NEW_ACCOUNT["account_no"])


def test_the_rules_judge_the_future_and_the_snapshot_says_so(proposed, gather):
    section = gather(new_id())

    assert section.institution.name == NEW_NAME
    assert section.institution.legal_rep.id_masked == "330***********9917"
    assert section.institution.legal_rep.id_valid is True
    assert section.licence.licence_no == NEW_LICENCE["licence_no"]
    assert section.licence.scope_stages == ("junior",)
    assert section.funds.supervision.account_no == NEW_ACCOUNT["account_no"]
    assert section.funds.supervision.release_rule == "per_lesson"
    told = {each.pointer: (each.before, each.after) for each in section.proposed_change}
    assert told["/institution/name"] == (OLD_NAME, NEW_NAME)
    assert told["/institution/legal_rep/mobile"] == ("138****0001", "138****0009")
    assert told["/licence/valid_from"] == ("2021-12-20", "2024-10-01")
    assert "/funds/supervision/account_no" in told
    assert "/institution/uscc" not in told


def test_the_index_of_the_future_number_is_not_that_of_the_present_one(proposed, gather):
    future, present = gather(new_id()), gather(None, purpose="self_check")

    assert future.institution.legal_rep.id_hmac != present.institution.legal_rep.id_hmac


@pytest.mark.parametrize("kind", ["renewal", "recheck", None])
def test_any_other_snapshot_is_of_the_record(proposed, gather, kind):
    section = gather(new_id(), kind=kind)

    assert section.institution.name == OLD_NAME
    assert section.proposed_change is None


def test_asked_again_the_section_is_the_same(proposed, gather):
    application_id = new_id()

    assert gather(application_id) == gather(application_id)


def test_while_it_is_judged_the_old_approval_stands_and_nothing_moves(
    application, own, place, facts
):
    held = own.get(place)
    refused = own.put(
        f"{place}/proposed-changes/basic-information", facts | {"name": "又名"}, if_match=3
    )

    assert held.json["compliance_status"] == "change_pending"
    assert on_record(own, place) == BEFORE
    assert (refused.status, refused.problem) == (423, "locked")
    assert own.delete(f"{place}/proposed-changes", if_match=3).status == 423


def test_approved_the_proposed_values_are_the_record(kit, application, own, place, decide):
    decide("approved", kind="compliance", subject_id=application)

    assert kit.set_aside() == []
    assert on_record(own, place) == AFTER
    basic = own.get(place)
    assert basic.json["compliance_status"] == "compliant"
    assert basic.json["has_proposed_change"] is False
    assert own.get(f"{place}/proposed-changes").status == 404
    profile = kit.published(ProfileChanged)[-1].data
    assert (profile["name"], profile["compliance_status"]) == (NEW_NAME, "compliant")
    assert profile["has_proposed_change"] is False
    supervision = own.get(f"{place}/funds/supervision").json
    told = (supervision["release_rule"], supervision["agreement_signed_on"])
    assert told == ("per_lesson", "2024-10-01")


def test_scans_of_the_new_heads_papers_come_with_the_approval(
    application, own, place, decide, scans
):
    assert own.get(place).json["legal_rep"]["id_scan_file_ids"] is None

    decide("approved", kind="compliance", subject_id=application)

    assert own.get(place).json["legal_rep"]["id_scan_file_ids"] == scans


def test_approved_the_licence_before_goes_to_the_former_ones(application, own, place, decide):
    decide("approved", kind="compliance", subject_id=application)

    [former] = own.get(f"{place}/licence/history").json["items"]
    assert former["licence_no"] == LICENCE["licence_no"]


def test_approved_the_number_of_the_new_person_is_revealed_as_that_of_record(
    application, own, place, decide
):
    decide("approved", kind="compliance", subject_id=application)

    asked = {"fields": ["legal_rep.id_no"], "reason": None}
    values = own.post(f"{place}/reveals", asked).json["values"]
    assert values == {"legal_rep.id_no": HEAD["id_no"]}


def test_approved_the_history_tells_each_part_and_who_decided(application, own, place, decide):
    actor = new_id()

    decide("approved", kind="compliance", subject_id=application, actor=actor)

    newest = own.get(f"{place}/history").json["items"][:3]
    assert {each["part"] for each in newest} == {"institution", "school_licence", "supervision"}
    assert {each["account_id"] for each in newest} == {str(actor)}
    basic = next(each for each in newest if each["part"] == "institution")
    assert "/name" in {each["pointer"] for each in basic["fields"]}


@pytest.mark.parametrize("decision", ["returned", "rejected", "withdrawn", "lapsed"])
def test_else_the_record_stays_and_the_proposal_can_be_corrected(
    kit, application, own, place, decide, institution_id, facts, decision
):
    decide(decision, kind="compliance", subject_id=application)
    unlock(kit, institution_id, application)

    assert on_record(own, place) == BEFORE
    assert own.get(place).json["compliance_status"] == "compliant"
    at = f"{place}/proposed-changes"
    assert len(own.get(at).json["parts"]) == 3
    corrected = own.put(f"{at}/basic-information", facts | {"name": "更正示例学校"}, if_match=3)
    assert corrected.status == 200
    assert own.delete(at, if_match=4).status == 204


def test_a_decision_told_again_changes_nothing(kit, application, own, place, decide, facts):
    decide("approved", kind="compliance", subject_id=application)
    versions = own.get(place).version, own.get(f"{place}/licence").version
    told = len(kit.published(ProfileChanged))

    decide("approved", kind="compliance", subject_id=application)

    assert (own.get(place).version, own.get(f"{place}/licence").version) == versions
    assert len(kit.published(ProfileChanged)) == told
    assert len(own.get(f"{place}/licence/history").json["items"]) == 1


def test_a_decision_may_arrive_before_the_filing(
    kit, proposed, gather, own, place, decide, institution_id
):
    application_id = new_id()
    gather(application_id)

    decide("approved", kind="compliance", subject_id=application_id)
    submit(kit, institution_id, application_id)

    assert on_record(own, place) == AFTER
    assert own.get(place).json["compliance_status"] == "compliant"


def test_what_was_filed_is_made_not_what_was_typed_since(
    kit, application, own, place, decide, institution_id, facts
):
    """The release of the lock may overtake the decision."""
    unlock(kit, institution_id, application)
    at = f"{place}/proposed-changes"
    typed = facts | {"name": "后改示例学校", "legal_rep": facts["legal_rep"] | HEAD}
    assert own.put(f"{at}/basic-information", typed, if_match=3).status == 200

    decide("approved", kind="compliance", subject_id=application)

    assert on_record(own, place) == AFTER
    [left] = own.get(at).json["parts"]
    assert [(each["before"], each["after"]) for each in left["fields"]] == [
        (NEW_NAME, "后改示例学校")
    ]
    assert own.get(place).json["has_proposed_change"] is True


def test_approval_of_another_application_makes_no_change(
    kit, proposed, gather, own, place, decide, institution_id
):
    """What was filed first failed its pre-check; a renewal was then approved."""
    gather(new_id())
    renewal = new_id()
    gather(renewal, kind="renewal")

    decide("approved", kind="compliance", subject_id=renewal)

    assert on_record(own, place) == BEFORE
    assert len(own.get(f"{place}/proposed-changes").json["parts"]) == 3
    with kit.runtime.database.engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM filed_change")).scalar_one() == 0


@pytest.mark.parametrize("state", ["precheck_failed", "gather_failed", "lapsed"])
def test_what_came_to_no_review_is_forgotten_and_the_proposal_stays(
    kit, proposed, gather, own, place, institution_id, state
):
    gather(failed := new_id())
    gather(again := new_id())

    for _ in range(2):
        unlock(kit, institution_id, failed, state)

    assert filed_changes(kit) == [again]
    assert len(own.get(f"{place}/proposed-changes").json["parts"]) == 3


@pytest.mark.parametrize("state", ["approved", "withdrawn", None])
def test_release_of_what_was_reviewed_leaves_the_change_to_its_decision(
    kit, application, institution_id, state
):
    unlock(kit, institution_id, application, state)

    assert filed_changes(kit) == [application]


def test_after_the_end_a_late_question_files_nothing(kit, application, gather, decide):
    decide("returned", kind="compliance", subject_id=application)

    section = gather(application)

    assert section.institution.name == OLD_NAME
    with kit.runtime.database.engine.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM filed_change")).scalar_one() == 0
