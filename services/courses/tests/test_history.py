"""Each change of a site, system, course or class is kept: who, when, what before, what after."""

import pytest

from otsp_chassis.ids import new_id

FROM, TO = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
SLOT = {"weekday": 2, "start": "18:30", "lessons": 2, "lesson_minutes": 45, "break_minutes": 10}


@pytest.fixture
def classes(desk):
    course = desk.added("courses", delivery="offline", existing=True, status="active")
    return f"{course.removeprefix(desk.base + '/')}/classes"


def history(desk, **query):
    return desk.client.get(f"{desk.base}/history", query=query).json["items"]


def fields(change):
    return {each["pointer"]: (each["before"], each["after"]) for each in change["fields"]}


@pytest.mark.parametrize(
    ("path", "part", "zh"),
    [
        ("sites", "site", "办学点"),
        ("systems", "system", "业务系统"),
        ("courses", "course", "培训课程"),
    ],
)
def test_a_row_is_entered_changed_and_removed(desk, path, part, zh):
    place = desk.added(path, name="甲")
    desk.client.put(place, {"name": "乙"}, if_match=1)
    desk.client.delete(place, if_match=2)

    removed, changed, added = history(desk)

    assert [each["kind"] for each in (added, changed, removed)] == ["added", "changed", "removed"]
    assert [each["version"] for each in (added, changed, removed)] == [1, 2, 3]
    assert {(each["part"], each["part_zh"]) for each in (added, changed, removed)} == {(part, zh)}
    assert fields(changed) == {"/name": ("甲", "乙")}
    [named] = changed["fields"]
    assert named["label_zh"] == f"{'课程' if part == 'course' else zh}名称"
    assert changed["account_id"] == str(desk.client.principal.account_id)


def test_each_step_of_a_class_is_a_change(desk, classes):
    desk.profile()
    place = desk.added(classes, name="一班", slots=[SLOT])
    desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=1)
    attendance = {"enrolled": 7, "skip_dates": ["2024-11-05"]}
    desk.client.put(f"{place}/attendance", attendance, if_match=2)
    desk.client.post(f"{place}/cancellation", {"reason": "人数不足"})

    cancelled, attended, moved, added = history(desk, part="class")

    assert fields(added)["/slots"] == (None, [SLOT])
    assert fields(moved) == {"/status": ("planned", "enrolling")}
    assert fields(attended) == {
        "/enrolled": (None, 7),
        "/skip_dates": ([], ["2024-11-05"]),
    }
    assert fields(cancelled) == {"/status": ("enrolling", "cancelled")}


def test_the_same_values_and_refused_writes_leave_nothing(desk):
    place = desk.added("sites", name="甲")

    assert desk.client.put(place, {"name": "甲"}, if_match=1).status == 200
    assert desk.client.put(place, {"name": "乙"}, if_match=9).status == 412

    assert len(history(desk)) == 1


@pytest.mark.parametrize(
    ("path", "name", "value", "mask"),
    [
        ("sites", "contact_name", "沈示例", "沈**"),
        ("sites", "contact_tel", "13800000001", "138****0001"),
        ("systems", "security_officer", "韩示例", "韩**"),
    ],
)
def test_persons_are_kept_as_masks_only(desk, path, name, value, mask):
    desk.added(path, **{name: value})

    place = desk.client.get(f"{desk.base}/{path}").json["items"][0][f"{path[:-1]}_id"]
    desk.client.put(f"{desk.base}/{path}/{place}", {"name": "示例"}, if_match=1)

    removed, added = history(desk)

    assert fields(removed)[f"/{name}"] == (mask, None)
    [kept] = [each for each in added["fields"] if each["pointer"] == f"/{name}"]
    assert (kept["after"], kept["is_masked"]) == (mask, True)


def test_differences_between_two_moments_leave_out_what_came_and_went(desk):
    place = desk.added("sites", name="甲")
    desk.client.put(place, {"name": "乙"}, if_match=1)
    gone = desk.added("systems")
    desk.client.delete(gone, if_match=1)

    told = desk.client.get(f"{desk.base}/history/differences", query={"from": FROM, "to": TO}).json

    [only] = told["items"]
    assert (only["kind"], only["part"]) == ("added", "site")
    assert fields(only)["/name"] == (None, "乙")


def test_the_history_is_narrowed_by_part_and_object(desk):
    site = desk.added("sites").rpartition("/")[2]
    desk.added("sites")
    desk.added("systems")

    assert [each["object_id"] for each in history(desk, object_id=site)] == [site]
    assert {each["part"] for each in history(desk, part="system")} == {"system"}
    assert history(desk, object_id=str(new_id())) == []


def test_a_change_during_a_review_is_kept_too(desk, classes):
    place = desk.added(classes)
    desk.request()

    desk.client.post(f"{place}/cancellation", {"reason": "场地停用"})

    assert fields(history(desk)[0]) == {"/status": ("planned", "cancelled")}
