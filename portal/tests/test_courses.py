"""What the pages of courses and materials are made of: addresses of the wizard, weeks, acts."""

import pytest
from werkzeug.exceptions import NotFound

from otsp_portal.displays import lesson_told
from otsp_portal.forms.entry import Entry
from otsp_portal.gateway_client import Refusal
from otsp_portal.views.courses.hosts import Host
from otsp_portal.views.courses.kinds import CLASS_LAYOUTS, COURSES
from otsp_portal.views.courses.overview import sections
from otsp_portal.views.courses.saying import a_week, days_of, lesson, week_of, weeks_round
from otsp_portal.views.courses.wizard import At
from otsp_portal.views.materials.lists import address, export_address, given_of
from otsp_portal.views.materials.one import acts_on
from otsp_portal.views.records import Advice

HOST, COURSE, CLASS = (f"01a227f3-a072-767a-be3f-69d144d7737{n}" for n in (1, 2, 3))


def test_where_somebody_is_in_the_wizard_stands_in_the_address():
    at = At.of(f"{HOST}.{COURSE}")

    assert (at.host_id, at.course, at.a_class) == (HOST, COURSE, None)
    assert at.path("class") == f"/courses/new/{HOST}.{COURSE}/class"
    assert At.of("site").host_id is None
    assert [href for _title, href in At.of("system").steps()] == [
        "/courses/new/system/host",
        "",
        "",
    ]


@pytest.mark.parametrize("address", ["", "place", f"site.{COURSE}", f"{HOST}.course", "../desk"])
def test_an_address_that_no_wizard_wrote_is_nowhere(address):
    with pytest.raises(NotFound):
        At.of(address)


def test_online_institutions_have_fixed_premises_after_their_systems():
    site = Host("site", {"site_id": HOST, "name": "总部"}, None)

    online = sections([site], [], modes=["online"])
    both = sections([site], [], modes=["online", "offline"])
    offline = sections([], [], modes=["offline"])

    assert [each.title for each in online] == ["业务系统", "固定场所"]
    assert [each.title for each in both] == ["办学点", "业务系统"]
    assert [each.title for each in offline] == ["办学点"]


def test_a_week_is_named_as_the_calendar_has_it():
    assert week_of("2024-12-30") == "2025-W01"
    assert weeks_round("2025-W01") == ("2024-W52", "2025-W02")
    assert a_week("2026-W10") == "2026-W10"
    assert a_week("下周") == week_of(None)


def test_a_lesson_ends_after_its_breaks():
    slot = {"start": "18:30", "lessons": 3, "lesson_minutes": 40, "break_minutes": 10}

    assert lesson(slot) == "18:30开始，共3课时，20:50结束"
    assert lesson(slot | {"break_minutes": None}) == "18:30开始，共3课时，20:30结束"
    assert lesson({"start": None}) == "未填写时间"


def _session(**told):
    return {
        "class_id": CLASS, "class_name": "甲班", "course_id": COURSE, "host_id": HOST,
        "start": "08:00", "end": "09:30", "room_no": "201", "teacher_ids": ["t"],
        "clashes": [], **told,
    }  # fmt: skip


def test_a_week_shows_the_hosts_sessions_and_names_clashes_elsewhere():
    elsewhere = _session(class_id="other", class_name="乙班", host_id="x")
    clash = {"kind": "teacher", "class_id": "other", "staff_id": "t"}
    day = {"date": "2026-03-02", "weekday": 1, "kind": "holiday"}
    here = _session(clashes=[clash, clash])

    [(title, shown)] = days_of([{**day, "sessions": [here, elsewhere]}], HOST, {"t": "周甲"})

    assert title == "周一 3月2日（放假）"
    assert [each["title"] for each in shown] == ["甲班"]
    assert shown[0]["problem"] == "周甲同时有“乙班”的课"


def _material(status, **told):
    outside = {"required": False, "result": None} | told.pop("outside", {})
    return {
        "status": status, "category": "nonsubject", "form": "basic", "retain_until": None,
        "external_review": outside, **told,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("material", "slugs"),
    [
        (_material("draft"), ["submission"]),
        (_material("internal_review"), ["result"]),
        (_material("internal_passed"), ["adoption", "version"]),
        (_material("internal_passed", category="subject"), ["external-review", "version"]),
        (_material("internal_passed", outside={"required": True}), ["external-review", "version"]),
        (_material("in_use"), ["version", "archiving"]),
        (
            _material("in_use", outside={"required": True}),
            ["version", "archiving", "external-review"],
        ),
        (_material("archived", retain_until="2024-10-15"), []),
        (_material("archived", retain_until="2024-10-14"), ["purge"]),
        (_material("purged"), []),
    ],
)
def test_what_may_be_done_with_a_material_follows_from_its_state(material, slugs):
    assert [act.slug for act in acts_on(material, "2024-10-15")] == slugs


def test_what_narrows_the_list_goes_along_and_what_is_unknown_does_not():
    given = given_of({"q": " 围棋 ", "kind": "handout", "stage": "kita", "view": "used"})

    assert address(given) == "/materials?q=%E5%9B%B4%E6%A3%8B&kind=handout&view=used"
    assert export_address(given).endswith("kind=handout&status=in_use")


def test_a_fault_of_one_chosen_thing_stands_at_the_field():
    entry = Entry(COURSES.layout)
    detail = "材料不在用"
    errors = [{"pointer": "/material_ids/1", "code": "material_not_in_use", "detail": detail}]

    entry.refuse(Refusal(422, {"errors": errors}, None))

    assert entry.summary() == [("f-material_ids", detail)]


def test_what_is_missing_is_named_once_and_apart_from_what_rules_say():
    missing = {"code": "missing", "detail": "提交合规申请前须填写。"}
    advice = Advice.of(
        {
            "warnings": [
                missing | {"pointer": "/syllabus"},
                missing | {"pointer": "/grades"},
                {"code": "tim_008", "pointer": "/homework", "detail": "校外培训不得布置作业"},
            ]
        },
        COURSES.layout,
    )

    assert advice.missing == [("/syllabus", "课程大纲"), ("/grades", "年级")]
    assert advice.said == ["校外培训不得布置作业"]


def test_the_end_of_a_lesson_is_told_only_when_all_is_known():
    layout = CLASS_LAYOUTS["site", False]
    entry = Entry(layout, latest_end="20:30")
    slot = {"weekday": 2, "start": "19:00", "lessons": 2, "lesson_minutes": 45}
    entry.fill({"slots": [slot, slot | {"lessons": 1}, slot | {"start": None}]})
    [rows] = [cell for cell in entry.cells(layout.groups[2]) if cell.field.name == "slots"]

    assert [lesson_told(row, "20:30") for row in rows.rows] == [
        ("19:00开始，共2课时，20:30结束", False),
        ("19:00开始，共1课时，19:45结束", False),
        ("", False),
    ]
    assert lesson_told(rows.rows[0], "20:00")[1]
