"""The institution closes: classes end, courses are closed, no site moves."""

from datetime import date

import pytest
from sqlalchemy import text

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import DeregistrationApproved
from otsp_contracts.courses import ClassChanged, CoursesClosingDone

ON = date(2024, 10, 15)


@pytest.fixture
def close(kit, desk):
    def tell(**changes):
        asked = {
            "institution_id": desk.institution_id,
            "application_id": new_id(),
            "reason": "voluntary",
            "closes_on": ON,
            "services": ("courses",),
        }
        kit.deliver(DeregistrationApproved(**asked | changes))
        return [each.payload().ended for each in kit.published(CoursesClosingDone)]

    return tell


@pytest.fixture
def course(desk):
    return desk.added("courses", existing=True, status="active")


def a_class(desk, course, **fields):
    path = course.removeprefix(f"{desk.base}/")
    return desk.added(f"{path}/classes", existing=True, **fields)


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"status": "planned"}, "cancelled"),
        ({"status": "enrolling"}, "cancelled"),
        ({"status": "in_session"}, "cancelled"),
        ({"status": "in_session", "end_on": "2024-10-14"}, "finished"),
        ({"status": "in_session", "end_on": "2024-10-15"}, "cancelled"),
        ({"status": "enrolling", "end_on": "2024-10-14"}, "cancelled"),
        ({"status": "finished"}, "finished"),
    ],
)
def test_a_class_is_finished_when_it_was_taught_to_its_last_day_and_falls_through_else(
    kit, desk, course, close, fields, end
):
    path = a_class(desk, course, **fields)

    assert close() == [1 + (fields["status"] != "finished")]

    assert desk.client.get(path).json["status"] == end
    assert desk.client.get(course).json["status"] == "closed"
    assert kit.published(ClassChanged)[-1].data["status"] == end


@pytest.mark.parametrize(("status", "end"), [("draft", "draft"), ("ready", "closed")])
def test_courses_that_are_open_are_closed_and_drafts_stay_drafts(desk, close, status, end):
    path = desk.added("courses", existing=status != "draft", status=status)

    close()

    assert desk.client.get(path).json["status"] == end


def test_asked_again_nothing_changes_and_it_is_answered_again(desk, course, close):
    path = a_class(desk, course, status="enrolling")

    assert close() == [2]
    version = desk.client.get(path).version
    assert close() == [2, 0]
    assert desk.client.get(path).version == version


def test_no_site_moves_any_more(kit, desk, close):
    desk.profile()
    here = {"region_code": "330106", "address": "示例路1号"}
    site = desk.added("sites", **here)
    desk.client.put(f"{site}/relocation", here | {"address": "示例路9号"})
    desk.request(application_kind="change")

    close()

    assert desk.client.get(f"{site}/relocation").status == 404
    with kit.runtime.database.autocommit.connect() as reader:
        assert reader.execute(text("SELECT count(*) FROM filed_relocation")).scalar_one() == 0


def test_it_closes_only_what_is_asked_for_and_only_there(desk, course, close):
    assert close(services=("staff",)) == []
    assert close(institution_id=new_id()) == [0]
    assert desk.client.get(course).json["status"] == "active"
