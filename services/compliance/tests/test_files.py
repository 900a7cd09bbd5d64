"""Evidence, proofs and closing papers: whose they are, and what becomes of what nothing names."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.unnamed_files import KEPT_FOR
from otsp_testkit.documents import pdf

pytestmark = pytest.mark.usefixtures("chinese_font")


@pytest.fixture
def place(world):
    return f"{world.api}/institutions/{world.institution_id}/files"


@pytest.fixture
def file_id(world, place):
    stored = world.institution().call(
        "POST", place, raw=pdf("1"), content_type="application/pdf", query={"name": "整改.pdf"}
    )
    assert stored.status == 201, stored.json
    return stored.json["file_id"]


@pytest.fixture
def reviewer(world):
    return world.profile().reviewer(world.authority("杭州市西湖区教育局"))


def reads(client, place, file_id):
    """What comes of asking for what is known, a picture and the bytes."""
    answers = (client.get(f"{place}/{file_id}{what}") for what in ("", "/preview", "/content"))
    return [each.status if each.status == 200 else each.problem for each in answers]


def test_the_institution_has_its_files_as_they_are(world, place, file_id):
    assert reads(world.institution(), place, file_id) == [200, 200, 200]


def test_what_nothing_names_does_not_exist_to_authorities(place, file_id, reviewer):
    assert reads(reviewer, place, file_id) == ["not-found"] * 3


def test_others_see_nothing(kit, world, place, file_id, reviewer):
    elsewhere = kit.as_authority("reviewer", region="510107")

    assert reads(kit.as_institution(new_id()), place, file_id) == ["other-institution"] * 3
    assert reads(elsewhere, place, file_id) == ["outside-jurisdiction"] * 3
    refused = kit.as_institution(new_id()).call(
        "POST", place, raw=pdf("1"), content_type="application/pdf", query={"name": "a.pdf"}
    )
    assert refused.problem == "other-institution"


def test_papers_of_a_self_check_are_nobody_elses_business(world, place, file_id, reviewer):
    body = {
        "institution_id": str(world.institution_id),
        "closing": {"settlement_report_file_id": file_id},
    }
    assert world.institution().post(f"{world.api}/self-checks", body).status == 202

    assert reads(reviewer, place, file_id) == ["not-found"] * 3


@pytest.mark.parametrize("is_named", [True, False])
def test_what_nothing_names_goes_after_a_month(kit, world, place, file_id, is_named):
    world.profile()
    if is_named:
        body = {
            "institution_id": str(world.institution_id),
            "closing": {"deregistration_proof_file_id": file_id},
        }
        assert world.institution().post(f"{world.api}/self-checks", body).status == 202

    with clock.frozen(clock.now() + KEPT_FOR + timedelta(minutes=1)):
        kit.run_job("erase_unnamed_files")

    there = world.institution().get(f"{place}/{file_id}").status
    assert there == (200 if is_named else 404)
