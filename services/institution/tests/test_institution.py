"""Basic information: replaced as a whole, told to others, seen by authorities."""

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import ApplicationSubmitted, ApplicationWithdrawn, DecisionSetAside
from otsp_contracts.institution import ProfileChanged

BASIC = {
    "has_licence": True,
    "office_address": "示例路1号",
    "legal_form": "private_non_enterprise",
    "founded_on": "2017-05-01",
    "first_approved_on": "2017-06-01",
    "start_fund_fen": 30_000_000,
    "sponsor_type": "person",
    "sponsors": [{"name": "沈示例", "id_no": "330199197803129904", "share_bp": 10_000}],
    "actual_controller": {"name": "沈示例", "id_no": "330199197803129904"},
    "board_members": [{"name": "沈示例", "role": "理事长", "edu_years": 12}],
    "supervisors": [{"name": "严示例"}],
    "foreign_controlled": False,
    "listed_affiliate": False,
    "principal_name": "沈示例",
    "consult_tel": "0571-88001234",
    "complaint_tel": "0571-88001235",
    "scale": 60,
}


@pytest.fixture
def registered(kit, own, place, facts, decide):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")
    return own.get(place)


def filed(institution_id, application_id, kind="initial"):
    return ApplicationSubmitted(
        version=1,
        to_state="submitted",
        application_id=application_id,
        institution_id=institution_id,
        kind=kind,
        seq_no="330106202410150001",
        as_of=clock.today(),
        snapshot_sha256="0" * 64,
    )


def codes(answer):
    return {(warning["pointer"], warning["code"]) for warning in answer.json["warnings"]}


def test_whole_information_has_nothing_to_warn_of(own, place, registered, facts, upload):
    facts["legal_rep"] |= {"id_scan_file_ids": [upload(), upload()]}

    answer = own.put(place, facts | BASIC, if_match=registered.version)

    assert answer.status == 200
    assert answer.json["warnings"] == []
    masked = {name: answer.json[name] for name in ("sponsors", "actual_controller")}
    assert (BASIC | masked).items() <= answer.json.items()


def test_what_the_body_leaves_out_is_emptied_and_what_is_required_is_named(
    own, place, registered, facts
):
    site = {"website": "https://example.test"}
    whole = own.put(place, facts | BASIC | site, if_match=registered.version)
    assert whole.status == 200

    answer = own.put(place, facts | {"delivery_modes": ["online"]}, if_match=whole.version)

    assert answer.json["scale"] is None
    assert answer.json["website"] is None
    assert codes(answer) == {
        ("/has_licence", "missing"),
        ("/sponsor_type", "missing"),
        ("/sponsors", "missing"),
        ("/actual_controller", "missing"),
        ("/board_members", "missing"),
        ("/supervisors", "missing"),
        ("/legal_rep/id_scan_file_ids", "missing"),
        ("/consult_tel", "missing"),
        ("/complaint_tel", "missing"),
        ("/website", "missing"),
        ("/scale", "missing"),
    }


def test_doubtful_values_are_stored_and_told(own, place, registered, facts):
    doubtful = {"region_code": "330105", "founded_on": "2999-01-01"}

    answer = own.put(place, facts | BASIC | doubtful, if_match=registered.version)

    assert answer.status == 200
    scans = ("/legal_rep/id_scan_file_ids", "missing")
    assert codes(answer) == {("/uscc", "v_11"), ("/founded_on", "v_14"), scans}


def test_judged_facts_may_be_emptied_but_not_what_others_keep(own, place, registered, facts):
    emptied = {"uscc": None, "legal_rep": None, "first_approved_on": None}
    judged = own.put(place, facts | emptied, if_match=registered.version)
    kept = own.put(place, facts | {"name": None, "stages": []}, if_match=judged.version)

    assert judged.status == 200
    assert (kept.status, kept.problem) == (422, "invalid")
    assert kept.pointers == {"/name", "/stages"}


def test_changed_profile_is_told_and_an_unchanged_one_is_not(kit, own, place, registered, facts):
    first = own.put(place, facts | BASIC, if_match=registered.version)
    told_before = len(kit.published(ProfileChanged))
    same = own.put(place, facts | BASIC | {"intro": "新的简介"}, if_match=first.version)
    assert len(kit.published(ProfileChanged)) == told_before

    changed = own.put(place, facts | BASIC | {"name": "新名称学校"}, if_match=same.version)

    event = kit.published(ProfileChanged)[-1]
    assert len(kit.published(ProfileChanged)) == told_before + 1
    assert (event.data["name"], event.data["version"]) == ("新名称学校", changed.version)


def test_profile_of_a_draft_is_told_once_it_has_what_others_keep(kit, own, place, facts):
    half = own.put(place, facts | BASIC | {"stages": []})
    assert (half.status, kit.published(ProfileChanged)) == (201, [])

    whole = own.put(place, facts | BASIC, if_match=half.version)

    [event] = kit.published(ProfileChanged)
    assert (event.data["registration_status"], event.data["version"]) == ("draft", whole.version)
    assert event.data["uscc"] == facts["uscc"]


def test_number_of_another_registered_institution_is_refused(kit, registered, facts, decide):
    rival_id = new_id()
    rival, place = kit.as_institution(rival_id), f"/api/institution/v1/institutions/{rival_id}"
    rival.put(f"{place}/registration", facts | {"uscc": "91510107MAFAKE0358"})
    rival.post(f"{place}/registration/submission")
    decide("approved", institution_id=rival_id, subject_id=rival_id)

    refused = rival.put(place, facts, if_match=rival.get(place).version)

    assert (refused.status, refused.problem) == (409, "institution-already-registered")
    assert rival.get(place).json["uscc"] == "91510107MAFAKE0358"


def test_unknown_institution_is_not_found(own, place):
    assert (own.get(place).status, own.get(place).problem) == (404, "not-found")


def test_authority_sees_the_institutions_of_its_region_masked(kit, place, registered):
    answer = kit.as_authority("reviewer", region="330106").get(place)

    assert answer.status == 200
    assert answer.json["legal_rep"]["name"] == "沈示例"
    assert answer.json["legal_rep"]["mobile"] == "138****0001"
    assert answer.json["legal_rep"]["id_masked"] == "330***********9904"
    assert answer.json["contact"]["name"] == "周**"
    assert answer.json["contact"]["mobile"] == "138****0002"
    assert "example.test" not in answer.json["contact"]["email"]


def test_authority_of_another_region_and_other_roles_see_nothing(kit, place, registered):
    elsewhere = kit.as_authority("reviewer", region="110108").get(place)
    auditor = kit.as_authority("auditor").get(place)
    stranger = kit.as_institution(new_id()).get(place)

    assert (elsewhere.status, elsewhere.problem) == (403, "outside-jurisdiction")
    assert (auditor.status, auditor.problem) == (403, "forbidden")
    assert (stranger.status, stranger.problem) == (403, "other-institution")


def test_draft_does_not_exist_for_authorities(kit, own, place, facts):
    own.put(f"{place}/registration", facts)

    assert kit.as_authority("reviewer").get(place).status == 404


def test_legacy_origin_is_stated_by_the_authority(kit, own, place, facts):
    own.put(f"{place}/registration", facts)

    answer = kit.as_authority("region_admin").put(
        f"{place}/legacy-origin", {"migrated_from": "xwpx_offline"}
    )

    assert answer.status == 200
    assert own.get(place).json["migrated_from"] == "xwpx_offline"


def test_legacy_origin_survives_what_the_institution_enters(kit, own, place, registered, facts):
    admin = kit.as_authority("region_admin")
    admin.put(f"{place}/legacy-origin", {"migrated_from": "xspx_online"})

    own.put(place, facts | BASIC, if_match=own.get(place).version)

    assert own.get(place).json["migrated_from"] == "xspx_online"


def test_legacy_origin_is_not_the_institutions_to_state(kit, own, place, facts):
    own.put(f"{place}/registration", facts)
    body = {"migrated_from": "xwpx_offline"}

    itself = own.put(f"{place}/legacy-origin", body)
    reviewer = kit.as_authority("reviewer").put(f"{place}/legacy-origin", body)
    elsewhere = kit.as_authority("region_admin", region="110108").put(
        f"{place}/legacy-origin", body
    )

    assert (itself.status, itself.problem) == (403, "forbidden")
    assert (reviewer.status, reviewer.problem) == (403, "forbidden")
    assert (elsewhere.status, elsewhere.problem) == (403, "outside-jurisdiction")
    assert own.get(place).json["migrated_from"] is None
    unknown = f"/api/institution/v1/institutions/{new_id()}/legacy-origin"
    assert kit.as_authority("region_admin").put(unknown, body).status == 404


def test_filing_and_its_end_move_the_compliance_status(
    kit, own, place, registered, institution_id, decide
):
    application_id = new_id()
    kit.deliver(filed(institution_id, application_id))
    assert own.get(place).json["compliance_status"] == "under_review"

    decide("approved", kind="compliance", subject_id=application_id)

    assert own.get(place).json["compliance_status"] == "compliant"
    profiles = [event.data for event in kit.published(ProfileChanged)]
    told = [
        each["compliance_status"] for each in profiles if each["registration_status"] == "approved"
    ]
    assert told == ["not_applied", "under_review", "compliant"]


def test_filing_that_arrives_after_its_decision_changes_nothing(
    kit, own, place, registered, institution_id, decide
):
    application_id = new_id()
    decide("rejected", kind="compliance", subject_id=application_id)

    kit.deliver(filed(institution_id, application_id))

    assert own.get(place).json["compliance_status"] == "non_compliant"


def test_withdrawal_restores_the_status_that_the_application_was_filed_in(
    kit, own, place, registered, institution_id, decide
):
    first, second = new_id(), new_id()
    decide("approved", kind="compliance", subject_id=first)
    kit.deliver(filed(institution_id, second, kind="change"))
    assert own.get(place).json["compliance_status"] == "change_pending"

    withdrawn = ApplicationWithdrawn(
        version=2,
        to_state="withdrawn",
        application_id=second,
        institution_id=institution_id,
        kind="change",
        withdrawn_on=clock.today(),
    )
    kit.deliver(withdrawn)
    decide("withdrawn", kind="change", subject_id=second)

    assert kit.set_aside() == []
    assert own.get(place).json["compliance_status"] == "compliant"


def set_aside(institution_id, application_id, *, version, was, now, **more):
    return DecisionSetAside(
        version=version,
        from_state=was,
        to_state=now,
        decision_id=new_id(),
        replaces=new_id(),
        application_id=application_id,
        case_id=new_id(),
        institution_id=institution_id,
        application_kind="initial",
        outcome=now,
        decided_on=clock.today(),
        authority_id=new_id(),
        snapshot_sha256="0" * 64,
        doc_no="330106202410150000001-2",
        **more,
    )


def test_a_decision_that_is_set_aside_no_longer_holds_here(
    kit, own, place, registered, institution_id, decide
):
    application_id = new_id()
    overturned = set_aside(
        institution_id, application_id, version=7, was="approved", now="returned"
    )
    restored = set_aside(institution_id, application_id, version=8, was="returned", now="approved")
    decide("approved", kind="compliance", subject_id=application_id)

    kit.deliver(overturned)
    kit.deliver(overturned)  # under another id, as whoever tells things again does
    first = own.get(place).json["compliance_status"]
    kit.deliver(restored)

    assert first == "returned"
    assert own.get(place).json["compliance_status"] == "compliant"
    assert kit.set_aside() == []


def test_who_reviewed_what_is_approved_in_place_of_a_refusal_is_in_charge(
    kit, place, registered, institution_id, decide
):
    application_id, seats = new_id(), [{"department": "sports", "level": "county"}]
    decide("rejected", kind="compliance", subject_id=application_id)
    told = {"version": 7, "was": "rejected", "now": "approved", "seats": seats}
    kit.deliver(set_aside(institution_id, application_id, **told))

    for department, status in (("education", 403), ("sports", 201)):
        client = kit.as_authority("region_admin", region="330106", department=department)
        assert client.post(f"{place}/suspension", {"reason": "消防检查不合格"}).status == status


def test_a_setting_aside_of_what_was_overtaken_changes_nothing(
    kit, own, place, registered, institution_id, decide
):
    first, second = new_id(), new_id()
    decide("rejected", kind="compliance", subject_id=first)
    decide("approved", kind="compliance", subject_id=second)

    kit.deliver(set_aside(institution_id, first, version=9, was="rejected", now="returned"))

    assert own.get(place).json["compliance_status"] == "compliant"
    assert kit.set_aside() == []


def test_a_setting_aside_that_overtakes_its_decision_waits_for_it(
    kit, own, place, registered, institution_id, decide
):
    older, newer = new_id(), new_id()
    decide("approved", kind="compliance", subject_id=older)

    told = set_aside(institution_id, newer, version=9, was="approved", now="returned")
    kit.deliver(told, times=1)

    assert len(kit.set_aside()) == 1
    assert own.get(place).json["compliance_status"] == "compliant"


def test_branches_are_kept_as_one_list_and_cleaned(own, place, facts):
    typed = {
        "name": "示例分校",
        "uscc": "５２330106mjfake011p ",
        "licence_no": "教民1330105 ７0009901号",
    }

    answer = own.put(place, facts | {"branches": [typed, {"name": "示例二校"}]})

    assert answer.status == 201, answer.content.decode()
    unsaid = {"uscc": None, "region_code": None, "licence_no": None}
    first = {"uscc": "52330106MJFAKE011P", "licence_no": "教民133010570009901号"}
    assert answer.json["branches"] == [
        unsaid | first | {"name": "示例分校"},
        unsaid | {"name": "示例二校"},
    ]
    assert own.get(place).json["branches"] == answer.json["branches"]


@pytest.mark.parametrize(
    ("branch", "member"),
    [
        ({"name": "示例分校", "uscc": "52330106MJFAKE012P"}, "uscc"),
        ({"name": "示例分校", "region_code": "990101"}, "region_code"),
        ({"uscc": None}, "name"),
    ],
)
def test_what_is_wrong_with_a_branch_is_told_at_its_place(own, place, facts, branch, member):
    refused = own.put(place, facts | {"branches": [{"name": "示例一校"}, branch]})

    assert (refused.status, refused.pointers) == (422, {f"/branches/1/{member}"})


def test_logo_is_a_file_of_the_institutions_own(kit, own, place, facts, upload):
    refused = own.put(place, facts | {"logo_file_id": str(new_id())})
    answer = own.put(place, facts | {"logo_file_id": (logo := upload())})

    assert (refused.status, refused.pointers) == (422, {"/logo_file_id"})
    assert (answer.status, answer.json["logo_file_id"]) == (201, logo)


def test_what_the_licence_covers_is_part_of_the_profile(kit, own, place, registered):
    licence = {"licence_no": "教民133010670009901号", "scope_delivery": ["online"]}
    told = len(kit.published(ProfileChanged))

    covered = own.put(f"{place}/licence", licence).version
    corrected = own.put(f"{place}/licence", licence | {"scope_text": "数学"}, if_match=covered)
    revoked = licence | {"scope_text": "数学", "status": "revoked"}
    own.put(f"{place}/licence", revoked, if_match=corrected.version)

    profiles = [event.data for event in kit.published(ProfileChanged)]
    assert profiles[told - 1]["licence_delivery"] == []
    assert [each["licence_delivery"] for each in profiles[told:]] == [["online"], []]
    assert profiles[-1]["version"] == own.get(place).version
