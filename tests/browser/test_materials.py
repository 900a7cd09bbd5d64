"""材料管理 (manual 7): a material created, reviewed, used, kept; changed, removed, exported."""

import re

import pytest

from otsp_chassis.ids import new_id
from otsp_testkit.pages import numbered

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MATERIAL = {
    "edition": "2024年秋",
    "kind": "handout",
    "form": "basic",
    "origin": "self",
    "category": "nonsubject",
    "subject_code": "chess",
    "stage": "primary",
    "delivery": "offline",
}


@pytest.fixture
def clerk(visitors):
    return visitors("institution-C")


def _created(clerk, title):
    """A draft with a file; its page."""
    page = clerk.get("/materials/new")
    files = {"file_id.file": ("讲义.pdf", PDF + str(new_id()).encode(), "application/pdf")}
    clerk.send(page, files=files, title=title, **MATERIAL)
    listed = clerk.get("/materials?q=" + title)
    found = re.search(rf'href="(/materials/[0-9a-f-]+)">{title}<', listed.text)
    assert found, listed.text
    return clerk.get(found[1])


def test_a_material_is_created_edited_and_found(clerk, sound):
    title = numbered("围棋")

    page = _created(clerk, title)
    sound(page)
    page = clerk.send(page, title=title + "改", **MATERIAL, file_id=_file_of(page))

    sound(page)
    assert "已保存。" in page.text
    listed = clerk.get(f"/materials?q={title}改&kind=handout&view=drafts")
    sound(listed)
    assert f">{title}改<" in listed.text
    assert f">{title}改<" not in clerk.get(f"/materials?q={title}改&kind=textbook").text


def _file_of(page):
    return re.search(r'name="file_id" value="([^"]+)"', page.text)[1]


def test_a_material_is_reviewed_inside_used_and_archived(clerk, sound):
    page = _created(clerk, numbered("围棋"))
    at = page.url.path

    page = clerk.get(f"{at}/submission")
    sound(page)
    page = clerk.send(page)
    sound(page)
    assert "内部审核中" in page.text
    page = clerk.get(f"{at}/result")
    sound(page)
    reviewer = re.search(r'name="reviewer_ids" value="([^"]+)"', page.text)[1]
    page = clerk.send(page, result="pass", reviewer_ids=reviewer, reviewed_on="20241014")
    sound(page)
    assert "内审通过" in page.text
    page = clerk.get(f"{at}/adoption")
    sound(page)
    page = clerk.send(page, used_from="2024-10-15", filed="true", filed_on="2024-10-15")
    sound(page)
    assert "材料已启用。" in page.text
    page = clerk.get(f"{at}/archiving")
    page = clerk.send(page, used_until="2024-10-15")
    sound(page)
    assert "2027-10-15" in page.text
    assert "只作为记录保存" in page.text


def test_what_must_be_kept_is_not_destroyed(clerk, sound):
    page = clerk.get("/materials/new")
    title = numbered("围棋")
    kept = {"existing": "true", "status": "archived", "used_until": "2024-01-10"}
    clerk.send(page, title=title, **MATERIAL, **kept)
    found = re.search(
        rf'href="(/materials/[0-9a-f-]+)">{title}<', clerk.get("/materials?q=" + title).text
    )
    assert f'href="{found[1]}/purge"' not in clerk.get(found[1]).text

    page = clerk.send(clerk.get(f"{found[1]}/purge"))

    sound(page, 422)
    assert "2027年1月11日起方可销毁。" in page.text


def test_changed_content_is_a_new_version(clerk, sound):
    page = _created(clerk, numbered("围棋"))
    at = page.url.path
    clerk.send(clerk.get(f"{at}/submission"))

    page = clerk.get(f"{at}/version")
    sound(page)
    page = clerk.send(page, edition="第二版")
    sound(page, 422)
    files = {"file_id.file": ("新讲义.pdf", PDF + b"2", "application/pdf")}
    page = clerk.send(page, edition="第二版", files=files)

    sound(page)
    assert page.url.path != at
    assert "第2版（本页）" in page.text
    assert f'href="{at}"' in page.text


def test_a_material_is_removed_and_brought_back(clerk, sound):
    page = _created(clerk, numbered("围棋"))
    at = page.url.path

    page = clerk.get(f"{at}/removal")
    sound(page)
    page = clerk.send(page)
    sound(page)
    assert "撤销删除" in page.text
    assert clerk.get(at).status_code == 404
    page = clerk.undo(page)

    assert "已撤销删除。" in page.text
    assert clerk.get(at).status_code == 200


def test_the_list_is_exported_as_it_is_narrowed(clerk):
    page = clerk.get("/materials?view=used&kind=handout")

    assert 'href="/exports/materials.materials?kind=handout&amp;status=in_use"' in page.text
