"""Who reads the content of materials: authorities that of every one that is no draft."""

import pytest

from otsp_chassis.ids import new_id
from otsp_testkit.documents import pdf

pytestmark = pytest.mark.usefixtures("chinese_font")


@pytest.fixture
def place(owner):
    return f"/api/materials/v1/institutions/{owner.principal.institution_id}/files"


@pytest.fixture
def content(owner, place):
    stored = owner.call(
        "POST", place, raw=pdf("1"), content_type="application/pdf", query={"name": "a.pdf"}
    )
    return stored.json["file_id"]


def reads(client, place, file_id):
    answers = (client.get(f"{place}/{file_id}{what}") for what in ("", "/preview", "/content"))
    return [each.status if each.status == 200 else each.problem for each in answers]


def test_a_draft_is_nobody_elses_business(owner, enter, place, content, reviewer):
    enter(owner, file_id=content)

    assert reads(reviewer, place, content) == ["not-found"] * 3


def test_what_is_in_use_is_read_by_the_authorities_of_the_region(
    kit, owner, enter, place, content, reviewer
):
    enter(owner, file_id=content, existing=True, status="in_use")

    assert reads(reviewer, place, content) == [200, 200, 200]
    elsewhere = kit.as_authority("reviewer", region="510107")
    assert reads(elsewhere, place, content) == ["outside-jurisdiction"] * 3


def test_an_export_is_the_institutions_own(kit, owner, enter, place, reviewer):
    enter(owner, existing=True, status="in_use")
    base = place.removesuffix("/files")
    asked = owner.post(f"{base}/exports", {"format": "xlsx"}).json
    kit.run_job("make_exports")

    assert owner.get(f"{place}/{asked['export_id']}/content").status == 200
    assert reads(reviewer, place, asked["export_id"]) == ["not-found"] * 3


def test_another_institution_reads_nothing(kit, place, content):
    assert reads(kit.as_institution(new_id()), place, content) == ["other-institution"] * 3
