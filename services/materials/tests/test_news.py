"""What others keep of a material is told when it says something else, and never its authors."""

import pytest

from otsp_contracts.materials import MaterialChanged


def news(kit):
    return [MaterialChanged.model_validate(each.data) for each in kit.published(MaterialChanged)]


@pytest.fixture
def material(owner, enter):
    return enter(owner, stage="junior", authors=[{"name": "周甲"}])


def test_a_new_material_is_told_without_its_authors(kit, owner, material):
    [told] = kit.published(MaterialChanged)

    assert told.data == {
        "material_id": material["material_id"],
        "institution_id": str(owner.principal.institution_id),
        "version": 1,
        "title": "初中数学讲义",
        "status": "draft",
        "category": "subject",
        "stage": "junior",
        "removed": False,
    }


def test_another_kind_is_no_news_and_another_stage_is(kit, owner, material):
    own = {"title": "初中数学讲义", "category": "subject", "form": "basic", "stage": "junior"}

    owner.put(material["url"], own | {"kind": "handout"}, if_match=1)
    assert len(news(kit)) == 1

    owner.put(material["url"], own | {"stage": "senior"}, if_match=2)
    assert [(each.version, each.stage) for each in news(kit)[1:]] == [(3, "senior")]


def test_each_step_of_a_review_is_told(kit, owner, upload, enter):
    file_id = upload(owner, "讲义")["file_id"]
    material = enter(owner, form="library", category="nonsubject", file_id=file_id)

    owner.post(f"{material['url']}/internal-review-submission")

    assert [each.status for each in news(kit)] == ["draft", "internal_review"]


def test_a_deleted_material_is_told_as_removed(kit, owner, material):
    owner.delete(material["url"], if_match=1)

    assert [(each.version, each.removed) for each in news(kit)] == [(1, False), (2, True)]
