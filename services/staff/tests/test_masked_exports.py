"""The list of people as a file for authorities: masked as the list is, filtered, recorded."""

from datetime import timedelta

import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseRouted
from otsp_contracts.institution import ProfileChanged
from otsp_testkit.exported import exported_rows, listed, masked_rows, place_of

CERT = {"type": "teacher_cert", "cert_no": "20193300141000901", "stage": "senior"}
PROFILE = {"version": 1, "name": "示例学校", "region_code": "330106", "categories": ("subject",)}
PROFILE |= {"delivery_modes": ("offline",), "stages": ("junior",), "legal_nature": "nonprofit"}
PROFILE |= {"registration_status": "approved", "compliance_status": "not_applied"}
SECRETS = ("330199198506079917", "13800000001", "20193300141000901", "沈丙", "1985-06-07")


@pytest.fixture
def told(kit, owner):
    def _told(**changes):
        own = {"institution_id": owner.principal.institution_id}
        kit.deliver(ProfileChanged(**PROFILE | own | changes))

    return _told


@pytest.fixture
def team(owner, register, told):
    """Who teaches and who keeps the books, and who has left."""
    told()
    register(owner, name="周甲乙", staff_type="teaching", quals=[CERT])
    register(owner, name="沈丙", staff_type="finance", id_no=None, education="master")
    register(
        owner, name="安小红", id_no=None, existing=True, status="departed",
        departed_on="2024-06-30", depart_reason="resigned",
    )  # fmt: skip


def in_case(kit, owner, reviewer):
    case = {"case_id": new_id(), "version": 1, "kind": "compliance", "subject_id": new_id()}
    case |= {"institution_id": owner.principal.institution_id}
    case |= {"authority_id": reviewer.principal.authority.authority_id}
    kit.deliver(CaseRouted(**case))


def test_those_who_teach_are_named_and_the_others_and_all_numbers_are_masked(kit, owner, team):
    teacher, clerk, former = masked_rows(kit, kit.as_authority(), owner)

    assert (teacher["姓名"], teacher["学历"]) == ("周甲乙", "本科")
    assert (teacher["证件号码"], teacher["手机号"]) == ("330***********9917", "138****0001")
    assert teacher["资质证明"] == "教师资格证 2019*********0901 高级中学"
    assert (clerk["姓名"], clerk["学历"], clerk["人员类别"]) == ("沈*", "", "财务")
    assert (former["姓名"], former["在职状态"], former["离职原因"]) == ("安**", "离职", "辞职")


@pytest.mark.parametrize("has_case", [False, True])
def test_nothing_personal_is_in_the_file_with_a_case_and_without(kit, owner, team, has_case):
    reviewer = kit.as_authority()
    if has_case:
        in_case(kit, owner, reviewer)

    rows = masked_rows(kit, reviewer, owner)

    text = "".join("".join(row.values()) for row in rows)
    assert [secret for secret in SECRETS if secret in text] == []
    assert {"性别", "国籍", "出生日期", "是否中小学、幼儿园在职教师"} & set(rows[0]) == set()


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"status": "departed"},
        {"staff_type": ["finance", "other"]},
        {"q": "zhou"},
        {"q": "沈丙"},
        {"sort": "name"},
        {"check_due": ["contract", "precheck"]},
    ],
)
def test_file_has_what_the_list_tells_the_authority(kit, owner, team, filters):
    reviewer = kit.as_authority()
    list_read = listed(reviewer, f"{place_of(kit, owner)}/staff", **filters)

    rows = masked_rows(kit, reviewer, owner, filters=filters)

    told = [(each["name"], each["id_masked"] or "", each["major"] or "") for each in list_read]
    assert [(row["姓名"], row["证件号码"], row["专业"]) for row in rows] == told


def test_hidden_names_are_found_by_nobody_without_a_case_who_has_one_either(kit, owner, team):
    reviewer = kit.as_authority()
    in_case(kit, owner, reviewer)

    assert masked_rows(kit, reviewer, owner, filters={"q": "沈丙"}) == []


def test_who_does_not_cover_the_institution_gets_nothing(kit, owner, team, told):
    place = f"{place_of(kit, owner)}/masked-exports"
    reviewer = kit.as_authority()
    asked = reviewer.post(place, {"format": "csv"})
    kit.run_job("make_exports")
    mine, body = asked.headers["Location"], {"format": "csv"}
    elsewhere, unknown = (
        kit.as_authority(region="510107"),
        place.replace(str(owner.principal.institution_id), str(new_id())),
    )

    assert elsewhere.post(place, body).problem == "outside-jurisdiction"
    assert (owner.post(place, body).status, owner.get(mine).status) == (403, 403)
    assert (reviewer.post(unknown, body).status, kit.as_authority().get(mine).status) == (404, 404)
    assert reviewer.get(f"{mine}/content").status == 200

    told(version=2, region_code="510107")

    assert reviewer.get(mine).problem == "outside-jurisdiction"
    assert reviewer.get(f"{mine}/content").problem == "outside-jurisdiction"


def test_export_of_one_institution_is_not_that_of_another(kit, owner, team):
    reviewer, other = kit.as_authority(), kit.as_institution(new_id())
    own = {"institution_id": other.principal.institution_id}
    kit.deliver(ProfileChanged(**PROFILE | own))
    asked = reviewer.post(f"{place_of(kit, owner)}/masked-exports", {"format": "csv"})
    kit.run_job("make_exports")
    theirs = f"{place_of(kit, other)}/masked-exports/{asked.json['export_id']}"

    assert (reviewer.get(theirs).status, reviewer.get(f"{theirs}/content").status) == (404, 404)


def test_masked_export_is_neither_the_institutions_nor_in_its_way(kit, owner, team):
    reviewer = kit.as_authority()
    asked = reviewer.post(f"{place_of(kit, owner)}/masked-exports", {"format": "csv"})

    again = reviewer.post(f"{place_of(kit, owner)}/masked-exports", {"format": "xlsx"})
    assert again.problem == "export-running"
    assert [row["姓名"] for row in exported_rows(kit, owner)] == ["周甲乙", "沈丙", "安小红"]
    export_id = asked.json["export_id"]
    for place in (f"exports/{export_id}", f"files/{export_id}", f"files/{export_id}/content"):
        assert owner.get(f"{place_of(kit, owner)}/{place}").status == 404


def test_trail_has_request_file_and_download_under_the_institution(kit, owner, team):
    reviewer = kit.as_authority()
    masked_rows(kit, reviewer, owner, filters={"status": "employed"})
    with clock.frozen(clock.now() + timedelta(days=1, seconds=1)):
        kit.run_job("erase_exports")

    with psycopg.connect(kit.owner_url) as connection:
        entries = connection.execute(
            "SELECT action, actor_id, institution_id FROM audit_entry"
            " WHERE object_type = 'export' ORDER BY sequence"
        ).fetchall()
        kept = connection.execute("SELECT state, filters FROM export").fetchall()
    account, institution = reviewer.principal.account_id, owner.principal.institution_id
    assert entries == [
        ("staff.export_requested", account, institution),
        ("staff.export_written", None, institution),
        ("export.downloaded", account, institution),
        ("staff.export_erased", None, institution),
    ]
    assert kept == [("expired", {})]
