"""From the place of a finding to the page and the field that cure it."""

import pytest
from flask import Flask

from otsp_portal.cures import cure_of, cure_of_item
from otsp_portal.findings import grouped, items_of, next_after
from otsp_portal.forms.fields import contract_fields
from otsp_portal.views import BLUEPRINTS

ONE = "01a227c2-c15f-759b-8d5f-04ec4d7bfe6b"
COURSE = "01a227c2-c73e-702f-a010-9dacbd134c1d"
FORMS = {
    "/institution": "institution",
    "/licence": "licence",
    "/certificates/0": "certificate",
    "/party": "party",
    "/other_docs/2": "other_doc",
    "/funds/supervision": "supervision",
    "/funds/basic_account": "basic_account",
    "/funds/contract": "contract",
    "/funds/fee_items/1": "fee_item",
    "/funds/audit_reports/0": "audit_report",
    "/staff/3": "staff",
    "/materials/0": "material",
    "/sites/0": "site",
    "/systems/0": "system",
    "/courses/0": "course",
    "/courses/0/classes/1": "class",
}
KNOWN = {ONE: {"class_id": ONE, "course_id": COURSE}}


def _fields(form):
    for each in contract_fields(form):
        yield each.pointer
        for inner in each.fields:
            yield inner.pointer.replace("*", "0")


@pytest.mark.parametrize(
    ("at", "pointer"),
    [(at, pointer) for at, form in FORMS.items() for pointer in _fields(form)],
)
def test_every_field_of_the_file_is_cured_at_itself(at, pointer):
    cure = cure_of(f"{at}{pointer}", [ONE], KNOWN)

    assert cure.pointer == pointer
    assert cure.anchor == "f-" + pointer[1:].replace("/", "-")
    assert cure.label


@pytest.mark.parametrize(
    ("pointer", "href"),
    [
        ("/staff/1/precheck_on", f"/staff/{ONE}#f-precheck_on"),
        ("/staff/1/work_permit_held", f"/staff/{ONE}#f-work_permit_no"),
        ("/staff/1/quals/0/stage", f"/staff/{ONE}#f-quals-0-stage"),
        ("/staff/1/blacklisted", f"/staff/{ONE}"),
        ("/staff", "/staff/employed"),
        ("/institution/legal_rep/id_valid", "/institution/basic#f-legal_rep-id_no"),
        ("/funds/fee_items/0/amount_fen", f"/funds/fees/{ONE}#f-amount_fen"),
        ("/funds/supervision/balance_fen", "/funds/supervision"),
        ("/funds/audit_reports", "/institution/documents"),
        ("/materials/0/external_review/result", f"/materials/{ONE}"),
        ("/courses/0/classes/0/slots", f"/courses/course/{COURSE}/classes/{ONE}#f-slots"),
        ("/closing/unrefunded_fen", "/deregister#f-unrefunded_fen"),
        ("/rectifications/0/status", f"/rectifications/{ONE}"),
        ("", "/institution/basic"),
        ("/no/such/part", "/institution/basic"),
    ],
)
def test_place_leads_to_its_page(pointer, href):
    named = [] if href in ("/staff/employed", "/institution/documents") else [ONE]

    assert cure_of(pointer, named, KNOWN).href() == href


def test_every_page_that_cures_something_is_there():
    app = Flask("otsp_portal")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    routes = app.url_map.bind("")

    places = [*FORMS, "/closing/reason", "/rectifications/0/status", "/region/county"]
    paths = {cure_of(at, [ONE], KNOWN).path for at in places}
    paths |= {cure_of(at, []).path for at in places}

    assert {path for path in paths if not routes.test(path, "GET")} == set()


def test_clash_of_a_person_is_cured_in_the_class():
    cure = cure_of("/courses/0/classes/0/slots", ["a-person", ONE], KNOWN)

    assert cure.href() == f"/courses/course/{COURSE}/classes/{ONE}#f-slots"


def test_item_of_a_notice_leads_to_its_field():
    assert cure_of_item("fee_items", ONE, "/name").href() == f"/funds/fees/{ONE}#f-name"
    assert cure_of_item("licence", None, "/valid_to").href() == "/institution/licence#f-valid_to"
    assert cure_of_item("staff", None, "").href() == "/staff/employed"


def _finding(rule_id, *pointers, severity="B", blocking=True, reason=None):
    return {
        "rule_id": rule_id,
        "severity": severity,
        "blocking": blocking,
        "message_zh": "说明",
        "remedy_zh": "改法",
        "basis": ["依据"],
        "exception_reason": reason,
        "breaches": [
            {"pointer": pointer, "object_ids": [], "found_zh": "无", "required_zh": "有",
             "detail_zh": None}
            for pointer in pointers
        ],
    }  # fmt: skip


FINDINGS = {
    "blocking": [
        _finding("LIC-001", "/licence/licence_no", "/licence/valid_to"),
        _finding("SIT-003", "/party/org_form", severity="B*"),
    ],
    "excused": [_finding("NET-004", "/party/org_name", blocking=False, reason="理由")],
    "warnings": [_finding("LIC-003", "/licence/valid_to", severity="W", blocking=False)],
    "data": [_finding("CMP-001", "/institution/name")],
}


def test_findings_stand_in_groups_of_what_has_to_be_done():
    groups = grouped(items_of(FINDINGS))

    assert [(group.key, [found.first.rule_id for found in group.found]) for group in groups] == [
        ("must", ["LIC-001", "CMP-001"]),
        ("except", ["SIT-003"]),
        ("excused", ["NET-004"]),
        ("warn", ["LIC-003"]),
    ]
    assert [item.number for found in groups[0].found for item in found.items] == [1, 2, 6]


def test_next_one_is_on_another_page():
    items = items_of(FINDINGS)

    assert next_after(items, 1).rule_id == "SIT-003"
    assert next_after(items, 6) is None
    assert next_after(items, 99) is None
