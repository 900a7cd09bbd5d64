"""Registration, step b: entering, submitting, what the authority's decision does."""

import pytest
from sqlalchemy import text

from otsp_chassis.ids import new_id
from otsp_contracts.auth import AccountActivated
from otsp_contracts.institution import ProfileChanged, RegistrationDecided, RegistrationSubmitted

CONSIDERED = ("name", "region_code", "categories", "delivery_modes", "stages", "legal_nature")


@pytest.fixture
def entered(own, place, facts):
    answer = own.put(f"{place}/registration", facts)
    assert answer.status == 201, answer.content
    return answer


@pytest.fixture
def submitted(own, place, entered):
    answer = own.post(f"{place}/registration/submission")
    assert answer.status == 200, answer.content
    return answer


def test_account_gets_a_draft_and_the_first_entry_needs_no_version(
    kit, own, place, institution_id, facts
):
    kit.deliver(AccountActivated(account_id=new_id(), institution_id=institution_id))
    assert own.get(place).json["registration"]["status"] == "draft"

    answer = own.put(f"{place}/registration", facts)

    assert answer.status == 201
    assert answer.headers["Location"] == place
    assert answer.json["name"] == facts["name"]


def test_entry_that_overtakes_the_news_of_the_account_stays(kit, own, place, institution_id, facts):
    own.put(f"{place}/registration", facts)

    kit.deliver(AccountActivated(account_id=new_id(), institution_id=institution_id))

    assert kit.set_aside() == []
    assert own.get(place).json["name"] == facts["name"]


def test_number_of_the_legal_representative_is_told_as_its_mask_only(kit, entered, place, own):
    legal_rep = own.get(place).json["legal_rep"]

    assert legal_rep["id_masked"] == "330***********9904"
    assert legal_rep["id_type"] == "cnid"
    assert b"330199197803129904" not in entered.content
    with kit.runtime.database.engine.connect() as reader:
        stored = reader.execute(text("SELECT legal_rep_id_no FROM institution")).scalar_one()
    assert b"330199197803129904" not in bytes(stored)
    assert kit.runtime.cipher.decrypt(stored) == "330199197803129904"


def test_number_is_kept_when_the_next_entry_does_not_name_it(own, place, entered, facts):
    del facts["legal_rep"]["id_no"]

    answer = own.put(f"{place}/registration", facts, if_match=entered.version)

    assert answer.status == 200
    assert answer.json["legal_rep"]["id_masked"] == "330***********9904"


@pytest.mark.parametrize("legal_rep", [None, {"name": "沈示例", "id_no": None}])
def test_number_is_removed_when_the_entry_says_so(kit, own, place, entered, facts, legal_rep):
    answer = own.put(
        f"{place}/registration", facts | {"legal_rep": legal_rep}, if_match=entered.version
    )

    assert answer.status == 200
    with kit.runtime.database.engine.connect() as reader:
        query = "SELECT legal_rep_id_no, legal_rep_id_hmac, legal_rep_id_valid FROM institution"
        assert list(reader.execute(text(query)).one()) == [None, None, None]


def test_second_entry_needs_the_version_it_replaces(own, place, entered, facts):
    missing = own.put(f"{place}/registration", facts)
    stale = own.put(f"{place}/registration", facts, if_match=entered.version + 7)

    assert (missing.status, missing.problem) == (428, "precondition-required")
    assert (stale.status, stale.problem) == (412, "stale-version")


def test_draft_may_be_empty_and_what_people_type_is_cleaned(own, place):
    answer = own.put(
        f"{place}/registration",
        {"uscc": "５２330106mjfake011p ", "contact": {"mobile": "138 0000 0002"}},
    )

    assert answer.status == 201
    assert answer.json["uscc"] == "52330106MJFAKE011P"
    assert answer.json["contact"]["mobile"] == "13800000002"
    assert answer.json["categories"] == []


def test_everything_wrong_with_an_entry_is_told_at_once(own, place, facts):
    facts |= {"uscc": "52330106MJFAKE012P", "nonsubject_types": ["sports"], "mood": "good"}
    facts["legal_rep"]["id_no"] = "330199197803129905"

    answer = own.put(f"{place}/registration", facts)

    assert (answer.status, answer.problem) == (422, "invalid")
    assert answer.pointers == {"/uscc", "/nonsubject_types", "/mood", "/legal_rep/id_no"}
    assert own.get(place).status == 404


def test_only_type_of_a_nonsubject_institution_is_its_primary_one(own, place, facts):
    facts |= {"categories": ["nonsubject"], "nonsubject_types": ["culture_arts"]}

    answer = own.put(f"{place}/registration", facts)

    assert answer.json["primary_nonsubject_type"] == "culture_arts"


def test_submission_is_told_to_compliance_with_what_it_routes_by(kit, submitted, facts):
    [event] = kit.published(RegistrationSubmitted)

    assert submitted.json["registration"]["status"] == "submitted"
    assert submitted.json["registration"]["round"] == 1
    assert event.data["from_state"] == "draft"
    assert event.data["to_state"] == "submitted"
    assert event.data["version"] == submitted.version
    assert event.data["uscc"] == facts["uscc"]
    assert event.data["region_code"] == "330106"
    assert b"330199197803129904" not in event.to_bytes()


def test_submission_is_told_to_whoever_keeps_the_profile(kit, submitted):
    told = [event.data["registration_status"] for event in kit.published(ProfileChanged)]

    assert told == ["draft", "submitted"]


@pytest.mark.parametrize("name", CONSIDERED)
def test_submission_without_what_an_authority_is_found_by_is_refused(kit, own, place, facts, name):
    own.put(f"{place}/registration", facts | {name: None})

    answer = own.post(f"{place}/registration/submission")

    assert (answer.status, answer.problem) == (422, "invalid")
    assert answer.pointers == {f"/{name}"}
    assert kit.published(RegistrationSubmitted) == []
    assert own.get(place).json["registration"]["status"] == "draft"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"nonsubject_types": None}, "/nonsubject_types"),
        ({"nonsubject_types": ["sports", "other"]}, "/primary_nonsubject_type"),
    ],
)
def test_submission_needs_the_type_that_decides_on_the_authority(
    own, place, facts, change, pointer
):
    own.put(f"{place}/registration", facts | {"categories": ["nonsubject"]} | change)

    answer = own.post(f"{place}/registration/submission")

    assert answer.pointers == {pointer}


def test_submission_without_a_number_is_not_refused_because_a_rule_judges_it(own, place, facts):
    own.put(f"{place}/registration", facts | {"uscc": None})

    assert own.post(f"{place}/registration/submission").status == 200


def test_registration_under_review_is_locked(own, place, submitted, facts):
    refusals = [
        own.put(f"{place}/registration", facts, if_match=submitted.version),
        own.put(place, facts, if_match=submitted.version),
        own.post(f"{place}/registration/submission"),
        own.put(f"{place}/party", {"member_count": 3}),
        own.put(f"{place}/funds/contract", {"template_code": "GF-2021-2604"}),
    ]

    for refusal in refusals:
        assert (refusal.status, refusal.problem) == (423, "institution-registration-under-review")


def test_same_submission_sent_twice_has_one_effect(kit, own, place, entered):
    first = own.post(f"{place}/registration/submission", key="submission-1")
    second = own.post(f"{place}/registration/submission", key="submission-1")

    assert first.content == second.content
    assert len(kit.published(RegistrationSubmitted)) == 1


def test_approval_registers_the_institution_and_is_told_to_everybody(
    kit, own, place, submitted, decide
):
    decide("approved")

    institution = own.get(place)
    [decided] = kit.published(RegistrationDecided)
    profile = kit.published(ProfileChanged)[-1]
    assert institution.json["registration"]["status"] == "approved"
    assert (decided.data["from_state"], decided.data["to_state"]) == ("submitted", "approved")
    assert profile.data["registration_status"] == "approved"
    assert profile.data["compliance_status"] == "not_applied"
    assert profile.data["version"] == decided.data["version"] == institution.version


def test_approved_registration_is_changed_in_the_basic_information(
    own, place, submitted, decide, facts
):
    decide("approved")

    refused = own.put(f"{place}/registration", facts, if_match=own.get(place).version)

    assert (refused.status, refused.problem) == (409, "institution-registration-approved")


def test_returned_registration_is_corrected_and_submitted_again(
    kit, own, place, submitted, decide, facts
):
    decide("returned", reason="名称与执照不符")
    returned = own.get(place)
    assert returned.json["registration"]["reason"] == "名称与执照不符"

    own.put(f"{place}/registration", facts | {"name": "新名称学校"}, if_match=returned.version)
    again = own.post(f"{place}/registration/submission")

    assert again.json["registration"] | {"submitted_on": None} == {
        "status": "submitted",
        "round": 2,
        "submitted_on": None,
        "decided_on": None,
        "reason": None,
    }
    decide("approved")
    assert [event.data["to_state"] for event in kit.published(RegistrationDecided)] == [
        "returned",
        "approved",
    ]


@pytest.mark.parametrize("decision", ["withdrawn", "lapsed"])
def test_case_that_nobody_decided_gives_the_registration_back(
    own, place, submitted, decide, decision
):
    decide(decision, authority_id=None)

    assert own.get(place).json["registration"]["status"] == "returned"


def test_decision_that_nothing_waits_for_is_set_aside(kit, own, place, entered, decide):
    decide("approved")

    assert len(kit.set_aside()) == 1
    assert own.get(place).json["registration"]["status"] == "draft"


def test_decision_on_an_unknown_institution_is_set_aside(kit, decide):
    decide("approved")

    assert len(kit.set_aside()) == 1


def test_decision_on_material_is_not_this_services_business(kit, own, place, submitted, decide):
    decide("approved", kind="external_review", subject_id=new_id())

    assert kit.set_aside() == []
    assert own.get(place).json["registration"]["status"] == "submitted"


def test_number_is_taken_from_submission_on(kit, submitted, facts):
    rival_id = new_id()
    rival, place = kit.as_institution(rival_id), f"/api/institution/v1/institutions/{rival_id}"
    assert rival.put(f"{place}/registration", facts).status == 201, "two drafts may name it"

    refused = rival.post(f"{place}/registration/submission")

    assert (refused.status, refused.problem) == (409, "institution-already-registered")
    assert refused.json["detail"] == "该机构已注册，请联系住所地区域管理员找回账号。"
    assert len(kit.published(RegistrationSubmitted)) == 1


def test_rejected_registration_frees_the_number(kit, submitted, facts, decide):
    decide("rejected")
    rival_id = new_id()
    rival, place = kit.as_institution(rival_id), f"/api/institution/v1/institutions/{rival_id}"
    rival.put(f"{place}/registration", facts)

    assert rival.post(f"{place}/registration/submission").status == 200


@pytest.mark.parametrize("suffix", ["", "/registration"])
def test_other_institutions_and_authorities_cannot_write(kit, place, entered, facts, suffix):
    stranger = kit.as_institution(new_id()).put(f"{place}{suffix}", facts, if_match=1)
    reviewer = kit.as_authority("reviewer").put(f"{place}{suffix}", facts, if_match=1)
    nobody = kit.anonymous().put(f"{place}{suffix}", facts, if_match=1)

    assert (stranger.status, stranger.problem) == (403, "other-institution")
    assert (reviewer.status, reviewer.problem) == (403, "forbidden")
    assert (nobody.status, nobody.problem) == (401, "unauthorised")


def test_other_institution_cannot_submit(kit, place, entered):
    refused = kit.as_institution(new_id()).post(f"{place}/registration/submission")

    assert (refused.status, refused.problem) == (403, "other-institution")


@pytest.mark.parametrize(
    ("licence", "lacking"),
    [
        (None, {"/licence/licence_no", "/licence/scan_file_id"}),
        ({"licence_no": "教民133010670009901号"}, {"/licence/scan_file_id"}),
        ({"licence_no": "教民133010670009901号", "scan_file_id": "uploaded"}, set()),
    ],
)
def test_who_says_to_hold_a_licence_shows_it_with_the_registration(
    own, place, facts, upload, licence, lacking
):
    own.put(f"{place}/registration", facts | {"has_licence": True})
    if licence is not None:
        scan = {"scan_file_id": upload()} if "scan_file_id" in licence else {}
        assert own.put(f"{place}/licence", licence | scan).status == 201

    answer = own.post(f"{place}/registration/submission")

    assert (answer.pointers if lacking else set()) == lacking
    assert answer.status == (422 if lacking else 200)
    assert all("再提交注册" in each["detail"] for each in answer.json.get("errors", ()))


@pytest.mark.parametrize("said", [None, False])
def test_without_a_licence_the_registration_is_submitted_all_the_same(own, place, facts, said):
    own.put(f"{place}/registration", facts | {"has_licence": said})

    assert own.post(f"{place}/registration/submission").status == 200
