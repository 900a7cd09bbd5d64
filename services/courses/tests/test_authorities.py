"""Authorities read what lies in their jurisdiction, persons masked, and never write."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided, CaseRouted

SITE = {"contact_name": "沈示例", "contact_tel": "13800000001", "fire_responsible": "沈示例"}
SYSTEM = {"security_officer": "韩示例"}


@pytest.fixture
def places(desk):
    """One row of each kind, by the name of its part."""
    desk.profile()
    course = desk.added("courses", delivery="offline", existing=True, status="active")
    return {
        "site": desk.added("sites", **SITE),
        "system": desk.added("systems", **SYSTEM),
        "course": course,
        "class": desk.client.post(f"{course}/classes", {"name": "一班"}).headers["Location"],
    }


def route(desk, authority_id, **changes):
    case = {"case_id": new_id(), "version": 1, "institution_id": desk.institution_id}
    case |= {"kind": "compliance", "subject_id": new_id(), "authority_id": authority_id}
    desk.kit.deliver(CaseRouted(**case | changes))
    return case


@pytest.mark.parametrize("kind", ["site", "system", "course", "class"])
@pytest.mark.parametrize(
    "jurisdiction", [{}, {"role": "region_admin"}, {"region": "330000", "level": "province"}]
)
def test_an_authority_reads_each_row_in_its_jurisdiction(desk, places, kind, jurisdiction):
    reviewer = desk.reviewer(**jurisdiction)
    place = places[kind]

    row = reviewer.get(place)
    listed = reviewer.get(place.rpartition("/")[0])

    assert (row.status, listed.status) == (200, 200)
    assert listed.json["items"] == [row.json]


@pytest.mark.parametrize("kind", ["site", "system", "course", "class"])
def test_an_authority_elsewhere_reads_nothing(desk, places, kind):
    reviewer = desk.reviewer(region="510107")

    for path in (places[kind], places[kind].rpartition("/")[0], f"{desk.base}/history"):
        refused = reviewer.get(path)
        assert (refused.status, refused.problem) == (403, "outside-jurisdiction")


@pytest.mark.parametrize("known", [False, True])
def test_what_is_still_a_draft_does_not_exist_to_authorities(desk, known):
    if known:
        desk.profile(registration_status="draft")
    desk.added("sites")

    assert desk.reviewer().get(f"{desk.base}/sites").problem == "not-found"


def test_persons_are_masked_without_a_case(desk, places):
    reviewer = desk.reviewer()

    site, system = (reviewer.get(places[kind]).json for kind in ("site", "system"))

    assert {name: site[name] for name in SITE} == {
        "contact_name": "沈**",
        "contact_tel": "138****0001",
        "fire_responsible": "沈示例",
    }
    assert system["security_officer"] == "韩**"


def test_a_line_of_the_institution_is_everybodys_business(desk, places):
    place = desk.added("sites", contact_tel="0571-88001234")

    assert desk.reviewer().get(place).json["contact_tel"] == "0571-88001234"


def test_persons_are_shown_in_an_open_case_and_the_trail_says_so(desk, places):
    reviewer = desk.reviewer(authority_id=(authority_id := new_id()))
    route(desk, authority_id)

    site = reviewer.get(places["site"]).json

    assert {name: site[name] for name in SITE} == SITE
    [entry] = [
        each
        for each in desk.kit.as_authority("auditor")
        .get("/api/courses/v1/audit-entries")
        .json["items"]
        if each["action"] == "site.read_in_case"
    ]
    assert entry["pii_fields"] == ["contact_name", "contact_tel"]


@pytest.mark.parametrize("how", ["another_authority", "decided", "another_kind"])
def test_persons_are_masked_when_the_case_is_none_of_theirs(desk, places, how):
    reviewer = desk.reviewer(authority_id=(authority_id := new_id()))
    if how == "another_authority":
        route(desk, new_id())
    elif how == "another_kind":
        route(desk, authority_id, kind="external_review")
    else:
        case = route(desk, authority_id)
        desk.kit.deliver(
            CaseDecided(**case | {"version": 2, "decision": "approved", "decided_on": "2024-10-15"})
        )

    assert reviewer.get(places["site"]).json["contact_name"] == "沈**"


def test_the_institution_sees_its_own_persons(desk, places):
    site = desk.client.get(places["site"]).json

    assert {name: site[name] for name in SITE} == SITE
