"""The history: every write is in it field by field, for its own people and who may read them."""

import threading
from dataclasses import fields

import pytest
from sqlalchemy import text

from otsp_chassis.ids import new_id
from otsp_contracts.auth import AccountMigrated
from otsp_institution.queries.parts import _SOURCES
from otsp_institution.rules import rows
from otsp_institution.rules.labels import LABELS

SHEETS = {
    "licence": ("school_licence", {"licence_no": "浙教01"}, "licence_no"),
    "party": ("party", {"member_count": 3, "secretary_in_board": True}, "member_count"),
    "funds/supervision": ("supervision", {"mode": "both", "bank_name": "示例银行"}, "bank_name"),
    "funds/basic-account": ("basic_account", {"account_no": "33010000099990002"}, "account_no"),
    "funds/contract": ("service_contract", {"refund_days": 15}, "refund_days"),
}
CHARGE = {"name": "秋季班", "extra_items": [{"name": "讲义", "amount_fen": 3_000}]}
ITEMS = {
    "certificates": ("certificate", {"is_primary": True, "cert_type": "pne_cert"}, "cert_type"),
    "other-docs": ("other_doc", {"doc_type": "charter", "title": "章程"}, "title"),
    "audit-reports": ("audit_report", {"year": 2023}, "year"),
    "funds/fee-items": ("fee_item", CHARGE, "extra_items"),
}
CNID, LIKE_MASK = "330199197803129904", "330199197803209904"
EVER = {"from": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}


@pytest.fixture
def history(own, place):
    return lambda **query: own.get(f"{place}/history", query=query).json["items"]


@pytest.fixture
def between(own, place):
    def ask(**moments):
        answer = own.get(f"{place}/history/differences", query=EVER | moments)
        assert answer.status == 200, answer.content
        return answer.json["items"]

    return ask


@pytest.fixture
def registered(own, place, facts, decide):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")
    return own.get(place)


def ends(told):
    return {each["pointer"]: (each["before"], each["after"]) for each in told["fields"]}


@pytest.mark.parametrize("suffix", SHEETS)
def test_sheet_entered_and_replaced_is_told_field_by_field(own, place, history, suffix):
    part, body, name = SHEETS[suffix]
    own.put(f"{place}/{suffix}", body)
    own.put(f"{place}/{suffix}", body | {name: None}, if_match=1)

    emptied, entered = history(part=part)

    assert (entered["kind"], entered["version"]) == ("added", 1)
    assert body.items() <= {key[1:]: after for key, (_, after) in ends(entered).items()}.items()
    assert (emptied["kind"], emptied["version"]) == ("changed", 2)
    assert ends(emptied) == {f"/{name}": (body[name], None)}
    assert emptied["part_zh"] == LABELS[part][0]
    assert emptied["fields"][0]["label_zh"] == LABELS[part][1][f"/{name}"]
    assert emptied["object_id"] == str(own.principal.institution_id)


@pytest.mark.parametrize("suffix", ITEMS)
def test_item_added_and_removed_is_told_with_what_it_held(own, place, history, suffix):
    part, body, name = ITEMS[suffix]
    added = own.post(f"{place}/{suffix}", body)
    own.post(
        f"{place}/{suffix}",
        body
        | (
            {"year": 2024}
            if "year" in body
            else {"is_primary": False}
            if "is_primary" in body
            else {}
        ),
    )
    own.delete(added.headers["Location"], if_match=1)

    [removed, first] = history(object_id=added.headers["Location"].rsplit("/", 1)[1])

    assert (first["kind"], first["version"]) == ("added", 1)
    assert (removed["kind"], removed["version"]) == ("removed", 2)
    assert ends(first)[f"/{name}"] == (None, body[name])
    assert ends(removed)[f"/{name}"] == (body[name], None)
    assert len(history(part=part)) == 3


@pytest.mark.parametrize("suffix", ["certificates", "funds/fee-items"])
def test_replaced_item_is_told_by_what_changed(own, place, history, suffix):
    part, body, _ = ITEMS[suffix]
    location = own.post(f"{place}/{suffix}", body).headers["Location"]
    changed = {"cert_type": "other"} if suffix == "certificates" else {"name": "冬季班"}
    own.put(location, body | changed, if_match=1)

    told = history(part=part)[0]

    [(name, value)] = changed.items()
    assert (told["kind"], ends(told)) == ("changed", {f"/{name}": (body[name], value)})


def test_registration_is_told_from_its_draft_to_the_decision(kit, own, registered, history):
    decided, submitted, entered = history(part="institution")

    assert entered["kind"] == "added"
    assert ends(entered)["/uscc"] == (None, registered.json["uscc"])
    assert ends(submitted)["/registration/status"] == ("draft", "submitted")
    assert ends(decided)["/registration/status"] == ("submitted", "approved")
    assert submitted["account_id"] == str(own.principal.account_id)
    assert (submitted["role"], decided["role"]) == ("inst_admin", "system")
    assert submitted["operation"].endswith("submit_registration")


def test_basic_information_and_legacy_origin_name_who_changed_them(
    kit, own, place, facts, registered, history
):
    own.put(place, facts | {"short_name": "启明"}, if_match=registered.version)
    admin = kit.as_authority("region_admin")
    admin.put(f"{place}/legacy-origin", {"migrated_from": "xspx_online"})

    stated, replaced = history()[:2]

    assert ends(replaced) == {"/short_name": (None, "启明")}
    assert ends(stated) == {"/migrated_from": (None, "xspx_online")}
    assert (stated["role"], stated["account_id"]) == (
        "region_admin",
        str(admin.principal.account_id),
    )


def test_history_adds_up_to_what_is_told(own, place, facts, registered, between):
    body = facts | {"scale": 60, "sponsors": [{"name": "沈示例", "share_bp": 10_000}]}
    told = own.put(place, body, if_match=registered.version).json

    [whole] = between()

    assert (whole["kind"], whole["part"]) == ("added", "institution")
    for field in whole["fields"]:
        value = told
        for step in field["pointer"][1:].split("/"):
            value = value[step]
        assert field["is_masked"] or value == field["after"], field
    held = {each["pointer"].split("/")[1] for each in whole["fields"]}
    bare = {name for name, value in told.items() if value is not None}
    aside = {"institution_id", "version", "warnings", "has_proposed_change", "major_fields"}
    counted = {"staff_total", "student_total"}
    assert held == bare - aside - counted


def test_import_of_a_legacy_account_adds_the_institution(kit, facts):
    institution_id = new_id()
    told = {name: facts[name] for name in ("name", "uscc", "region_code")}
    told |= {"account_id": new_id(), "institution_id": institution_id, "categories": ("subject",)}
    kit.deliver(AccountMigrated(legacy_source="xwpx_offline", **told))

    own = kit.as_institution(institution_id)
    [only] = own.get(f"/api/institution/v1/institutions/{institution_id}/history").json["items"]

    assert (only["kind"], ends(only)["/registration/status"]) == ("added", (None, "approved"))


def test_between_two_moments_stands_what_remains(own, place, history, between):
    own.put(f"{place}/party", {"member_count": 3, "org_form": "none"})
    own.put(f"{place}/party", {"member_count": 4, "org_form": "committee"}, if_match=1)
    second = history()[0]["at"]
    gone = own.post(f"{place}/certificates", ITEMS["certificates"][1]).headers["Location"]
    own.delete(gone, if_match=1)
    own.put(f"{place}/party", {"member_count": 5, "org_form": "none"}, if_match=2)
    last = history()[0]["at"]

    [entered] = between(to=second)
    [party] = between(**{"from": second})
    [underway] = between(**{"from": second, "to": last})

    assert entered["kind"] == "added"
    assert (party["kind"], party["part_zh"]) == ("changed", "党建情况")
    assert ends(party) == {"/member_count": (3, 5)}
    assert ends(underway) == {"/member_count": (3, 4), "/org_form": ("none", "committee")}


def test_pages_are_narrowed_by_time_and_continued(own, place, history):
    for number in range(3):
        own.post(f"{place}/audit-reports", {"year": 2021 + number})
    newest, middle, oldest = history()

    page = own.get(f"{place}/history", query={"limit": 2}).json
    rest = own.get(f"{place}/history", query={"cursor": page["next"]}).json

    assert page["items"] + rest["items"] == [newest, middle, oldest]
    assert history(**{"from": middle["at"], "to": newest["at"]}) == [middle]
    assert history(part="party") == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": EVER["to"], "to": EVER["from"]}, "/to"),
        ({"from": "yesterday", "to": EVER["to"]}, "/from"),
        ({"to": EVER["to"]}, "/from"),
    ],
)
def test_times_that_are_none_are_refused(own, place, registered, query, pointer):
    refused = own.get(f"{place}/history/differences", query=query)

    assert (refused.status, refused.problem) == (400, "bad-parameter")
    assert refused.pointers == {pointer}


def test_more_changes_than_one_answer_holds_are_refused(own, place, registered, monkeypatch):
    monkeypatch.setattr("otsp_chassis.history.reading.MAX_FOLDED", 2)

    refused = own.get(f"{place}/history/differences", query=EVER)

    assert (refused.status, refused.pointers) == (400, {"/from"})


def test_authority_reads_of_the_history_nothing_of_the_first_draft(
    kit, own, place, facts, registered
):
    own.put(f"{place}/party", {"member_count": 3})
    own.put(place, facts | {"short_name": "启明"}, if_match=registered.version)
    reviewer = kit.as_authority("reviewer", region="330106")

    told = reviewer.get(f"{place}/history").json["items"]
    net = reviewer.get(f"{place}/history/differences", query=EVER).json["items"]

    assert [each["part"] for each in told].count("party") == 1
    told = [each for each in told if each["part"] == "institution"]
    assert [ends(each).keys() & {"/registration/status", "/short_name"} for each in told] == [
        {"/short_name"},
        {"/registration/status"},
        {"/registration/status"},
    ]
    [institution] = (each for each in net if each["part"] == "institution")
    assert ends(institution)["/registration/status"] == ("draft", "approved")
    assert "/uscc" not in ends(institution)


@pytest.mark.parametrize("suffix", ["history", "history/differences"])
def test_nobody_else_sees_the_history(kit, own, place, facts, registered, suffix):
    def asked_by(client):
        return client.get(f"{place}/{suffix}", query=EVER).problem

    assert asked_by(kit.as_institution(new_id())) == "other-institution"
    assert asked_by(kit.as_authority("reviewer", region="110108")) == "outside-jurisdiction"
    assert asked_by(kit.as_authority("auditor")) == "forbidden"
    assert asked_by(kit.anonymous()) == "unauthorised"


def test_history_of_another_institution_is_not_in_ones_own(kit, own, place, history):
    other_id = new_id()
    elsewhere = f"/api/institution/v1/institutions/{other_id}"
    kit.as_institution(other_id).put(f"{elsewhere}/party", {"member_count": 3})
    own.put(f"{place}/party", {"member_count": 4})

    [only] = history()

    assert ends(only) == {"/member_count": (None, 4)}
    assert history(object_id=str(other_id)) == []


def test_draft_has_no_history_for_authorities(kit, own, place, facts):
    own.put(f"{place}/registration", facts)

    assert kit.as_authority("reviewer").get(f"{place}/history").status == 404


def test_refused_write_leaves_no_change(own, place, facts, upload, history):
    own.put(f"{place}/party", {"member_count": 3})
    own.post(f"{place}/certificates", ITEMS["certificates"][1])
    before = history()

    refused = [
        own.put(f"{place}/party", {"member_count": 4}, if_match=9),
        own.put(f"{place}/party", {"member_count": -1}, if_match=1),
        own.put(f"{place}/licence", {"scan_file_id": str(new_id())}),
        own.post(f"{place}/certificates", ITEMS["certificates"][1]),
        own.post(f"{place}/registration/submission"),
    ]

    assert {answer.status // 100 for answer in refused} == {4}
    assert history() == before


def test_write_that_changes_nothing_leaves_no_change(own, place, facts, registered, history):
    own.put(f"{place}/party", {"member_count": 3})
    before = history()

    own.put(f"{place}/party", {"member_count": 3}, if_match=1)
    own.put(place, facts, if_match=registered.version)

    assert history() == before


def test_same_write_sent_twice_is_one_change(own, place, history):
    for _ in range(2):
        own.post(f"{place}/audit-reports", {"year": 2023}, key="audit-report-2023")
        own.put(f"{place}/party", {"member_count": 3}, key="party-building-1")

    assert [each["part"] for each in history()] == ["party", "audit_report"]


def test_two_writes_at_once_are_two_changes_in_order(kit, own, place, history):
    def write(client, number):
        client.post(f"{place}/audit-reports", {"year": 2001 + number})

    clients = [kit.as_principal(own.principal) for _ in range(4)]
    threads = [threading.Thread(target=write, args=[each, n]) for n, each in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    told = history(part="audit_report")
    assert len(told) == 4
    assert [each["at"] for each in told] == sorted((each["at"] for each in told), reverse=True)


def test_no_personal_value_lies_in_the_history(kit, own, place, facts, history):
    person = {"id_no": CNID, "mobile": "13812340001", "nationality": "AQ", "name": "沈示例"}
    contact = {"name": "周暗号", "mobile": "13812340002", "email": "anhao@example.test"}
    sponsor = {"name": "沈示例", "id_no": CNID, "share_bp": 10_000}
    told = facts | {"legal_rep": person, "contact": contact, "sponsors": [sponsor]}
    entered = own.put(place, told)
    own.put(place, told | {"contact": contact | {"mobile": None}}, if_match=entered.version)
    party = {
        "secretary_name": "书暗号",
        "secretary_mobile": "13812340003",
        "instructor_name": "导暗",
    }
    own.put(f"{place}/party", party)
    own.put(f"{place}/party", {}, if_match=1)

    with kit.runtime.database.engine.connect() as reader:
        kept = str(reader.execute(text("SELECT * FROM change")).all())
    for secret in (CNID, "1381234", "AQ", "暗", "anhao"):
        assert secret not in kept
    assert "138****0002" in kept
    shown = history(part="institution")[0]["fields"]
    assert [(each["pointer"], each["before"], each["is_masked"]) for each in shown] == [
        ("/contact/mobile", "138****0002", True)
    ]


def test_personal_value_behind_the_same_mask_is_told_as_changed(own, place, facts, history):
    sponsor = {"name": "沈示例", "share_bp": 10_000}
    person = {"name": "沈示例", "id_type": "cnid"}

    def told(number, mobile, nationality):
        changed = person | {"id_no": number, "mobile": mobile, "nationality": nationality}
        return facts | {"legal_rep": changed, "sponsors": [sponsor | {"id_no": number}]}

    entered = own.put(place, told(CNID, "13812340001", "CN"))
    own.put(place, told(LIKE_MASK, "13856780001", "US"), if_match=entered.version)

    changed = history()[0]["fields"]
    assert {each["pointer"] for each in changed} == {
        "/legal_rep/id_masked",
        "/legal_rep/mobile",
        "/legal_rep/nationality",
        "/sponsors",
    }
    assert all(each["is_masked"] and each["before"] == each["after"] for each in changed)


def test_every_field_of_every_part_has_a_chinese_name():
    """A part or field that is added later needs a name before it is entered."""
    told = {source.entity.__tablename__: kind for kind, source in _SOURCES.items()}
    told.pop("former_licence")
    aside = {"warnings", "version", "certificate_id", "doc_id", "audit_report_id", "fee_item_id"}
    aside |= {"latest_statement", "statement_id", "corrected_by"}

    told["funds_statement"] = rows.StatementRow
    for part, kind in told.items():
        assert LABELS[part][1].keys() == {f"/{each.name}" for each in fields(kind)} - {
            f"/{name}" for name in aside
        }
    whole = {f"/{each.name}" for each in fields(rows.InstitutionRow)}
    aside |= {"institution_id", "has_proposed_change", "major_fields"}
    assert whole - {f"/{name}" for name in aside} == {
        "/" + pointer.split("/")[1] for pointer in LABELS["institution"][1]
    }
    assert LABELS.keys() == told.keys() | {"institution"}
