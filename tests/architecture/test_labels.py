"""One field has one Chinese name, wherever it is named: asked for, missing, or changed.

The domain's tables decide (§2). Where one of them names a field by half (科目), the name has its
part before it (课程科目), because a finding lists fields of all parts side by side.
"""

from collections.abc import Iterator

import pytest

from otsp_cli.running import load_service
from otsp_contracts.snapshots.places import LABELS_ZH
from otsp_contracts.snapshots.required import courses, institution, materials, staff

FILE_OF = ("institution", "staff", "materials", "courses")
ASKED = {
    "institution": institution.INSTITUTION,
    "school_licence": institution.LICENCE,
    "certificate": institution.CERTIFICATE,
    "party": institution.PARTY,
    "supervision": institution.SUPERVISION,
    "funds_statement": institution.SUPERVISION,
    "basic_account": institution.BASIC_ACCOUNT,
    "service_contract": institution.CONTRACT,
    "fee_item": institution.FEE_ITEM,
    "staff": staff.STAFF,
    "material": materials.MATERIAL,
    "site": courses.SITE,
    "system": courses.SYSTEM,
    "course": courses.COURSE,
    "class": courses.CLASS,
}
"""By the table that the owner keeps the part in."""
THE_FILE_ITSELF = ("material", "content_sha256")
"""Filing asks for the file by the digest that stands for it; a history names the digest."""
NEVER_MISSING = {("contact", "mobile"), ("other_doc", "file_id"), ("audit_report", "file_id")}
"""Their owners report none of them as missing: the name is another field's."""
WITHOUT_A_FORM = {"出生日期", "实际控制人"}
"""Read from a citizen number; the controller as a whole, whose form names name and number."""
VERBATIM = {
    ("site", "tenure"): "房屋产权",
    ("site", "fire_proof_file_id"): "消防证明",
    ("system", "vat_licence_no"): "增值电信业务经营许可证",
    ("system", "mlps_no"): "等保备案证明编号",
    ("system", "guardian_consent"): "监护人同意机制与专门规则",
    ("material", "overseas"): "境外教材",
    ("party", "secretary_name"): "书记姓名",
}
"""What the specification says, where two tables once said two things (§2.0, §2.6, §2.7, §2.10)."""


def told() -> Iterator[tuple[str, str, str]]:
    """Part, path and name of each field as forms and histories of its owner call it."""
    for owner in FILE_OF:
        for part, (_, labels) in load_service(owner).labels.items():
            yield from ((part, pointer.strip("/"), label) for pointer, label in labels.items())


TOLD = list(told())
NAMES = {(part, path): label for part, path, label in TOLD}


def asked_for(part: str) -> dict[str, str]:
    return {each.path: each.label_zh for each in ASKED.get(part, ())}


def missing_name(part: str, path: str) -> str | None:
    """By which a missing field that does not travel is told; by its part where two have it."""
    *before, name = path.split("/")
    places = (f"{(before or [part])[-1]}/{name}", name)
    return next((LABELS_ZH[place] for place in places if place in LABELS_ZH), None)


@pytest.mark.parametrize("part", ASKED)
def test_field_that_filing_asks_for_is_called_as_its_form_calls_it(part):
    named = {path: NAMES.get((part, path)) for path in asked_for(part)}
    others = {
        path: (label, named[path])
        for path, label in asked_for(part).items()
        if named[path] not in (None, label) and (part, path) != THE_FILE_ITSELF
    }

    assert others == {}


def test_field_of_the_head_is_called_as_its_form_calls_it():
    for each in institution.LEGAL_REP:
        path = f"legal_rep/{each.path}".replace("id_valid", "id_masked")
        assert NAMES["institution", path] == each.label_zh


def test_missing_field_that_does_not_travel_is_called_as_its_form_calls_it():
    others = {}
    for part, path, label in TOLD:
        place = tuple([part, *path.split("/")][-2:])
        name = missing_name(part, path)
        if name is not None and path not in asked_for(part) and place not in NEVER_MISSING:
            others |= {} if name == label else {(part, path): (name, label)}

    assert others == {}


def test_every_missing_field_has_a_form():
    own = {missing_name(part, path) for part, path, _ in TOLD}

    assert set(LABELS_ZH.values()) - own == WITHOUT_A_FORM


@pytest.mark.parametrize(("place", "name"), VERBATIM.items())
def test_the_specification_decides(place, name):
    assert NAMES[place] == name
