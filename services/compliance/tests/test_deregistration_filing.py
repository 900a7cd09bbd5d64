"""Who may file a deregistration when, what judges it, and what an authority opens itself."""

import pytest

from otsp_chassis import clock
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import ApplicationSubmitted, ApplicationWithdrawn, ReviewUnlocked

pytestmark = pytest.mark.usefixtures("chinese_font")


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    world.profile().emptied().configure()
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def admin(world, bureau):
    return world.reviewer(bureau, "region_admin")


def revoke(client, world, **changed):
    body = {
        "institution_id": str(world.institution_id),
        "revoked_on": "2024-10-08",
        "revocation_doc_no": "杭西教罚〔2024〕7号",
    } | changed
    return client.post(f"{world.api}/licence-revocations", body)


def test_a_settled_institution_files_and_its_case_is_a_deregistration(world, kit, bureau):
    answer = world.deregister()
    world.provide()

    assert answer.status == 202
    told = world.application(answer.json["application_id"])
    assert (told["kind"], told["state"]) == ("deregistration", "submitted")
    assert told["seq_no"].startswith("33010620241015")
    assert "closing" in told["snapshot"]["parts"]
    [submitted] = kit.published(ApplicationSubmitted)
    assert submitted.data["kind"] == "deregistration"
    [case] = world.reviewer(bureau).get(f"{world.api}/cases?kind=deregistration").json["items"]
    assert case["subject_id"] == told["application_id"]


def test_the_answer_tells_what_the_law_says_of_debts_and_of_the_rest(world, bureau):
    told = world.deregister().json["closing"]

    assert told["repayment_order_zh"] == [
        "应退受教育者学费、杂费和其他费用",
        "应发教职工的工资及应缴纳的社会保险费用",
        "偿还其他债务",
    ]
    assert "其他非营利性学校" in told["surplus_zh"]
    assert (told["reason_zh"], told["typed"]["stop_on"]) == ("自行终止", "2024-09-30")
    assert (told["is_by_authority"], told["steps"]) == (False, [])


def test_a_profit_seeking_institution_is_told_another_rule_for_the_rest(world, bureau):
    world.profile(version=2, legal_nature="forprofit")

    assert "公司法" in world.deregister().json["closing"]["surplus_zh"]


@pytest.mark.parametrize(
    ("changed", "blocking"),
    [
        ({"unrefunded_fen": 1}, ["DER-002"]),
        ({"unpaid_wages_fen": 1}, ["DER-003"]),
        ({"settlement_report_file_id": None}, ["DER-004"]),
        ({"notice_published_on": "2024-04-19"}, ["DER-006"]),
        ({"notice_published_on": "2024-10-14", "reason": "merged"}, []),
        ({"deregistration_proof_file_id": None}, ["DER-008"]),
    ],
)
def test_what_is_owed_or_lacking_fails_the_precheck_and_unlocks(
    world, kit, bureau, changed, blocking
):
    answer = world.deregister(world.closing(**changed))
    world.provide()

    told = world.application(answer.json["application_id"])
    assert told["blocking"] == blocking
    assert told["state"] == ("precheck_failed" if blocking else "submitted")
    assert len(kit.published(ReviewUnlocked)) == (1 if blocking else 0)


def test_a_short_notice_may_be_excused_with_a_reason(world, bureau):
    answer = world.deregister(
        world.closing(notice_published_on=None),
        exceptions=[{"rule_id": "DER-006", "reason": "因双减转型停办"}],
    )
    world.provide()

    told = world.application(answer.json["application_id"])
    assert (told["state"], told["blocking"]) == ("submitted", [])
    assert told["exceptions"] == [{"rule_id": "DER-006", "reason": "因双减转型停办"}]


def test_whoever_has_people_left_reads_the_warning_before_it_is_filed(world, bureau):
    answer = world.deregister(world.closing(archive_keeper=None))
    world.provide()
    path = f"{world.api}/applications/{answer.json['application_id']}"

    assert world.application(answer.json["application_id"])["to_acknowledge"] == ["DER-010"]
    world.institution().post(f"{path}/acknowledgements", {"rule_ids": ["DER-010"]})
    assert world.state(answer.json["application_id"]) == "submitted"


@pytest.mark.parametrize(
    ("profile", "slug"),
    [
        ({"registration_status": "submitted"}, "registration-not-approved"),
        ({"compliance_status": "deregistered"}, "institution-deregistered"),
        ({"compliance_status": "deregistering"}, "deregistration-open"),
    ],
)
def test_an_institution_that_may_not_close_is_told_why(world, bureau, profile, slug):
    world.profile(version=2, **profile)

    refused = world.deregister()

    assert (refused.status, refused.problem) == (409, slug)
    assert refused.json["reasons"]


def test_a_second_deregistration_waits_for_the_first_one_whatever_it_takes_back(world, bureau):
    world.deregister()

    for withdraw_open in (False, True):
        refused = world.deregister(withdraw_open=withdraw_open)
        assert (refused.status, refused.problem) == (409, "deregistration-open")


def test_an_open_application_is_taken_back_when_the_institution_says_so(world, kit):
    world.profile().configure()
    world.authority("杭州市西湖区教育局")
    other = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    world.emptied()

    refused = world.deregister()
    taken = world.deregister(withdraw_open=True)
    world.provide()

    assert (refused.status, refused.problem) == (409, "application-open")
    assert "一并撤回" in refused.json["detail"]
    assert taken.status == 202
    assert world.state(other) == "withdrawn"
    assert world.state(taken.json["application_id"]) == "submitted"
    [withdrawn] = kit.published(ApplicationWithdrawn)
    assert withdrawn.data["application_id"] == other


def test_what_is_still_gathered_cannot_be_taken_back_and_nothing_is_half_done(world, bureau):
    other = world.filed()

    refused = world.deregister(withdraw_open=True)

    assert (refused.status, refused.problem) == (409, "application-action-impossible")
    assert world.state(other) == "locking"


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"stop_on": "2024-10-16"}, [("/closing/stop_on", "in_future")]),
        ({"notice_published_on": "2024-10-16"}, [("/closing/notice_published_on", "in_future")]),
        ({"reason": "bored"}, [("/closing/reason", "unknown_code")]),
        ({"revocation_doc_no": "我〔2024〕1号"}, [("/closing/revocation_doc_no", "unknown_field")]),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_typed(world, bureau, changed, faults):
    refused = world.deregister(world.closing(**changed))

    assert refused.status == 422
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == faults


def test_papers_are_the_institutions_own_files(world, bureau):
    refused = world.deregister(world.closing(settlement_report_file_id=str(new_id())))

    assert [one["pointer"] for one in refused.json["errors"]] == [
        "/closing/settlement_report_file_id"
    ]


def test_no_system_of_the_institution_ends_it(world, kit, bureau):
    closing = world.closing()
    body = {"institution_id": str(world.institution_id), "closing": closing}

    key = kit.as_principal(
        Principal(new_id(), "api_key", frozenset({"compliance:file"}), "key", world.institution_id)
    )
    refused = key.post(f"{world.api}/deregistrations", body)

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert "本人" in refused.json["detail"]


def test_a_revoked_licence_is_wound_up_without_the_institution(world, bureau, admin):
    file = world.sections["A"]
    file["institution"]["funds"]["supervision"]["balance_fen"] = 100

    answer = revoke(admin, world)
    world.provide()

    told = admin.get(answer.headers["Location"]).json
    assert (told["state"], told["blocking"], told["to_acknowledge"]) == ("submitted", [], [])
    assert set(told["warnings"]) == {"DER-004", "DER-007", "DER-008", "DER-010"}
    groups = told["findings"].values()
    assert {one["severity"] for group in groups for one in group} == {"W"}
    assert told["closing"]["is_by_authority"]
    assert told["closing"]["typed"]["revocation_doc_no"] == "杭西教罚〔2024〕7号"


def test_the_institution_cannot_take_back_what_the_authority_opened(world, bureau, admin):
    application_id = revoke(admin, world).json["application_id"]
    world.provide()

    refused = world.institution().post(f"{world.api}/applications/{application_id}/withdrawal")

    assert (refused.status, refused.problem) == (409, "deregistration-opened-by-authority")
    assert world.state(application_id) == "submitted"


def test_the_authority_decides_an_open_application_before_it_closes_the_institution(
    world, bureau, admin
):
    world.filed()

    assert revoke(admin, world).problem == "application-open"


def test_only_the_region_administrator_of_the_place_closes_it(world, kit, bureau, admin):
    elsewhere = kit.as_authority("region_admin", region="510107")

    assert revoke(elsewhere, world).problem == "outside-jurisdiction"
    assert revoke(world.reviewer(bureau), world).problem == "forbidden"
    assert revoke(world.institution(), world).problem == "forbidden"
    assert revoke(admin, world, revoked_on="2024-10-16").status == 422
    assert revoke(admin, world, institution_id=str(new_id())).status == 404
