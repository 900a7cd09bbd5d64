"""Each check of domain specification §4.6 on a person: one case keeps it, one does not."""

from dataclasses import fields, replace
from datetime import date

import pytest

from otsp_contracts.values.formats import FORMATS
from otsp_staff.rules.doubts import doubts
from otsp_staff.rules.fields import check_departure, check_staff
from otsp_staff.rules.rows import StaffRow

TODAY = date(2024, 10, 15)
BLANK = StaffRow(
    **dict.fromkeys(field.name for field in fields(StaffRow) if field.name != "warnings")
)
WORKING = replace(BLANK, status="employed", registered_twice=False, quals=[], teach_experience=[])
SENIOR = {"type": "teacher_cert", "cert_no": "20193300141000901", "stage": "senior"}
YOUNG, OLD = date(2006, 10, 15), date(1953, 10, 16)


@pytest.mark.parametrize(
    ("check", "verdict", "body"),
    [
        ("V-01", "kept", {"id_no": "330199198506079917"}),
        ("V-01", "broken", {"id_no": "330199198506079918"}),
        ("V-02", "kept", {"contract_from": "2024-01-01", "contract_to": "2024-01-01"}),
        ("V-02", "broken", {"contract_from": "2024-01-02", "contract_to": "2024-01-01"}),
    ],
)
def test_refused_at_the_field(check, verdict, body):
    pointer = {"V-01": "/id_no", "V-02": "/contract_to"}[check]

    told = [fault.pointer for fault in check_staff(body, TODAY)]

    assert told == ([] if verdict == "kept" else [pointer])


@pytest.mark.parametrize(
    ("check", "verdict", "form", "text"),
    [
        ("V-01", "kept", "mobile", "13800000001"),
        ("V-01", "broken", "mobile", "1380000000"),
        ("V-01", "kept", "email", "office@example.cn"),
        ("V-01", "broken", "email", "office.example.cn"),
    ],
)
def test_refused_by_its_form(check, verdict, form, text):
    assert (FORMATS[form](text) is None) == (verdict == "kept")


@pytest.mark.parametrize(
    ("check", "verdict", "said"),
    [
        ("V-09", "kept", {"quals": [SENIOR]}),
        ("V-09", "broken", {"quals": [SENIOR | {"stage": "junior"}]}),
        ("V-10", "kept", {"birth_date": YOUNG}),
        ("V-10", "kept", {"birth_date": OLD}),
        ("V-10", "broken", {"birth_date": YOUNG.replace(day=16)}),
        ("V-10", "broken", {"birth_date": OLD.replace(day=15)}),
        ("V-14", "kept", {"precheck_on": TODAY}),
        ("V-14", "broken", {"precheck_on": TODAY.replace(day=16)}),
    ],
)
def test_stored_and_told(check, verdict, said):
    told = {fault.code for fault in doubts(replace(WORKING, **said), TODAY)}

    assert (check.lower().replace("-", "_") in told) == (verdict == "broken")


@pytest.mark.parametrize(
    ("check", "verdict", "day"),
    [("V-14", "kept", "2024-10-15"), ("V-14", "broken", "2024-10-16")],
)
def test_what_is_done_now_has_no_day_to_come(check, verdict, day):
    told = [fault.code for fault in check_departure({"departed_on": day}, TODAY)]

    assert told == ([] if verdict == "kept" else ["in_the_future"])
