"""Each check of domain specification §4.6 on an institution: one case keeps it, one does not."""

from dataclasses import fields as fields_of
from datetime import date
from typing import get_origin
from uuid import UUID

import pytest

from otsp_chassis.db import reading
from otsp_chassis.ids import new_id
from otsp_contracts.values.formats import FORMATS
from otsp_institution.queries.parts import is_scan_of_another_licence
from otsp_institution.rules import doubts, fields, rows

TODAY = date(2024, 10, 15)
PROFILE = doubts.Profile(["subject"], ["offline"])
MOST = 1_000_000_000


def sponsors(*shares):
    return {"sponsors": [{"share_bp": share} for share in shares]}


def blank(kind, **values):
    told = [each for each in fields_of(kind) if each.init and each.name != "warnings"]
    empty = {each.name: [] if get_origin(each.type) is list else None for each in told}
    return kind(**(empty | values))


@pytest.mark.parametrize(
    ("check", "verdict", "body"),
    [
        ("V-02", "kept", {"valid_from": "2024-01-01", "valid_to": "2024-01-01"}),
        ("V-02", "broken", {"valid_from": "2024-01-02", "valid_to": "2024-01-01"}),
        ("V-03", "kept", {"categories": ["nonsubject"], "nonsubject_types": ["sports"]}),
        ("V-03", "broken", {"categories": ["subject"], "nonsubject_types": ["sports"]}),
        ("V-03", "broken", {"categories": ["nonsubject"], "nonsubject_types": []}),
        ("V-07", "kept", {"amount_fen": 1}),
        ("V-07", "kept", {"amount_fen": MOST}),
        ("V-07", "broken", {"amount_fen": 0}),
        ("V-07", "broken", {"amount_fen": MOST + 1}),
        ("V-07", "broken", {"extra_items": [{"amount_fen": 0}]}),
        ("V-08", "kept", sponsors()),
        ("V-08", "kept", sponsors(10_000)),
        ("V-08", "kept", sponsors(3_333, 3_333, 3_334)),
        ("V-08", "broken", sponsors(9_999)),
        ("V-08", "broken", sponsors(6_000, 4_001)),
        ("V-08", "broken", sponsors(0)),
    ],
)
def test_refused_at_the_field(check, verdict, body):
    judge = {
        "V-02": fields.check_licence,
        "V-03": fields.check_institution,
        "V-07": fields.check_fee_item,
        "V-08": fields.check_institution,
    }[check]

    assert bool(list(judge(body))) == (verdict == "broken")


@pytest.mark.parametrize(
    ("check", "verdict", "number"),
    [("V-01", "kept", "52330106MJFAKE011P"), ("V-01", "broken", "52330106MJFAKE0110")],
)
def test_refused_by_its_form(check, verdict, number):
    assert (FORMATS["uscc18"](number) is None) == (verdict == "kept")


@pytest.mark.parametrize(
    ("check", "verdict", "row"),
    [
        ("V-01", "kept", blank(rows.BasicAccountRow, account_no="33010000099990001")),
        ("V-01", "broken", blank(rows.BasicAccountRow, account_no="3301")),
        (
            "V-11",
            "kept",
            blank(
                rows.InstitutionRow, uscc="52330106MJFAKE011P", region_code="330106", sponsors=[]
            ),
        ),
        (
            "V-11",
            "broken",
            blank(
                rows.InstitutionRow, uscc="52330106MJFAKE011P", region_code="330105", sponsors=[]
            ),
        ),
        ("V-14", "kept", blank(rows.LicenceRow, issued_on=TODAY, valid_to=date(2999, 1, 1))),
        ("V-14", "broken", blank(rows.LicenceRow, issued_on=date(2024, 10, 16))),
    ],
)
def test_stored_and_told(check, verdict, row):
    told = {doubt.code for doubt in doubts.doubts_of(row, PROFILE, TODAY)}

    assert (check.lower().replace("-", "_") in told) == (verdict == "broken")


@pytest.mark.parametrize(
    ("check", "verdict", "content"),
    [("V-13", "kept", b"another scan"), ("V-13", "broken", b"the same scan")],
)
def test_a_scan_is_compared_with_those_of_other_licences(kit, check, verdict, content):
    head = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
    ids = []
    for scan in (b"the same scan", content):
        own = kit.as_institution(new_id())
        place = f"/api/institution/v1/institutions/{own.principal.institution_id}"
        options = {"raw": head + scan, "content_type": "image/png", "query": {"name": "x.png"}}
        file_id = own.post(f"{place}/files", **options).json["file_id"]
        assert own.put(f"{place}/licence", {"scan_file_id": file_id}).status == 201
        ids.append((own.principal.institution_id, file_id))

    with kit.active(), reading() as tx:
        found = is_scan_of_another_licence(tx, ids[1][0], UUID(ids[1][1]))

    assert found == (verdict == "broken")
