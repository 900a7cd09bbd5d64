"""The lists of sites, systems, courses and classes as files for authorities: persons masked."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseRouted
from otsp_testkit.exported import listed, masked_rows, place_of

SITE = {"contact_name": "沈示例", "contact_tel": "13800000001", "address": "示例路1号"}
PATHS = {"sites": "sites", "systems": "systems", "courses": "courses", "classes": "classes"}


@pytest.fixture
def school(desk):
    desk.profile()
    site = desk.added("sites", name="湖滨办学点", **SITE)
    desk.added("sites", name="城西办学点", contact_name="韩乙", contact_tel="0571-88000000")
    desk.added("systems", name="示例课堂", kind="web", security_officer="韩示例")
    course = desk.added(
        "courses", name="初二数学", host_id=site.rpartition("/")[2], delivery="offline",
        existing=True, status="active",
    )  # fmt: skip
    teacher = {"teacher_ids": [desk.person()], "assistant_ids": []}
    desk.client.post(f"{course}/classes", {"name": "周二班"} | teacher)


@pytest.mark.parametrize("has_case", [False, True])
def test_persons_are_masked_with_a_case_and_without(desk, school, has_case):
    reviewer = desk.reviewer()
    if has_case:
        case = {"case_id": new_id(), "version": 1, "kind": "compliance", "subject_id": new_id()}
        case |= {"institution_id": desk.institution_id}
        authority_id = reviewer.principal.authority.authority_id
        desk.kit.deliver(CaseRouted(**case, authority_id=authority_id))

    sites = masked_rows(desk.kit, reviewer, desk.client, list="sites")
    [system] = masked_rows(desk.kit, reviewer, desk.client, list="systems")

    told = [(row["办学点联系人"], row["办学点联系电话"], row["办学点地址"]) for row in sites]
    assert told == [("沈**", "138****0001", "示例路1号"), ("韩*", "0571-88000000", "")]
    assert (system["业务系统名称"], system["网络安全负责人"]) == ("示例课堂", "韩**")


@pytest.mark.parametrize(
    ("of_list", "filters"),
    [
        ("sites", {}),
        ("sites", {"q": "湖滨"}),
        ("systems", {"kind": "app"}),
        ("courses", {"delivery": "offline"}),
        ("classes", {"status": "planned"}),
        ("classes", {"q": "周二"}),
    ],
)
def test_file_has_what_the_list_tells_the_authority(desk, school, of_list, filters):
    reviewer, kit = desk.reviewer(), desk.kit
    told = listed(reviewer, f"{place_of(kit, desk.client)}/{PATHS[of_list]}", **filters)

    rows = masked_rows(kit, reviewer, desk.client, list=of_list, filters=filters)

    assert [next(iter(row.values())) for row in rows] == [each["name"] for each in told]


def test_class_tells_of_its_teachers_how_many_they_are(desk, school):
    [row] = masked_rows(desk.kit, desk.reviewer(), desk.client, list="classes")

    assert (row["课程名称"], row["授课教师人数"], row["助教人数"]) == ("初二数学", "1", "0")
