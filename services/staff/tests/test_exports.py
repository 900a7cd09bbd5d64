"""导出从业人员: the list as a file, with the filters in force, as the institution sees it."""

import io
from datetime import datetime, timedelta

import openpyxl
import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_testkit.exported import exported, exported_rows, listed, place_of

NUMBER = "330199198506079917"
TEACHER = {
    "name": "曾亮",
    "id_no": None,
    "staff_type": "teaching",
    "employment": "part_time",
    "hired_on": "2021-05-01",
    "teach_subjects": ["math", "physics"],
    "teach_stages": ["junior"],
    "publicized": True,
    "quals": [
        {
            "type": "teacher_cert",
            "cert_no": "20193300141000901",
            "stage": "senior",
            "subject": "math",
        },
        {"type": "coach_title"},
    ],
    "teach_experience": [{"from": "2015-09-01", "to": None, "org": "示例学校", "post": "教师"}],
}


@pytest.fixture
def team(owner, register):
    """Who manages, who teaches, and who has left."""
    register(owner)
    register(owner, **TEACHER)
    register(
        owner, name="安小红", id_no=None, existing=True, status="departed",
        departed_on="2024-06-30", depart_reason="resigned",
    )  # fmt: skip


def test_workbook_tells_a_person_in_words_and_numbers_as_masks(kit, owner, team):
    book = openpyxl.load_workbook(io.BytesIO(exported(kit, owner, format="xlsx")))
    titles, *rows = [[cell.value for cell in row] for row in book["从业人员"].iter_rows()]
    manager, teacher, former = (dict(zip(titles, row, strict=True)) for row in rows)

    assert [each["姓名"] for each in (manager, teacher, former)] == ["周甲", "曾亮", "安小红"]
    assert manager["证件号码"] == "330***********9917"
    assert manager["手机号"] == "138****0001"
    assert manager["出生日期"] == datetime(1985, 6, 7)  # noqa: DTZ001 - a cell knows no zone
    assert (manager["学历"], manager["用工形式"]) == ("本科", "专职")
    assert manager["是否签订劳动合同"] == "是"
    assert (teacher["人员类别"], teacher["任教课程"]) == ("教学人员", "数学、物理")
    assert teacher["资质证明"] == "教师资格证 20193300141000901 高级中学 数学；体育教练员职称"
    assert teacher["从教经历"] == "2015-09-01至今 示例学校 教师"
    assert (former["在职状态"], former["离职原因"]) == ("离职", "辞职")


def test_nothing_of_class_3_is_in_the_file(kit, owner, register):
    facts = {"precheck_on": "2020-02-21", "annual_check_on": "2024-01-22", "in_china": True}
    facts |= {"political_status": "party_member", "work_permit_no": "WP20240001"}
    register(owner, **facts, annual_check_clear=True, work_permit_to="2030-12-31")

    [row] = exported_rows(kit, owner)

    told = "".join(row.values())
    for secret in (NUMBER, "13800000001", "2020-02-21", "2024-01-22", "WP20240001", "2030-12-31"):
        assert secret not in told
    for title in row:
        assert not any(word in title for word in ("犯罪", "禁止", "许可", "居留", "政治", "黑名单"))


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"status": "employed"},
        {"status": "departed"},
        {"staff_type": ["teaching", "research"]},
        {"employment": ["full_time"], "status": "employed"},
        {"check_due": ["contract", "precheck"]},
        {"q": "zeng"},
        {"sort": "name"},
        {"sort": "-hired_on"},
    ],
)
def test_file_has_what_the_list_has(kit, owner, team, filters):
    place = place_of(kit, owner)

    rows = exported_rows(kit, owner, filters=filters)

    told = [
        (each["name"], each["id_masked"] or "")
        for each in listed(owner, f"{place}/staff", **filters)
    ]
    assert [(row["姓名"], row["证件号码"]) for row in rows] == told


def test_order_that_was_chosen_is_that_of_the_file(kit, owner, team):
    orders = {
        sort: [row["姓名"] for row in exported_rows(kit, owner, filters={"sort": sort})]
        for sort in ("registered", "name", "hired_on")
    }

    assert orders == {
        "registered": ["周甲", "曾亮", "安小红"],
        "name": ["安小红", "曾亮", "周甲"],
        "hired_on": ["周甲", "安小红", "曾亮"],
    }


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"format": "zip"}, "/format", "可选：xlsx、csv"),
        ({"list": "classes"}, "/list", "可选：staff"),
        ({"filters": {"status": "gone"}}, "/filters/status", "employed、departed"),
        ({"filters": {"staff_type": "teaching"}}, "/filters/staff_type", "应为列表"),
        ({"filters": {"staff_type": ["cook"]}}, "/filters/staff_type/0", "不在允许范围内"),
        ({"filters": {"sort": "age"}}, "/filters/sort", "不在允许范围内"),
        ({"filters": {"limit": 3}}, "/filters/limit", "“从业人员”没有这个筛选条件"),
        ({"filters": {"name": "周"}}, "/filters/name", "可用的筛选条件：status、staff_type"),
        ({"filters": {"q": "周"}}, "/filters/q", ""),
    ],
)
def test_what_the_list_does_not_know_is_refused_in_words(kit, owner, body, pointer, words):
    answer = owner.post(f"{place_of(kit, owner)}/exports", {"format": "csv"} | body)

    assert answer.status == 422
    assert answer.pointers == {pointer}
    assert words in answer.json["errors"][0]["detail"]


def test_every_wrong_filter_is_told_at_once(kit, owner):
    filters = {"status": "gone", "name": "周", "employment": ["none"]}

    answer = owner.post(f"{place_of(kit, owner)}/exports", {"format": "csv", "filters": filters})

    assert answer.pointers == {"/filters/status", "/filters/name", "/filters/employment/0"}


def test_other_institutions_people_are_neither_exported_nor_told_of(kit, owner, team):
    other = kit.as_institution(new_id())
    place = place_of(kit, owner)
    asked = owner.post(f"{place}/exports", {"format": "csv"})
    kit.run_job("make_exports")
    done = owner.get(asked.headers["Location"]).json

    assert other.post(f"{place}/exports", {"format": "csv"}).status == 403
    assert other.get(asked.headers["Location"]).status == 403
    theirs = f"{place_of(kit, other)}/exports/{done['export_id']}"
    assert other.get(theirs).status == 404
    assert exported_rows(kit, other) == []
    assert kit.as_authority().get(f"{place}/files/{done['file_id']}/content").status in {403, 404}


def test_file_of_an_export_is_no_contract(kit, owner, register):
    asked = owner.post(f"{place_of(kit, owner)}/exports", {"format": "csv"})
    kit.run_job("make_exports")
    done = owner.get(asked.headers["Location"]).json

    person = {"name": "周乙", "contract_file_id": done["file_id"]}
    answer = owner.post(f"{place_of(kit, owner)}/staff", person)

    assert (answer.status, answer.pointers) == (422, {"/contract_file_id"})


def test_trail_tells_that_people_were_exported_and_names_none(kit, owner, team):
    exported(kit, owner, filters={"q": "曾亮"})

    with psycopg.connect(kit.owner_url) as connection:
        entries = connection.execute(
            "SELECT action, actor_id FROM audit_entry WHERE object_type = 'export'"
            " ORDER BY sequence"
        ).fetchall()

    account = owner.principal.account_id
    assert entries == [("staff.export_requested", account), ("staff.export_written", None)]


def test_name_that_was_looked_for_goes_with_the_file(kit, owner, team):
    exported(kit, owner, filters={"q": "曾亮"})
    with clock.frozen(clock.now() + timedelta(days=1, seconds=1)):
        kit.run_job("erase_exports")

    with psycopg.connect(kit.owner_url) as connection:
        kept = connection.execute("SELECT state, filters FROM export").fetchall()
    assert kept == [("expired", {})]
