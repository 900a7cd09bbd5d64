"""Licence, certificates, party building, documents and funds: entered, replaced, removed."""

import hashlib
import threading

import pytest

from otsp_chassis.ids import new_id

SHEETS = {
    "licence": {
        "licence_no": "教民133010670009901号",
        "name_on_licence": "杭州示例启明文化培训学校",
        "scope_text": "初中数学、物理",
        "scope_categories": ["subject"],
        "valid_from": "2021-12-20",
        "valid_to": "2025-12-19",
        "status": "valid",
    },
    "party": {"member_count": 3, "org_form": "none", "instructor_assigned": True},
    "funds/supervision": {
        "mode": "exempt_post_pay",
        "account_no": "33010000099990001",
        "agreement_filed_on": "2021-12-28",
    },
    "funds/basic-account": {
        "account_no": "33010000099990002",
        "bank_branch": "示例支行",
        "open_permit_no": "J3301",
        "filed_with_authority": True,
    },
    "funds/contract": {
        "template_code": "GF-2021-2604",
        "used_for_all": True,
        "cooling_off_days": 5,
        "refund_days": 15,
    },
}
FEE_ITEM = {
    "name": "秋季班",
    "charge_mode": "lesson",
    "lesson_count": 48,
    "period_days": 80,
    "amount_fen": 192_000,
    "extra_items": [{"name": "讲义", "amount_fen": 3_000}],
    "publicized": False,
    "refund_policy": "全额退费",
}
CERTIFICATE = {"is_primary": True, "cert_type": "pne_cert", "business_scope": "培训"}
ITEMS = {
    "certificates": (CERTIFICATE, "certificate_id"),
    "other-docs": ({"doc_type": "charter", "title": "章程"}, "doc_id"),
    "audit-reports": ({"year": 2023}, "audit_report_id"),
    "funds/fee-items": (FEE_ITEM, "fee_item_id"),
}
each_sheet = pytest.mark.parametrize("suffix", SHEETS)
each_item = pytest.mark.parametrize("suffix", ITEMS)
REPLACED = {
    "certificates": {"is_primary": False, "cert_type": "other"},
    "other-docs": {"doc_type": "charter", "title": "章程（修订）", "issued_on": "2024-03-01"},
    "audit-reports": {"year": 2022},
    "funds/fee-items": {},
}


def codes(answer):
    return {(warning["pointer"], warning["code"]) for warning in answer.json["warnings"]}


@each_sheet
def test_sheet_is_entered_once_and_shown_as_entered(own, place, suffix):
    assert own.get(f"{place}/{suffix}").status == 404

    answer = own.put(f"{place}/{suffix}", SHEETS[suffix])

    assert (answer.status, answer.version) == (201, 1)
    assert answer.headers["Location"] == f"{place}/{suffix}"
    shown = own.get(f"{place}/{suffix}")
    assert shown.json == answer.json
    assert SHEETS[suffix].items() <= shown.json.items()


@each_sheet
def test_sheet_is_replaced_as_a_whole_on_the_version_it_replaces(own, place, suffix):
    own.put(f"{place}/{suffix}", SHEETS[suffix])

    unversioned = own.put(f"{place}/{suffix}", {})
    stale = own.put(f"{place}/{suffix}", {}, if_match=9)
    replaced = own.put(f"{place}/{suffix}", {}, if_match=1)

    assert (unversioned.status, unversioned.problem) == (428, "precondition-required")
    assert (stale.status, stale.problem) == (412, "stale-version")
    assert (replaced.status, replaced.version) == (200, 2)
    assert {replaced.json[name] for name in SHEETS[suffix] if name != "scope_categories"} == {None}


@each_sheet
def test_version_of_a_sheet_that_was_never_entered_is_stale(own, place, suffix):
    assert own.put(f"{place}/{suffix}", SHEETS[suffix], if_match=1).status == 412


@each_sheet
def test_sheet_is_the_institutions_own(kit, place, suffix):
    stranger, reviewer = kit.as_institution(new_id()), kit.as_authority("reviewer")

    assert stranger.put(f"{place}/{suffix}", SHEETS[suffix]).problem == "other-institution"
    assert stranger.get(f"{place}/{suffix}").problem == "other-institution"
    assert reviewer.put(f"{place}/{suffix}", SHEETS[suffix]).problem == "forbidden"
    assert kit.anonymous().get(f"{place}/{suffix}").problem == "unauthorised"


@each_item
def test_item_is_added_and_shown_as_added(own, place, suffix):
    body, key = ITEMS[suffix]

    answer = own.post(f"{place}/{suffix}", body)

    assert (answer.status, answer.version) == (201, 1)
    assert body.items() <= answer.json.items()
    location = answer.headers["Location"]
    assert location == f"{place}/{suffix}/{answer.json[key]}"
    assert own.get(location).json == answer.json


@each_item
def test_item_is_removed_and_gone(own, place, suffix):
    location = own.post(f"{place}/{suffix}", ITEMS[suffix][0]).headers["Location"]

    unversioned = own.delete(location)
    removed = own.delete(location, if_match=1)

    assert unversioned.problem == "precondition-required"
    assert removed.status == 204
    assert own.get(location).problem == "not-found"
    assert own.delete(location, if_match=2).problem == "not-found"
    assert own.get(f"{place}/{suffix}").json == {"items": [], "next": None}


@each_item
def test_item_is_the_institutions_own(kit, own, place, suffix):
    body, key = ITEMS[suffix]
    answer = own.post(f"{place}/{suffix}", body)
    other_id = new_id()
    other, elsewhere = kit.as_institution(other_id), f"/api/institution/v1/institutions/{other_id}"

    assert other.post(f"{place}/{suffix}", body).problem == "other-institution"
    assert other.get(answer.headers["Location"]).problem == "other-institution"
    assert other.delete(answer.headers["Location"], if_match=1).problem == "other-institution"
    smuggled = f"{elsewhere}/{suffix}/{answer.json[key]}"
    assert other.get(smuggled).problem == "not-found"
    assert other.delete(smuggled, if_match=1).problem == "not-found"
    assert kit.as_authority("region_admin").post(f"{place}/{suffix}", body).problem == "forbidden"


@each_item
def test_item_is_replaced_on_the_version_it_replaces(own, place, suffix):
    location = own.post(f"{place}/{suffix}", ITEMS[suffix][0]).headers["Location"]
    body = REPLACED[suffix]

    unversioned = own.put(location, body)
    replaced = own.put(location, body, if_match=1)
    stale = own.put(location, body, if_match=1)

    assert unversioned.problem == "precondition-required"
    assert (replaced.status, replaced.version) == (200, 2)
    assert body.items() <= own.get(location).json.items()
    assert stale.problem == "stale-version"


def test_items_are_listed_page_by_page_in_order(own, place):
    added = [
        own.post(f"{place}/funds/fee-items", FEE_ITEM | {"name": f"班{number}"}).json["fee_item_id"]
        for number in range(3)
    ]

    first = own.get(f"{place}/funds/fee-items", query={"limit": 2}).json
    rest = own.get(f"{place}/funds/fee-items", query={"cursor": first["next"]}).json

    assert [item["fee_item_id"] for item in first["items"] + rest["items"]] == added
    assert rest["next"] is None


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0"])
def test_cursor_that_is_not_ours_is_a_bad_parameter(own, place, cursor):
    refused = own.get(f"{place}/certificates", query={"cursor": cursor})

    assert (refused.status, refused.problem) == (400, "bad-parameter")


def test_of_two_first_entries_at_once_the_later_one_is_told(kit, own, place):
    answers, twin = [], kit.as_principal(own.principal)

    def enter(client):
        answers.append(client.put(f"{place}/party", {"member_count": 3}).status)

    threads = [threading.Thread(target=enter, args=[each]) for each in (own, twin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(answers) == [201, 428]


def test_another_licence_leaves_the_former_one_on_record(own, place):
    licence = SHEETS["licence"]
    own.put(f"{place}/licence", licence | {"valid_from": None})
    own.put(f"{place}/licence", licence, if_match=1)
    corrected = own.put(f"{place}/licence", licence | {"scope_text": "初中数学"}, if_match=2)
    assert own.get(f"{place}/licence/history").json["items"] == []

    renewed = licence | {"valid_from": "2025-12-20", "valid_to": "2028-12-19"}
    current = own.put(f"{place}/licence", renewed, if_match=corrected.version)

    [former] = own.get(f"{place}/licence/history").json["items"]
    assert current.json["valid_to"] == "2028-12-19"
    assert (former["valid_to"], former["scope_text"]) == ("2025-12-19", "初中数学")


def test_licence_may_be_of_any_form_because_rules_judge_it(own, place):
    odd = {"licence_no": "  浙教 ０１ ", "valid_from": "1999-01-01", "valid_to": "2000-01-01"}

    answer = own.put(f"{place}/licence", odd)

    assert answer.status == 201
    assert answer.json["licence_no"] == "浙教01"
    assert codes(answer) == {("/scope_text", "missing")}


@pytest.mark.parametrize(
    ("suffix", "body", "pointer", "code"),
    [
        (
            "licence",
            {"valid_from": "2024-02-01", "valid_to": "2024-01-31"},
            "/valid_to",
            "before_start",
        ),
        ("licence", {"issuer_level": "street"}, "/issuer_level", "unknown_code"),
        ("licence", {"valid_to": "2024-02-30"}, "/valid_to", "bad_date"),
        ("party", {"secretary_mobile": "12345"}, "/secretary_mobile", "bad_format"),
        ("party", {"member_count": -1}, "/member_count", "too_small"),
        ("funds/supervision", {"mode": "mattress"}, "/mode", "unknown_code"),
        ("funds/contract", {"used_for_all": "yes"}, "/used_for_all", "wrong_type"),
        ("funds/basic-account", {"iban": "x"}, "/iban", "unknown_field"),
    ],
)
def test_impossible_values_of_a_sheet_are_refused(own, place, suffix, body, pointer, code):
    refused = own.put(f"{place}/{suffix}", body)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]] == [
        (pointer, code)
    ]
    assert own.get(f"{place}/{suffix}").status == 404


@pytest.mark.parametrize(
    ("suffix", "body", "pointer"),
    [
        ("funds/fee-items", {"amount_fen": 0}, "/amount_fen"),
        ("funds/fee-items", {"amount_fen": 1_000_000_001}, "/amount_fen"),
        (
            "funds/fee-items",
            {"extra_items": [{"name": "书", "amount_fen": 0}]},
            "/extra_items/0/amount_fen",
        ),
        ("certificates", CERTIFICATE | {"uscc": "52330106MJFAKE012P"}, "/uscc"),
        (
            "certificates",
            CERTIFICATE | {"valid_from": "2024-02-01", "valid_to": "2024-01-31"},
            "/valid_to",
        ),
        ("other-docs", {"doc_type": "diary"}, "/doc_type"),
        ("audit-reports", {}, "/year"),
    ],
)
def test_impossible_values_of_an_item_are_refused(own, place, suffix, body, pointer):
    refused = own.post(f"{place}/{suffix}", body)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {pointer}
    assert own.get(f"{place}/{suffix}").json["items"] == []


def test_impossible_dates_of_a_document_are_refused_when_it_is_changed_too(own, place):
    charter = {"doc_type": "charter", "title": "章程"}
    location = own.post(f"{place}/other-docs", charter).headers["Location"]
    backwards = {"doc_type": "charter", "issued_on": "2024-03-01", "valid_to": "2024-02-29"}

    refused = own.put(location, backwards, if_match=1)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {"/valid_to"}


def test_what_a_rule_judges_is_stored(own, place):
    judged = FEE_ITEM | {"period_days": 400, "lesson_count": 500, "training_loan": True}

    assert own.post(f"{place}/funds/fee-items", judged).status == 201


def test_doubtful_and_missing_fields_of_funds_are_told(own, place, facts):
    own.put(f"{place}/registration", facts)

    account = own.put(f"{place}/funds/basic-account", {"account_no": "12"})
    supervision = own.put(
        f"{place}/funds/supervision", {"mode": "bank_custody", "agreement_filed_on": "2999-01-01"}
    )
    charge = own.post(f"{place}/funds/fee-items", {"publicized": True})

    assert codes(account) == {
        ("/account_no", "v_01"),
        ("/bank_branch", "missing"),
        ("/open_permit_no", "missing"),
        ("/proof_file_id", "missing"),
    }
    assert codes(supervision) == {
        ("/agreement_filed_on", "v_14"),
        ("/bank_branch", "missing"),
        ("/agreement_no", "missing"),
        ("/agreement_signed_on", "missing"),
        ("/agreement_file_id", "missing"),
    }
    assert codes(charge) == {
        ("/publicity_place", "missing"),
        ("/price_filing_no", "missing"),
        ("/refund_policy", "missing"),
    }


def test_there_is_one_primary_certificate(own, place):
    own.post(f"{place}/certificates", CERTIFICATE)
    second = own.post(f"{place}/certificates", CERTIFICATE | {"is_primary": False})

    added = own.post(f"{place}/certificates", CERTIFICATE)
    marked = own.put(second.headers["Location"], CERTIFICATE, if_match=1)

    for refused in (added, marked):
        assert (refused.status, refused.problem) == (409, "institution-primary-certificate-exists")
    assert len(own.get(f"{place}/certificates").json["items"]) == 2


def test_removed_primary_certificate_makes_room_for_another(own, place):
    first = own.post(f"{place}/certificates", CERTIFICATE)
    own.delete(first.headers["Location"], if_match=1)

    assert own.post(f"{place}/certificates", CERTIFICATE).status == 201


def test_there_is_one_audit_report_a_year(own, place):
    own.post(f"{place}/audit-reports", {"year": 2023})

    refused = own.post(f"{place}/audit-reports", {"year": 2023})

    assert (refused.status, refused.problem) == (409, "institution-audit-report-exists")
    earlier = own.post(f"{place}/audit-reports", {"year": 2022}).headers["Location"]
    moved = own.put(earlier, {"year": 2023}, if_match=1)
    assert (moved.status, moved.problem) == (409, "institution-audit-report-exists")


def test_same_addition_sent_twice_has_one_effect(own, place):
    first = own.post(f"{place}/funds/fee-items", FEE_ITEM, key="fee-item-1")
    second = own.post(f"{place}/funds/fee-items", FEE_ITEM, key="fee-item-1")

    assert first.content == second.content
    assert len(own.get(f"{place}/funds/fee-items").json["items"]) == 1


def test_file_is_stored_and_described(own, place, upload):
    file_id = upload()

    answer = own.get(f"{place}/files/{file_id}")

    assert answer.status == 200
    assert (answer.json["name"], answer.json["content_type"]) == ("扫描件.png", "image/png")


def test_file_comes_back_to_its_institution_as_it_was(kit, own, place, upload):
    file_id = upload()

    sent = own.get(f"{place}/files/{file_id}/content")

    assert sent.headers["Content-Type"] == "image/png"
    told = own.get(f"{place}/files/{file_id}").json
    assert hashlib.sha256(sent.content).hexdigest() == told["sha256"]
    other = kit.as_institution(new_id())
    assert other.get(f"{place}/files/{file_id}/content").problem == "other-institution"


def test_file_is_the_institutions_own(kit, place, upload):
    file_id = upload()
    other_id = new_id()
    other = kit.as_institution(other_id)
    elsewhere = f"/api/institution/v1/institutions/{other_id}"

    assert other.get(f"{place}/files/{file_id}").problem == "other-institution"
    assert other.get(f"{elsewhere}/files/{file_id}").problem == "not-found"
    options = {"raw": b"%PDF-1.7 x", "content_type": "application/pdf", "query": {"name": "x"}}
    assert other.post(f"{place}/files", **options).problem == "other-institution"
    assert other.put(f"{elsewhere}/licence", {"scan_file_id": file_id}).status == 422


@pytest.mark.parametrize(
    ("method", "suffix", "body", "name"),
    [
        ("PUT", "licence", {}, "scan_file_id"),
        ("PUT", "funds/supervision", {}, "agreement_file_id"),
        ("PUT", "funds/basic-account", {}, "proof_file_id"),
        ("PUT", "funds/contract", {}, "sample_file_id"),
        ("POST", "certificates", CERTIFICATE, "scan_file_id"),
        ("POST", "other-docs", {"doc_type": "charter"}, "file_id"),
        ("POST", "audit-reports", {"year": 2023}, "file_id"),
    ],
)
def test_file_that_is_named_must_have_been_uploaded(own, place, upload, method, suffix, body, name):
    unknown = own.call(method, f"{place}/{suffix}", body=body | {name: str(new_id())})
    known = own.call(method, f"{place}/{suffix}", body=body | {name: upload()})

    assert (unknown.status, unknown.problem) == (422, "invalid")
    assert unknown.pointers == {f"/{name}"}
    assert known.status == 201


def test_activities_of_the_party_body_are_kept_with_their_papers(own, place, upload):
    record = {"date": "2024-07-01", "title": "七一主题党日活动", "file_id": upload()}
    later = {"date": "2999-07-01", "title": "尚未开展的活动"}

    answer = own.put(f"{place}/party", {"activity_records": [record, later]})

    assert answer.status == 201, answer.content.decode()
    assert answer.json["activity_records"] == [record, later | {"file_id": None}]
    assert ("/activity_records/1/date", "v_14") in codes(answer)
    assert ("/activity_records/0/date", "v_14") not in codes(answer)


def test_paper_of_an_activity_was_uploaded_here(own, place):
    record = {"date": "2024-07-01", "title": "示例", "file_id": str(new_id())}

    refused = own.put(f"{place}/party", {"activity_records": [record]})

    assert (refused.status, refused.pointers) == (422, {"/activity_records/0/file_id"})


@pytest.mark.parametrize(
    ("amount", "lessons", "price"),
    [
        (192_000, 48, 4_000),
        (100_000, 48, 2_083),
        (5, 2, 3),
        (192_000, None, None),
        (None, 48, None),
    ],
)
def test_price_of_a_lesson_follows_from_the_charge(own, place, amount, lessons, price):
    body = FEE_ITEM | {"amount_fen": amount, "lesson_count": lessons}

    added = own.post(f"{place}/funds/fee-items", body)

    assert added.json["unit_price_fen"] == price
    [listed] = own.get(f"{place}/funds/fee-items").json["items"]
    assert listed["unit_price_fen"] == price


def test_price_of_a_lesson_is_not_entered(own, place):
    refused = own.post(f"{place}/funds/fee-items", FEE_ITEM | {"unit_price_fen": 4_000})

    assert (refused.status, refused.pointers) == (422, {"/unit_price_fen"})


def test_contract_names_the_way_of_supervision(own, place):
    assert own.put(f"{place}/funds/contract", {}).json["supervision_clause"] is None

    own.put(f"{place}/funds/supervision", {"mode": "risk_deposit"})

    assert own.get(f"{place}/funds/contract").json["supervision_clause"] == "risk_deposit"
