"""What was removed by mistake is restored within the day, with what it belongs to before it."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.courses import ClassChanged


@pytest.fixture(autouse=True)
def noon():  # in Shanghai, so that no test runs over midnight
    with clock.frozen(clock.now().replace(hour=4, minute=0)):
        yield


def entered(desk, kind):
    """The addresses of a row of the kind and of what it belongs to, the row first."""
    if kind in {"site", "system"}:
        return [desk.added(f"{kind}s", name="甲")]
    site = desk.added("sites")
    host_id = site.rpartition("/")[2]
    course = desk.added("courses", name="甲", host_id=host_id, delivery="offline")
    if kind == "course":
        return [course, site]
    return [desk.client.post(f"{course}/classes", {"name": "甲"}).headers["Location"], course, site]


def removed(desk, *places):
    for place in places:
        assert desk.client.delete(place, if_match=1).status == 204
    return places[0]


each_kind = pytest.mark.parametrize("kind", ["site", "system", "course", "class"])


@each_kind
def test_row_removed_today_stands_again_as_it_was(desk, kind):
    place = entered(desk, kind)[0]
    before = desk.client.get(place).json
    removed(desk, place)

    restored = desk.client.post(f"{place}/restoration")

    assert (restored.status, restored.version) == (200, 3)
    assert restored.json == before | {"version": 3}
    assert desk.client.get(place).json == restored.json


@each_kind
def test_removals_of_today_are_listed_with_the_place_to_restore_them_at(desk, kind):
    place = removed(desk, entered(desk, kind)[0])

    [told] = desk.client.get(f"{desk.base}/removals").json["items"]

    assert (told["part"], told["name"]) == (kind, "甲")
    assert f"{desk.base}/{told['place']}" == place
    assert desk.client.post(f"{desk.base}/{told['place']}/restoration").status == 200
    assert desk.client.get(f"{desk.base}/removals").json["items"] == []


@each_kind
def test_too_late_too_early_and_never(desk, kind):
    place = entered(desk, kind)[0]
    assert desk.client.post(f"{place}/restoration").problem == "not-removed"
    removed(desk, place)

    with clock.frozen(clock.now() + timedelta(days=1)):
        late = desk.client.post(f"{place}/restoration")
    never = desk.client.post(f"{place.rpartition('/')[0]}/{new_id()}/restoration")

    assert (late.status, late.problem) == (410, "restoration-over")
    assert never.problem == "not-found"


@each_kind
def test_under_review_nothing_is_restored(desk, kind):
    place = removed(desk, entered(desk, kind)[0])
    desk.request()

    assert desk.client.post(f"{place}/restoration").problem == "locked"


@each_kind
def test_restoration_is_the_institutions_own(desk, kit, kind):
    place = removed(desk, entered(desk, kind)[0])
    stranger = kit.as_institution(new_id())
    theirs = place.replace(str(desk.institution_id), str(stranger.principal.institution_id))

    assert stranger.post(f"{place}/restoration").problem == "other-institution"
    assert stranger.post(f"{theirs}/restoration").problem == "not-found"
    assert kit.as_authority().post(f"{place}/restoration").problem == "forbidden"
    assert stranger.get(f"{desk.base}/removals").problem == "other-institution"


def test_what_was_removed_from_the_inside_out_is_restored_from_the_outside_in(desk):
    a_class, course, site = entered(desk, "class")
    removed(desk, a_class, course, site)

    assert desk.client.post(f"{a_class}/restoration").problem == "courses-course-removed"
    assert desk.client.post(f"{course}/restoration").problem == "courses-host-removed"
    for place in (site, course, a_class):
        assert desk.client.post(f"{place}/restoration").status == 200

    listed = desk.client.get(f"{course}/classes").json["items"]
    assert [each["name"] for each in listed] == ["甲"]


def test_class_is_not_restored_to_another_course_nor_to_one_that_is_closed(desk):
    a_class = entered(desk, "class")[0]
    elsewhere = desk.added("courses")
    removed(desk, a_class)
    class_id = a_class.rpartition("/")[2]

    assert desk.client.post(f"{elsewhere}/classes/{class_id}/restoration").problem == "not-found"
    closed = desk.added("courses", existing=True, status="active")
    of_closed = desk.client.post(f"{closed}/classes", {"name": "乙"}).headers["Location"]
    removed(desk, of_closed)
    desk.client.put(f"{closed}/status", {"status": "closed"}, if_match=1)
    refused = desk.client.post(f"{of_closed}/restoration")
    assert (refused.status, refused.problem) == (409, "courses-state-forbids")


def test_pupils_do_not_come_back_while_a_rectification_halts_enrolment(desk):
    course = desk.added("courses")
    full = desk.client.post(f"{course}/classes", {"name": "满", "enrolled": 3})
    empty = desk.client.post(f"{course}/classes", {"name": "空"})
    places = [each.headers["Location"] for each in (full, empty)]
    removed(desk, *places)
    desk.rectify()

    refused = desk.client.post(f"{places[0]}/restoration")

    assert refused.problem == "courses-rectification-open"
    assert desk.client.post(f"{places[1]}/restoration").status == 200


def test_others_hear_that_a_class_stands_again(desk, kit):
    place = removed(desk, entered(desk, "class")[0])
    desk.client.post(f"{place}/restoration")

    news = [each.data["removed"] for each in kit.published(ClassChanged)]
    assert news == [False, True, False]


def test_history_tells_removal_and_restoration(desk):
    place = removed(desk, entered(desk, "site")[0])
    desk.client.post(f"{place}/restoration")

    changes = desk.client.get(f"{desk.base}/history").json["items"]

    assert [each["kind"] for each in changes] == ["added", "removed", "added"]


def test_what_is_in_the_way_of_a_removal_is_told(desk):
    a_class, course, site = entered(desk, "class")

    in_use = desk.client.delete(site, if_match=1)
    has_classes = desk.client.delete(course, if_match=1)

    assert in_use.json["conflicting"] == desk.client.get(course).json
    assert in_use.json["current"] == desk.client.get(site).json
    assert has_classes.json["conflicting"] == desk.client.get(a_class).json


def test_clerk_who_saves_a_class_too_late_sees_what_the_other_entered(desk):
    place = entered(desk, "class")[0]
    desk.client.put(place, {"name": "乙", "capacity": 20}, if_match=1)

    late = desk.client.put(place, {"name": "丙", "capacity": 20}, if_match=1)
    counted = desk.client.put(f"{place}/attendance", {"enrolled": 3, "skip_dates": []}, if_match=1)

    name = {"pointer": "/name", "label_zh": "班级名称", "yours": "丙", "current": "乙"}
    assert late.json["differences"] == [name]
    assert (counted.status, counted.json["current_version"]) == (412, 2)
    told = {
        each["pointer"]: (each["yours"], each["current"]) for each in counted.json["differences"]
    }
    assert told["/enrolled"] == (3, None)
