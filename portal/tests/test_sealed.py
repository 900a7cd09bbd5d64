"""The sealed file in the words of its forms."""

import typing

import pytest
from pydantic import BaseModel

from otsp_contracts.snapshots import TABS, courses, institution, materials, staff
from otsp_portal.sealed import label_of, name_of, names_in, objects_of, place_of, rows_of, words_of
from otsp_portal.sealed_labels import HIDDEN

SECTIONS = {
    "institution": institution.InstitutionSection,
    "staff": staff.StaffSection,
    "materials": materials.MaterialsSection,
    "courses": courses.CoursesSection,
}
SITE = {
    "site_id": "01920000-0000-7000-8000-000000000001",
    "name": "示例校区",
    "teaching_area_centi_m2": 18000,
    "premises_type": "commercial",
    "region_code": "330106",
    "fire_check_on": None,
    "on_licence": True,
    "fire_proof_file_id": "01920000-0000-7000-8000-00000000000a",
}


def _model_of(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_of(each) for each in typing.get_args(annotation))
    return next((each for each in found if each), None)


def _pointers(model, above=""):
    for name, told in model.model_fields.items():
        pointer = f"{above}/{told.alias or name}"
        inner = _model_of(told.annotation)
        yield pointer
        if inner and not pointer.endswith("/classes"):
            yield from _pointers(inner, pointer)


@pytest.mark.parametrize("part", TABS)
def test_every_field_that_can_be_sealed_has_a_chinese_label(part):
    tab, model = TABS[part], SECTIONS[TABS[part].section]
    for step in tab.place.strip("/").split("/"):
        model = _model_of(model.model_fields[step].annotation)

    unlabelled = [
        pointer
        for pointer in _pointers(model)
        if pointer.rsplit("/", 1)[-1] not in {*HIDDEN, tab.key}
        and label_of(part, pointer).isascii()
    ]

    assert unlabelled == []


def test_a_row_is_told_in_the_words_and_the_order_of_its_form():
    (site,) = objects_of("sites", [SITE], {})
    told = {value.pointer: value for value in site.values}

    assert site.name == "示例校区"
    assert told["/teaching_area_centi_m2"].words == "180.00平方米"
    assert told["/premises_type"].words == "商业"
    assert told["/region_code"].words == "浙江省杭州市西湖区"
    assert told["/fire_check_on"].is_empty
    assert told["/fire_proof_file_id"].file_ids == (SITE["fire_proof_file_id"],)
    assert next(iter(told)) == "/name"
    assert told["/name"].label == "办学点名称"


def test_what_is_told_by_id_alone_is_told_by_its_name():
    content = {"staff": [{"staff_id": "01920000-0000-7000-8000-0000000000aa", "name": "周甲"}]}
    names = names_in("staff", content)

    told = words_of("classes", "/teacher_ids", list(names), names=names)

    assert told == "周甲"


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/sites/0/fire_check_on", ("sites", "x", "/fire_check_on")),
        ("/courses/3/classes/1/slots/0/start", ("classes", "x", "/slots/0/start")),
        ("/courses/3/name", ("courses", "x", "/name")),
        ("/funds/supervision/mode", ("supervision", "", "/mode")),
        ("/licence/valid_to", ("licence", "", "/valid_to")),
        ("/region/holidays", None),
    ],
)
def test_a_finding_leads_to_its_place_in_the_file(pointer, place):
    assert place_of(pointer, ["x"]) == place


def test_classes_are_found_within_their_courses():
    content = {"courses": [{"classes": [{"class_id": "a"}]}, {"classes": [{"class_id": "b"}]}]}

    assert [row["class_id"] for row in rows_of("classes", content)] == ["a", "b"]
    assert rows_of("licence", {"licence": None}) == []


def test_a_tab_that_there_is_one_of_is_called_by_its_own_name():
    assert name_of("supervision", {"account_name": "某学校"}) == "监管信息"
    assert label_of("staff", "/quals/0/valid_to") == "资质证明 · 有效期至"
