"""The three steps of creation: each entered by itself, and the host tells how far they are."""

import pytest

SITE = {
    "name": "西湖教学点",
    "region_code": "330106",
    "address": "示例路1号",
    "building_area_centi_m2": 26_000,
    "teaching_area_centi_m2": 18_000,
    "floor": 3,
    "total_floors": 6,
    "premises_type": "commercial",
    "tenure": "own",
    "fire_check_on": "2024-10-01",
    "fire_cert_no": "消-1",
    "fire_responsible": "沈示例",
    "contact_name": "沈示例",
    "contact_tel": "0571-88001234",
}


def steps(desk, place):
    told = desk.client.get(place).json["steps"]
    [listed] = desk.client.get(place.rpartition("/")[0]).json["items"]
    assert listed["steps"] == told
    return told


def done(told):
    return [told[step]["is_done"] for step in ("host", "courses", "classes")]


@pytest.fixture
def site(desk):
    desk.profile("not_applied", delivery_modes=("online",))
    return desk.added("sites", **SITE)


@pytest.fixture
def course(desk, site):
    return desk.added("courses", host_id=site.rpartition("/")[2], delivery="offline")


def test_a_host_that_stands_alone_is_one_step_of_three(desk, site):
    told = steps(desk, site)

    assert done(told) == [True, False, False]
    assert told["courses"] == {"is_done": False, "count": 0, "drafts": 0}
    assert told["classes"] == {"is_done": False, "count": 0, "courses_without": 0}


def test_a_draft_of_a_course_is_not_complete_until_the_institution_says_so(desk, site, course):
    assert steps(desk, site)["courses"] == {"is_done": False, "count": 1, "drafts": 1}

    desk.client.put(f"{course}/status", {"status": "ready"}, if_match=1)

    told = steps(desk, site)
    assert (done(told), told["courses"]["drafts"]) == ([True, True, False], 0)
    assert told["classes"] == {"is_done": False, "count": 0, "courses_without": 1}


def test_a_class_of_each_course_is_the_last_step(desk, site, course):
    desk.client.put(f"{course}/status", {"status": "ready"}, if_match=1)
    first = desk.client.post(f"{course}/classes", {"name": "一班"}).headers["Location"]
    desk.client.post(f"{course}/classes", {"name": "二班"})

    told = steps(desk, site)
    assert (done(told), told["classes"]["count"]) == ([True, True, True], 2)

    desk.client.post(f"{first}/cancellation", {})
    assert steps(desk, site)["classes"]["count"] == 1


def test_each_part_is_corrected_afterwards(desk, site, course):
    emptied = {"name": "西湖教学点", "contact_name": "沈示例"}

    desk.client.put(site, emptied, if_match=1)

    told = steps(desk, site)["host"]
    assert told["is_done"] is False
    assert {"pointer": "/address", "label_zh": "办学点地址"} in told["missing"]
    assert {"pointer": "/fire_responsible", "label_zh": "消防安全责任人"} in told["missing"]
    assert "/contact_name" not in {each["pointer"] for each in told["missing"]}


@pytest.mark.parametrize(("modes", "asked"), [(("online",), False), (("offline",), True)])
def test_the_fire_proof_is_asked_of_who_teaches_offline(desk, modes, asked):
    desk.profile(delivery_modes=modes)

    missing = steps(desk, desk.added("sites", **SITE))["host"]["missing"]

    assert missing == (
        [{"pointer": "/fire_proof_file_id", "label_zh": "消防证明"}] if asked else []
    )


@pytest.mark.parametrize(("modes", "asked"), [(("online",), True), (("offline",), False)])
def test_a_system_is_filled_in_by_who_teaches_online(desk, modes, asked):
    desk.profile(delivery_modes=modes)

    told = steps(desk, desk.added("systems"))["host"]

    pointers = {each["pointer"] for each in told["missing"]}
    assert ({"/icp_no", "/security_officer"} <= pointers, told["is_done"]) == (asked, not asked)


def test_closed_courses_and_those_elsewhere_do_not_count(desk, site):
    host_id = site.rpartition("/")[2]
    desk.added("courses", host_id=host_id, delivery="offline", existing=True, status="closed")
    desk.added("courses")

    assert steps(desk, site)["courses"]["count"] == 0
