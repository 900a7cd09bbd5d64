"""Which pictures the register names, where they are, and what their owners are told of it."""

from datetime import date
from uuid import UUID

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_compliance.commands import register
from otsp_contracts.compliance.register import PublicPicturesChanged

REGISTER = "/api/compliance/v1/public/register"
LOGO, PHOTO, LATER = (str(new_id()) for _ in range(3))


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def authority(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def staff(world):
    """Sample A's people: the first one teaches."""
    people = world.sections["A"]["staff"]["staff"]
    assert people[0]["staff_type"] == "teaching"
    return people


@pytest.fixture
def pictured(world, staff):
    world.facts["logo_file_id"] = LOGO
    staff[0]["photo_file_id"] = PHOTO


@pytest.fixture
def approve(world, authority):
    world.profile().configure()

    def approved():
        application_id = world.filed(acknowledged_warnings=["SIT-006"])
        world.provide()
        case = f"{world.api}/cases/{world.application(application_id)['case_id']}"
        reviewer = world.reviewer(authority)
        assert reviewer.post(f"{case}/acceptance", {}).status == 200
        given = {"decision": "approve", "warnings_read": ["SIT-006"]}
        assert reviewer.post(f"{case}/decisions", given).status == 200
        return application_id

    return approved


@pytest.fixture
def told(kit):
    def events():
        found = [each.payload() for each in kit.published(PublicPicturesChanged)]
        return [(each.version, each.logo_file_id, each.photo_file_ids) for each in found]

    return events


def set_aside(world, authority, application_id):
    decision = world.application(application_id)["decisions"][-1]
    admin = world.reviewer(authority, role="region_admin")
    path = f"{world.api}/decisions/{decision['decision_id']}/replacement"
    given = {"outcome": "returned", "reason": "原决定认定事实有误"}
    assert admin.post(path, given).status == 200


def test_line_and_detail_page_say_where_the_pictures_are(kit, world, pictured, approve):
    approve()
    world.profile(version=2, compliance_status="compliant")

    [line] = kit.anonymous().get(REGISTER, query={"q": "启明"}).json["items"]
    page = kit.anonymous().get(f"{REGISTER}/{world.institution_id}").json

    logo = f"/api/institution/v1/public/logos/{world.institution_id}/{LOGO}"
    assert (line["logo"], page["entry"]["logo"]) == (logo, logo)
    photos = [each["photo"] for each in page["detail"]["teachers"]]
    assert photos[0] == f"/api/staff/v1/public/photos/{world.institution_id}/{PHOTO}"
    assert set(photos[1:]) <= {None}


def test_the_owners_of_the_files_are_told_what_was_approved(world, pictured, approve, told):
    approve()

    assert told() == [(1, UUID(LOGO), (UUID(PHOTO),))]


def test_who_has_no_pictures_has_no_paths_and_the_owners_know_it(kit, world, approve, told):
    approve()
    world.profile(version=2, compliance_status="compliant")

    page = kit.anonymous().get(f"{REGISTER}/{world.institution_id}").json

    assert page["entry"]["logo"] is None
    assert {each["photo"] for each in page["detail"]["teachers"]} == {None}
    assert told() == [(1, None, ())]


def test_nobody_is_told_before_the_approval(world, pictured, authority, told):
    world.profile().configure()
    world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()

    assert told() == []


def test_an_approval_with_the_same_pictures_tells_nothing(world, pictured, approve, told):
    approve()
    world.profile(version=2, compliance_status="compliant")
    approve()

    assert len(told()) == 1


def test_what_is_set_aside_gives_way_to_the_pictures_before(
    world, pictured, staff, authority, approve, told
):
    approve()
    world.profile(version=2, compliance_status="compliant")
    staff[0]["photo_file_id"] = LATER
    second = approve()

    set_aside(world, authority, second)

    named = [photos for _, _, photos in told()]
    assert named == [(UUID(PHOTO),), (UUID(LATER),), (UUID(PHOTO),)]


def test_whose_only_approval_is_set_aside_has_nothing_named(
    world, pictured, authority, approve, told
):
    set_aside(world, authority, approve())

    assert told()[1:] == [(2, None, ())]


def test_who_comes_back_to_the_register_is_told_under_a_newer_version(
    kit, world, pictured, approve, told
):
    approve()
    with kit.active(), transaction() as tx:
        register.leave(tx, world.institution_id, on=date(2024, 10, 15), reason_zh="自行终止办学")
    approve()

    first, none, again = told()
    assert (first, none) == ((1, UUID(LOGO), (UUID(PHOTO),)), (2, None, ()))
    assert again == (3, *first[1:])


@pytest.mark.parametrize("post", ["management", "assistant"])
def test_a_photo_of_who_does_not_teach_is_named_by_nobody(
    world, pictured, staff, approve, told, post
):
    staff[-1] |= {"staff_type": post, "photo_file_id": LATER}

    approve()

    assert told() == [(1, UUID(LOGO), (UUID(PHOTO),))]
