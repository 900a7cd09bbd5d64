"""How findings are put together: order, exceptions, gaps, empty fields, doubts."""

from dataclasses import replace
from datetime import date

import pytest

from otsp_compliance.rules.catalogue import catalogue
from otsp_compliance.rules.engine import evaluate
from otsp_compliance.rules.parameters import NATIONAL, resolve
from otsp_compliance.rules.registry import Catalogue, Severity, rule
from otsp_compliance.rules.sources import OWN


def warning(code, object_id, pointer):
    return {"code": code, "object_id": object_id, "pointer": pointer}


def heads():
    return {one.head.id: one.head for one in catalogue().rules}


def by_id(evaluation):
    return {finding.rule_id: finding for finding in evaluation.findings}


def test_findings_are_sorted_and_repeatable(judge):
    once, again = judge("B"), judge("B")

    ids = [finding.rule_id for finding in once.findings]
    assert ids == sorted(ids)
    assert once == again


def test_what_cannot_be_judged_says_which_rule_where_and_by_which_law(judge):
    evaluation = judge("A", {"staff/T1/hired_on": None})
    told = [one for one in evaluation.findings if one.message_zh.startswith("数据缺失")]
    rule = next(one for one in told if one.message_zh.endswith("STF-009"))

    assert evaluation.as_of == date(2024, 10, 15)
    assert (rule.rule_id, rule.rule_version, rule.severity) == ("CMP-000", 1, Severity.BLOCKING)
    assert rule.remedy_zh == "补充标明的数据后重新检查"
    assert rule.basis == heads()["STF-009"].basis
    [place] = rule.breaches
    assert (place.pointer, place.object_ids) == ("/staff/0/hired_on", ("T1",))
    assert (place.found, place.required) == (None, {"rule_id": "STF-009"})


def test_an_exception_is_asked_for_an_overridable_rule_only(judge):
    changes = {"staff/T1/employment": "part_time", "staff/T2/employment": "part_time"}
    reasons = {"STF-003": "新校区招聘中", "STF-004": "同上"}

    refused = judge("A", changes)
    asked = judge("A", changes, exceptions=reasons)

    assert refused.blocking == ("STF-003", "STF-004")
    assert refused.blocks
    assert asked.blocking == ()
    assert not asked.blocks
    assert asked.to_override == {"STF-003", "STF-004"}
    assert by_id(asked)["STF-003"].exception_reason == "新校区招聘中"


def test_an_exception_does_not_excuse_from_a_blocking_rule(judge):
    evaluation = judge("B", exceptions={"STF-012": "请谅解"})

    assert "STF-012" in evaluation.blocking
    assert evaluation.to_override == frozenset()


def test_a_finding_says_what_stands_where_and_what_to_do(judge):
    finding = by_id(judge("C"))["SIT-001"]

    assert (finding.rule_version, finding.severity) == (2, Severity.BLOCKING)
    assert finding.pointers == ("/sites/0/teaching_area_centi_m2",)
    assert finding.found == ({"teaching_area_centi_m2": 5200, "peak": 20},)
    assert finding.required == ({"centi_m2_each": 300, "teaching_area_centi_m2": 6000},)
    assert finding.basis[0].text_zh == (
        "《校外培训机构消防安全管理九项规定》（教监管厅函〔2022〕9号）"
    )
    assert finding.remedy_zh


def test_without_a_licence_every_rule_that_needs_one_says_so(judge):
    evaluation = judge("A", {"licence": None})

    unjudged = [one.message_zh.split("：")[1] for one in evaluation.apart]
    assert evaluation.blocking == ("LIC-001",)
    assert unjudged == [
        "LIC-002",
        "LIC-003",
        "LIC-004",
        "LIC-006",
        "LIC-009",
        "LIC-010",
        "SIT-005",
    ]
    assert evaluation.blocks


def test_an_empty_institution_is_judged_without_a_crash(changed):
    empty = changed(
        "A",
        {
            "institution": {"institution_id": "1"},
            "licence": None,
            "certificates": [],
            "party": None,
            "funds": {},
            "other_docs": [],
            "staff": [],
            "materials": [],
            "sites": [],
            "courses": [],
        },
    )

    class NoCalendar:
        def covers(self, _):
            return False

        def is_rest_day(self, _):
            raise AssertionError

    evaluation = evaluate(
        empty,
        as_of=date(2024, 10, 15),
        parameters=NATIONAL,
        calendar=NoCalendar(),
        catalogue=catalogue(),
    )

    incomplete = by_id(evaluation)["CMP-001"]
    assert evaluation.blocks
    assert "/institution/categories" in incomplete.pointers
    assert "/staff" in incomplete.pointers


@pytest.mark.parametrize(
    ("changes", "label", "object_ids"),
    [
        ({"institution/principal_name": None}, "校长（负责人）", ()),
        ({"institution/principal_name": ""}, "校长（负责人）", ()),
        ({"certificates/0/registrar": None}, "登记机关", ("C1",)),
        ({"party/org_name": None}, "党组织名称", ()),
        ({"funds/fee_items/F1/payment_plan": None}, "付费安排", ("F1",)),
        ({"staff/M1/employment": None}, "用工形式", ("M1",)),
        ({"materials/B1/origin": None}, "材料来源", ("B1",)),
        ({"staff/M1/name": None}, "姓名", ("M1",)),
        ({"staff/T1/teach_subjects": []}, "任教课程", ("T1",)),
        ({"sites/S1/tenure": None}, "房屋产权", ("S1",)),
        ({"sites/S1/lease_to": None}, "租赁到期日", ("S1",)),
        ({"courses/K1/status": None}, "课程状态", ("K1",)),
        ({"courses/K1/classes/K1-1/name": None}, "班级名称", ("K1-1",)),
        ({"other_docs/0/file_id": None}, "章程", ()),
    ],
)
def test_an_empty_required_field_blocks_apart_from_the_rules(judge, changes, label, object_ids):
    evaluation = judge("A", changes)

    (finding,) = evaluation.apart
    assert finding.rule_id == "CMP-001"
    assert finding.message_zh == f"必填项未填写：{label}"
    assert finding.object_ids == object_ids
    assert evaluation.blocking == ()
    assert evaluation.blocks


@pytest.mark.parametrize(
    ("sample", "changes"),
    [
        ("A", {"funds/basic_account/account_type": "general"}),
        ("A", {"sites/S1/lease_to": None, "sites/S1/tenure": "own"}),
        ("C", {"party/org_name": None, "party/secretary_in_board": None}),
        ("C", {"funds/basic_account/filed_with_authority": None}),
        ("A", {"staff/M1/publicized": None, "staff/M1/quals": []}),
        ("A", {"materials/B1/subject_code": None}),
        ("A", {"certificates/0/valid_to": None}),
        ("A", {"staff/T1/annual_check_on": None, "staff/T1/hired_on": "2024-09-01"}),
        ("C", {"materials/B1/external_review": None}),
        ("A", {"other_docs": lambda docs: docs[:7]}),
        ("A", {"materials": lambda rows: [*rows, {"material_id": "B9", "status": "draft"}]}),
    ],
)
def test_fields_that_the_case_does_not_ask_for_may_be_empty(judge, sample, changes):
    told = {one.rule_id for one in judge(sample, changes).apart}

    assert told <= {"V-06"}  # the class of C outlasts its licence


@pytest.mark.parametrize(
    ("changes", "rule_id"),
    [
        ({"staff/T1/contract_signed": None}, "STF-010"),
        (
            {
                "staff/M1/nationality": "US",
                "staff/M1/in_china": True,
                "staff/M1/work_permit_held": None,
            },
            "STF-011",
        ),
        ({"staff/T1/precheck_on": None, "staff/T1/precheck_clear": None}, "STF-008"),
        ({"sites/S1/fire_proof_file_id": None}, "SIT-002"),
        ({"sites/S1/fire_check_on": None}, "SIT-006"),
        ({"courses/K1/classes/K1-1/teacher_ids": []}, "CRS-005"),
        ({"funds/contract/sample_file_id": None}, "FND-008"),
    ],
)
def test_an_empty_field_is_told_once(judge, changes, rule_id):
    evaluation = judge("A", changes)

    assert rule_id in by_id(evaluation)
    assert evaluation.apart == ()


def test_what_is_left_of_empty_fields_keeps_its_remedy_and_law(judge):
    """Where another rule tells of one of them."""
    found = by_id(judge("A", {"licence/scan_file_id": None, "courses/K1/name": None}))

    rest, whole = found["CMP-001"], heads()["CMP-001"]
    assert found["LIC-001"].pointers == ("/licence/scan_file_id",)
    assert rest.pointers == ("/courses/0/name",)
    assert (rest.rule_version, rest.remedy_zh, rest.basis) == (1, whole.remedy_zh, whole.basis)


def test_many_empty_fields_are_counted(judge):
    names = ["name", "address", "premises_type", "tenure", "floor", "region_code"]
    courses = {f"courses/K1/{one}": None for one in ("name", "host_id", "homework", "status")}
    changes = {f"sites/S1/{one}": None for one in names} | courses
    changes |= {"courses/K1/classes/K1-1/name": None}

    message = by_id(judge("A", changes))["CMP-001"].message_zh

    assert message.startswith("必填项未填写：办学点名称、办学点区划、办学点地址、")
    assert message.endswith("等11项")


@pytest.mark.parametrize("pointer", ["/sponsors", "/sponsors/1/id_no"])
def test_sponsors_that_are_lacking_or_not_whole_are_named_as_such(judge, pointer):
    evaluation = judge("A", {"warnings/institution": [warning("missing", None, pointer)]})

    found = by_id(evaluation)["CMP-001"]
    assert found.message_zh == "必填项未填写：举办者"
    assert found.pointers == (f"/institution{pointer}",)


def test_field_warnings_of_the_sections_become_findings(judge):
    evaluation = judge(
        "A",
        {
            "staff/T1/employment": None,
            "warnings/staff": [
                warning("missing", "T1", "/photo_file_id"),
                warning("missing", "T2", "/photo_file_id"),
                warning("missing", "T1", "/employment"),
                warning("v_10", "M1", "/birth_date"),
            ],
            "warnings/institution": [
                warning("missing", None, "/consult_tel"),
                warning("missing", None, "/licence/scope_text"),
                warning("v_11", None, "/uscc"),
            ],
            "warnings/courses": [warning("v_99", "K1-1", "/end_on")],
        },
    )

    found = by_id(evaluation)
    assert found["CMP-001"].message_zh == "必填项未填写：咨询电话、办学内容、用工形式、照片"
    assert found["CMP-001"].pointers == (
        "/institution/consult_tel",
        "/licence/scope_text",
        "/staff/0/employment",
        "/staff/0/photo_file_id",
        "/staff/1/photo_file_id",
    )
    assert found["V-10"].object_ids == ("M1",)
    assert found["V-10"].pointers == ("/staff/3/birth_date",)
    assert found["V-11"].pointers == ("/institution/uscc",)
    assert found["V-99"].pointers == ("/courses/0/classes/0/end_on",)
    assert found["V-99"].message_zh == "数据存疑，请核对"
    assert evaluation.warnings == ("SIT-006",)
    assert evaluation.to_acknowledge == {"SIT-006", "V-10", "V-11", "V-99"}


def test_a_delegated_level_may_license_online_subject_training(changed, calendar):
    """河南 handed the approval to the county of registration."""
    licensed = changed("B", {"licence/issuer_level": "county"})

    def blocking(delegated_levels):
        parameters = resolve(licensed.region, delegated_levels=delegated_levels)
        return evaluate(
            licensed,
            as_of=licensed.as_of,
            parameters=parameters,
            calendar=calendar,
            catalogue=catalogue(),
        ).blocking

    assert "LIC-012" in blocking(())
    assert "LIC-012" not in blocking(("county",))


def test_the_catalogue_has_the_98_rules_once_a_day():
    families = {"LIC": 18, "PTY": 2, "STF": 20, "TIM": 9, "CRS": 9, "MAT": 9, "FND": 13}
    families |= {"SIT": 8, "NET": 10, "CMP": 3}

    in_force = [one.head.id for one in catalogue().in_force(date(2025, 6, 1))]

    assert sorted(in_force) == sorted(
        f"{family}-{number:03}"
        for family, count in families.items()
        for number in range(1, count + 1)
    )


def test_two_versions_may_not_be_in_force_on_one_day():
    first = rule(
        id="NEW-001",
        severity=Severity.WARNING,
        message_zh="一",
        remedy_zh="一",
        basis=(OWN,),
        effective_from=date(2020, 1, 1),
        effective_to=date(2021, 1, 1),
    )(lambda _: ())
    later = replace(first.head, version=2, effective_from=date(2021, 1, 1), effective_to=None)

    assert len(Catalogue((first, later(first.check))).in_force(date(2021, 1, 1))) == 1
    with pytest.raises(ValueError, match="in force on one day"):
        Catalogue((first, replace(later, effective_from=date(2020, 12, 31))(first.check)))
    with pytest.raises(ValueError, match="twice"):
        Catalogue.of((first, replace(later, version=1)(first.check)))
