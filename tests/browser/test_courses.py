"""课程管理 (manual 8): a host, its courses and classes, created in three steps and edited after."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from otsp_testkit.pages import numbered

SITE = {
    "name": "示范街教学点",
    "region_code": "330106",
    "address": "示范街8号2楼",
    "teaching_area_centi_m2": "180",
    "rooms.0.room_no": "201",
    "rooms.0.seats": "15",
}
COURSE = {"name": "围棋启蒙", "category": "nonsubject", "subject_code": "chess", "stage": "primary"}
CLASS = {
    "name": "周六下午班",
    "capacity": "12",
    "start_on": "20261205",
    "end_on": "2027-01-30",
    "room_no": "201",
    "slots.0.weekday": "6",
    "slots.0.start": "19:00",
    "slots.0.lessons": "2",
    "slots.0.lesson_minutes": "45",
    "slots.0.break_minutes": "15",
}


@pytest.fixture
def clerk(visitors):
    return visitors("institution-C")


def _step(page):
    return page.url.path.rsplit("/", 1)[-1]


def _created(clerk, name):
    """A site, a course and a class of it; the last page and the site's id."""
    page = clerk.send(clerk.get("/courses/new/site/host"), **SITE | {"name": name})
    host = page.url.path.split("/")[3]
    page = clerk.send(page, **COURSE)
    return clerk.send(page, **CLASS), host


def test_a_site_with_its_course_and_class_is_created_in_three_steps(clerk, sound):
    name = numbered("教学点")

    page = clerk.get("/courses/new/site/host")
    sound(page)
    page = clerk.send(page, **SITE | {"name": name})
    sound(page)
    assert _step(page) == "course", page.text
    page = clerk.send(page, **COURSE)
    sound(page)
    assert _step(page) == "class"
    page = clerk.send(page, **CLASS)

    sound(page)
    assert _step(page) == "check"
    assert "周六 19:00开始，共2课时，20:45结束" in page.text
    assert "线下培训结束时间不得晚于20:30" in page.text
    page = clerk.send(page)
    sound(page)
    assert page.url.path.endswith("/week")
    assert "周六下午班" in page.text
    listed = clerk.get("/courses")
    sound(listed)
    assert name in listed.text


def test_going_back_saves_and_enters_nothing_twice(clerk, sound):
    page, host = _created(clerk, "往返教学点")
    page = clerk.get(page.url.path.replace("/check", "/class"))

    page = clerk.send(page, **CLASS | {"name": "周日上午班"}, _back="1")
    assert _step(page) == "course"
    page = clerk.send(page, **COURSE | {"name": "围棋提高"}, _back="1")
    assert _step(page) == "host"

    page = clerk.get(f"/courses/{host}")
    sound(page)
    assert page.text.count("围棋") == page.text.count("围棋提高")
    assert "周日上午班" in page.text
    assert "周六下午班" not in page.text


def test_what_cannot_be_saved_yet_is_kept_on_the_way_back(clerk):
    page = clerk.send(clerk.get("/courses/new/site/host"), **SITE)
    elsewhere = re.search(r'href="(/courses/new/[^"]*/course)">去看那份草稿', page.text)
    if elsewhere:
        clerk.send(clerk.get(elsewhere[1]), _discard="1")
    page = clerk.send(page, **COURSE | {"total_lessons": "四十八"}, _back="1")
    assert _step(page) == "host"

    page = clerk.send(page, **SITE)

    assert _step(page) == "course"
    assert 'value="四十八"' in page.text
    other = clerk.send(clerk.get("/courses/new/site/host"), **SITE)
    assert "另一处还有没有提交的草稿" in other.text
    assert "四十八" not in other.text
    page = clerk.send(page, **COURSE | {"total_lessons": "48"})
    assert _step(page) == "class"


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(clerk, sound):
    page = clerk.send(clerk.get("/courses/new/site/host"), **SITE | {"lease_from": "去年"})

    told = sound(page, 422)
    assert "租赁起始日不是有效日期，如2024年没有2月30日" in told.texts
    assert 'value="去年"' in page.text
    assert 'value="示范街8号2楼"' in page.text


def test_each_part_is_edited_by_itself_afterwards(clerk, sound):
    page, host = _created(clerk, "编辑教学点")
    course, a_class = page.url.path.split("/")[3].split(".")[1:]
    of_class = f"/courses/course/{course}/classes/{a_class}"

    page = clerk.get(f"/courses/{host}/edit")
    sound(page)
    page = clerk.send(page, **SITE | {"name": "编辑后的教学点"})
    sound(page)
    assert "编辑后的教学点" in page.text
    page = clerk.get(f"/courses/course/{course}")
    sound(page)
    page = clerk.send(
        page, **COURSE | {"name": "编辑后的课程", "delivery": "offline", "host_id": host}
    )
    sound(page)
    assert "编辑后的课程" in page.text
    page = clerk.get(of_class)
    sound(page)
    page = clerk.send(page, **CLASS | {"slots.0.start": "17:00"})
    sound(page)
    assert "17:00开始，共2课时，18:45结束" in page.text


def test_people_are_counted_and_a_class_is_cancelled(clerk, sound):
    page, _host = _created(clerk, "登记教学点")
    course, a_class = page.url.path.split("/")[3].split(".")[1:]
    of_class = f"/courses/course/{course}/classes/{a_class}"

    page = clerk.get(f"{of_class}/attendance")
    sound(page)
    page = clerk.send(page, enrolled="9", skip_dates="2026-12-12，20261219")
    sound(page)
    assert "2026-12-12\n2026-12-19" in page.text
    page = clerk.get(f"{of_class}/cancellation")
    sound(page)
    page = clerk.send(page, reason="报名人数不足")

    sound(page)
    assert "班级已取消。" in page.text
    assert "只作为记录保存" in page.text


def test_what_keeps_a_class_from_enrolling_is_told_where_it_was_asked(clerk, sound):
    page, _host = _created(clerk, "招生教学点")
    course, a_class = page.url.path.split("/")[3].split(".")[1:]

    page = clerk.get(f"/courses/course/{course}/classes/{a_class}/status")
    sound(page)
    page = clerk.send(page)

    sound(page, 422)
    assert "机构尚未通过合规审核" in page.text


def test_a_class_a_course_and_a_site_are_removed_and_brought_back(clerk, sound):
    page, host = _created(clerk, "删除教学点")
    course, a_class = page.url.path.split("/")[3].split(".")[1:]
    removed = (
        (f"/courses/course/{course}/classes/{a_class}", f"/courses/course/{course}"),
        (f"/courses/course/{course}", f"/courses/{host}"),
        (f"/courses/{host}", "/courses"),
    )

    for place, back in removed:
        page = clerk.get(f"{place}/removal")
        sound(page)
        page = clerk.send(page)
        sound(page)
        assert page.url.path == back
        if place == removed[0][0]:
            page = clerk.undo(page)
            assert "已撤销删除。" in page.text
            page = clerk.send(clerk.get(f"{place}/removal"))
    page = clerk.undo(page)

    assert "已撤销删除。" in page.text
    assert f'href="/courses/{host}"' in page.text
    clerk.send(clerk.get(f"/courses/{host}/removal"))


def test_a_clash_is_told_as_a_warning_and_in_the_week(clerk, sound):
    page, host = _created(clerk, "冲突教学点")
    course = page.url.path.split("/")[3].split(".")[1]

    page = clerk.get(f"/courses/new/{host}.{course}/class")
    page = clerk.send(page, **CLASS | {"name": "周六晚间班", "slots.0.start": "19:30"})

    sound(page)
    assert "教室被占用" in page.text
    page = clerk.get(f"/courses/{host}/week?week=2026-W49")
    sound(page)
    assert "同一教室同时有“周六晚间班”的课" in page.text
    assert "同一教室同时有“周六下午班”的课" in page.text


def test_a_site_moves_only_once_a_change_is_approved(clerk, sound):
    page = clerk.send(clerk.get("/courses/new/site/host"), **SITE)
    host = page.url.path.split("/")[3]

    page = clerk.get(f"/courses/{host}/relocation")
    sound(page)
    page = clerk.send(page, region_code="浙江省杭州市拱墅区", address="新街1号")

    sound(page, 422)
    assert "新街1号" in page.text


def test_an_online_system_teaches_online(clerk, sound):
    page = clerk.get("/courses/new/system/host")
    sound(page)
    page = clerk.send(page, name="示范直播课堂", kind="web", url="https://class.example.cn")
    sound(page)
    assert 'value="online_live"' in page.text
    assert 'value="offline"' not in page.text
    page = clerk.send(page, **COURSE, delivery="online_live")

    page = clerk.send(page, **CLASS | {"room_no": "", "slots.0.start": "20:00"})

    sound(page)
    assert "21:00" in page.text


def test_the_end_of_a_lesson_is_told_while_it_is_typed(clerk, open_page):
    page, _host = _created(clerk, "试算教学点")
    browser = open_page("institution-C", 360)
    browser.goto(page.url.path.replace("/check", "/class"))
    end = browser.locator("[data-end]").first
    assert "20:45结束，晚于20:30。最晚18:45开始" in end.inner_text()

    browser.fill("[name='slots.0.start']", "18:30")

    assert end.inner_text() == "18:30开始，共2课时，20:15结束"


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_are_open_to_everybody_and_fit_the_screen(clerk, open_page, width):
    page, host = _created(clerk, "无障碍教学点")
    ids = page.url.path.split("/")[3]
    course, a_class = ids.split(".")[1:]
    browser = open_page("institution-C", width)

    for path in (
        "/courses",
        f"/courses/{host}",
        f"/courses/{host}/week?week=2026-W49",
        f"/courses/new/{ids}/class",
        page.url.path,
        f"/courses/course/{course}",
        f"/courses/course/{course}/classes/{a_class}",
        "/materials",
        "/materials/new",
    ):
        browser.goto(path)
        serious = [
            (found["id"], [node["html"] for node in found["nodes"]])
            for found in Axe().run(browser).response["violations"]
            if found["impact"] in ("serious", "critical")
        ]
        assert serious == [], path
        assert browser.evaluate("document.documentElement.scrollWidth") <= width, path
