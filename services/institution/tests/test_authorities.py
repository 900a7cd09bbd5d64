"""What an authority reads of an institution's file: masked, and in full within its case."""

import pytest
from sqlalchemy import select

from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import CaseDecided, CaseRouted

EVER = {"from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"}
PARTY = {
    "member_count": 3,
    "org_form": "independent_branch",
    "secretary_name": "李示例",
    "secretary_mobile": "13800000003",
    "instructor_name": "王示例",
}
ACCOUNT = {"account_no": "33010000099990001"}
SHEETS = {
    "licence": {"licence_no": "教民133010670009901号", "principal_on_licence": "沈示例"},
    "party": PARTY,
    "funds/supervision": ACCOUNT,
    "funds/basic-account": ACCOUNT,
    "funds/contract": {"template_code": "GF-2021-2604"},
}
ITEMS = {
    "certificates": {"is_primary": True, "cert_type": "pne_cert"},
    "other-docs": {"doc_type": "charter"},
    "audit-reports": {"year": 2023},
    "funds/fee-items": {"name": "秋季班"},
}
IN_CASE = {
    "": ("institution", {"legal_rep.mobile", "contact.name", "contact.mobile", "contact.email"}),
    "/party": ("party", {"secretary_name", "secretary_mobile", "instructor_name"}),
    "/funds/supervision": ("supervision", {"account_no"}),
    "/funds/basic-account": ("basic_account", {"account_no"}),
}


@pytest.fixture
def filed(own, place, facts, decide):
    """The whole file, of a registration that was approved."""
    own.put(f"{place}/registration", facts)
    for suffix, body in SHEETS.items():
        assert own.put(f"{place}/{suffix}", body).status == 201
    items = {suffix: own.post(f"{place}/{suffix}", body) for suffix, body in ITEMS.items()}
    own.post(f"{place}/registration/submission")
    decide("approved")
    return {suffix: answer.headers["Location"] for suffix, answer in items.items()}


@pytest.fixture
def reviewer(kit, filed):
    return kit.as_authority("reviewer", region="330106")


@pytest.fixture
def take(kit, institution_id):
    """A case of the institution is routed to whoever is given."""

    def taken(client, kind="compliance"):
        case_id = new_id()
        kit.deliver(
            CaseRouted(
                case_id=case_id,
                version=1,
                institution_id=institution_id,
                subject_id=new_id(),
                kind=kind,
                state="open",
                authority_id=client.principal.authority.authority_id,
            )
        )
        return case_id

    return taken


@pytest.fixture
def trail(kit):
    def read():
        told = select(
            audit_entry.c.action, audit_entry.c.object_id, audit_entry.c.pii_fields,
            audit_entry.c.reason,
        )  # fmt: skip
        with kit.runtime.database.engine.connect() as reader:
            return reader.execute(told.where(audit_entry.c.action.like("%.read_in_case"))).all()

    return read


@pytest.mark.parametrize("suffix", [*SHEETS, *ITEMS, "licence/history"])
def test_authority_reads_each_part(reviewer, own, place, suffix, filed):
    answer = reviewer.get(f"{place}/{suffix}")

    assert answer.status == 200, answer.content.decode()
    assert answer.json.keys() == own.get(f"{place}/{suffix}").json.keys()
    if suffix in filed and suffix != "funds/fee-items":
        assert reviewer.get(filed[suffix]).json == own.get(filed[suffix]).json


def test_persons_and_accounts_are_masked_without_a_case(reviewer, place, trail):
    party = reviewer.get(f"{place}/party").json
    accounts = [
        reviewer.get(f"{place}/funds/{part}").json["account_no"]
        for part in ("supervision", "basic-account")
    ]

    assert party["secretary_name"] == "李**"
    assert party["secretary_mobile"] == "138****0003"
    assert party["instructor_name"] == "王**"
    assert party["member_count"] == 3
    assert accounts == ["*************0001"] * 2
    assert trail() == []


@pytest.mark.parametrize("suffix", IN_CASE)
def test_case_shows_them_in_full_and_each_look_is_noted(
    reviewer, own, institution_id, place, take, trail, suffix
):
    case_id = take(reviewer)

    assert reviewer.get(f"{place}{suffix}").json == own.get(f"{place}{suffix}").json

    [(action, object_id, fields, reason)] = trail()
    assert (action, set(fields)) == (f"{IN_CASE[suffix][0]}.read_in_case", IN_CASE[suffix][1])
    assert (object_id, reason) == (str(institution_id), f"事项 {case_id}")


def test_part_without_personal_data_leaves_no_entry(reviewer, place, take, trail):
    take(reviewer)

    reviewer.get(f"{place}/licence")
    reviewer.get(f"{place}/certificates")

    assert trail() == []


def test_case_of_another_authority_and_one_that_is_decided_show_nothing(
    kit, reviewer, institution_id, place, take
):
    take(kit.as_authority("reviewer", region="330106", department="sports"))
    take(reviewer, kind="external_material")
    case_id = take(reviewer)
    kit.deliver(
        CaseDecided(
            case_id=case_id,
            version=2,
            institution_id=institution_id,
            subject_id=new_id(),
            kind="compliance",
            decision="approved",
            decided_on="2024-10-15",
        )
    )

    assert reviewer.get(f"{place}/funds/supervision").json["account_no"] == "*************0001"


@pytest.mark.parametrize("suffix", [*SHEETS, *ITEMS, "licence/history"])
def test_other_authorities_and_drafts_are_refused(kit, reviewer, place, suffix):
    elsewhere = kit.as_authority("reviewer", region="110108").get(f"{place}/{suffix}")
    unknown = f"/api/institution/v1/institutions/{new_id()}/{suffix}"

    assert (elsewhere.status, elsewhere.problem) == (403, "outside-jurisdiction")
    assert kit.as_authority("auditor").get(f"{place}/{suffix}").problem == "forbidden"
    assert reviewer.get(unknown).status == 404


def test_parts_of_a_draft_do_not_exist_for_authorities(kit, own, place, facts):
    own.put(f"{place}/registration", facts)
    own.put(f"{place}/party", PARTY)

    assert kit.as_authority("reviewer").get(f"{place}/party").status == 404


def account_of(items):
    [told] = [
        field for each in items for field in each["fields"] if field["pointer"] == "/account_no"
    ]
    return told["before"], told["after"], told["is_masked"]


def test_history_of_an_account_shows_its_end_only(reviewer, own, place, take):
    changed = {"account_no": "33010000099990009"}
    assert own.put(f"{place}/funds/supervision", changed, if_match=1).status == 200

    def told_to(client):
        query = {"part": "supervision", "limit": 1}
        return account_of(client.get(f"{place}/history", query=query).json["items"])

    assert told_to(reviewer) == ("*************0001", "*************0009", True)
    take(reviewer)
    assert told_to(reviewer) == told_to(own) == ("33010000099990001", "33010000099990009", False)


def test_difference_of_an_account_shows_its_end_only(reviewer, own, place, take):
    own.put(f"{place}/funds/supervision", {"account_no": "33010000099990009"}, if_match=1)

    def told_to(client):
        items = client.get(f"{place}/history/differences", query=EVER).json["items"]
        return account_of([each for each in items if each["part"] == "supervision"])

    assert told_to(reviewer)[1:] == ("*************0009", True)
    take(reviewer)
    assert told_to(reviewer)[1:] == ("33010000099990009", False)


def test_history_begins_for_authorities_with_the_first_submission(reviewer, own, place):
    own.put(f"{place}/party", PARTY | {"member_count": 4}, if_match=1)

    parts = [each["part"] for each in reviewer.get(f"{place}/history").json["items"]]

    assert parts == ["party", "institution", "institution"]
    assert len(own.get(f"{place}/history").json["items"]) > len(parts)
