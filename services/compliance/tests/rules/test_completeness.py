"""What the findings about the data themselves quote: CMP-002, CMP-003 and the owners' warnings."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from otsp_compliance.rules.completeness import labels_zh
from otsp_compliance.rules.outcome import Breach
from otsp_compliance.rules.sources import OWN
from otsp_contracts.snapshots import (
    Circumstances,
    Completeness,
    MaterialsSection,
    Snapshot,
    completeness_of,
)
from otsp_contracts.snapshots.places import LABELS_ZH

CLASS = "courses/K1/classes/K1-1"


def found_of(evaluation, rule_id):
    return next(one for one in evaluation.findings if one.rule_id == rule_id)


def warnings(section, *told):
    rows = [{"code": code, "object_id": row, "pointer": pointer} for code, row, pointer in told]
    return {f"warnings/{section}": rows}


def test_a_region_that_published_no_school_hours_is_told_of_each_class(judge):
    finding = found_of(judge("A", {"region/school_hours": {}}), "CMP-002")

    assert [(one.pointer, one.found, one.required) for one in finding.breaches] == [
        (
            f"/courses/{number}/classes/0/slots",
            {"stage": "junior", "school_hours": None},
            {"published": True},
        )
        for number in (0, 1)
    ]


def test_sessions_beyond_the_calendar_are_counted_from_the_first(judge):
    changes = {
        f"{CLASS}/start_on": "2026-12-28",
        f"{CLASS}/end_on": "2027-01-31",
        f"{CLASS}/slots": [
            {
                "weekday": 2,
                "start": "18:00",
                "lessons": 2,
                "lesson_minutes": 40,
                "break_minutes": 10,
            }
        ],
    }

    (breach,) = found_of(judge("A", changes), "CMP-003").breaches

    assert breach.pointer == "/courses/0/classes/0/slots"
    assert breach.found == {"from": "2027-01-05", "sessions": 4}
    assert breach.required == {"calendar": True}


@pytest.mark.parametrize(
    ("number", "told"),
    [(1, "栏目1"), (10, "、".join(f"栏目{each}" for each in range(1, 11)))],
)
def test_up_to_ten_labels_are_told_in_full(number, told):
    named = [Breach((), "/a", None, None, f"栏目{each}") for each in range(1, number + 1)]

    assert labels_zh(named) == told


def test_of_eleven_labels_ten_are_told_with_the_number_of_all():
    named = [Breach((), "/a", None, None, f"栏目{each}") for each in range(1, 12)]

    assert labels_zh(named).endswith("、栏目10等11项")
    assert "栏目11" not in labels_zh(named)


def test_a_doubt_says_what_to_do_and_who_asks(judge):
    finding = found_of(judge("A", warnings("staff", ("v_10", "T1", "/birth_date"))), "V-10")

    assert finding.message_zh.startswith("从业人员年龄不在18至70周岁之间")
    assert finding.remedy_zh == "请核对标明的数据；确认无误的，提交时予以说明"
    assert finding.basis == (OWN,)
    (breach,) = finding.breaches
    assert (breach.pointer, breach.object_ids) == ("/staff/0/birth_date", ("T1",))
    assert (breach.found, breach.required) == ({"doubtful": True}, {"sound": True})


def test_the_shared_scan_has_a_remedy_of_its_own(judge):
    told = warnings("institution", ("v_13", None, "/licence/scan_file_id"))
    finding = found_of(judge("A", told), "V-13")

    assert finding.remedy_zh == "请审核部门核对办学许可证原件，并与另一机构的扫描件比对"


def test_a_doubt_nobody_has_named_yet_is_told_in_general_words(judge):
    finding = found_of(judge("A", warnings("staff", ("v_99", "T1", "/mobile"))), "V-99")

    assert finding.message_zh.startswith("数据存疑，请核对")


@pytest.mark.parametrize(
    ("section", "row", "pointer", "place", "label"),
    [
        ("staff", "R1", "/photo_file_id", "/staff/2/photo_file_id", LABELS_ZH["photo_file_id"]),
        ("staff", "gone", "/photo_file_id", "/photo_file_id", LABELS_ZH["photo_file_id"]),
        ("institution", None, "/scale", "/institution/scale", LABELS_ZH["scale"]),
        ("institution", None, "/party/secretary_name", "/party/secretary_name", "书记姓名"),
        ("institution", None, "/sponsors/1/id_no", "/institution/sponsors/1/id_no", "举办者"),
        ("courses", "K2-1", "/unheard_of", "/courses/1/classes/0/unheard_of", "其他必填项"),
    ],
)
def test_what_an_owner_misses_is_placed_and_named(judge, section, row, pointer, place, label):
    finding = found_of(judge("A", warnings(section, ("missing", row, pointer))), "CMP-001")

    assert [(one.pointer, one.detail_zh) for one in finding.breaches] == [(place, label)]


ROWS = {
    ("institution", "certificates"): "certificate_id",
    ("institution", "funds/fee_items"): "fee_item_id",
    ("institution", "other_docs"): "doc_id",
    ("staff", "staff"): "staff_id",
    ("materials", "materials"): "material_id",
    ("courses", "sites"): "site_id",
    ("courses", "systems"): "system_id",
    ("courses", "courses"): "course_id",
    ("courses", "courses/0/classes"): "class_id",
}


def below(document, pointer):
    for step in pointer.split("/"):
        document = document[int(step) if step.isdigit() else step]
    return document


@pytest.mark.parametrize(("section", "part"), ROWS)
def test_a_row_that_an_owner_names_by_its_id_is_found(judge, samples, section, part):
    rows = below(samples["B"][section], part)
    told = [("v_99", row[ROWS[section, part]], "/unheard_of") for row in rows]

    finding = found_of(judge("B", warnings(section, *told)), "V-99")

    assert rows
    assert finding.pointers == tuple(f"/{part}/{number}/unheard_of" for number in range(len(rows)))


@pytest.mark.parametrize("section", ["staff", "materials", "courses"])
def test_what_an_owner_says_of_no_row_is_the_institutions(judge, section):
    finding = found_of(judge("A", warnings(section, ("v_99", None, "/unheard_of"))), "V-99")

    assert finding.pointers == ("/institution/unheard_of",)


def test_what_is_missed_twice_is_told_once(judge):
    missed = ("missing", "T1", "/photo_file_id")

    finding = found_of(judge("A", warnings("staff", missed, missed)), "CMP-001")

    assert len(finding.breaches) == 1
    assert finding.pointers == ("/staff/0/photo_file_id",)


def lacks_of(snapshot):
    """What the owners' meters say together: each looks at its own section and at the day."""
    own = snapshot.institution.institution
    known = Circumstances.of(
        snapshot.as_of,
        categories=own.categories,
        delivery_modes=own.delivery_modes,
        legal_nature=own.legal_nature,
    )
    bare = Circumstances.of(snapshot.as_of)
    modes = Circumstances.of(snapshot.as_of, delivery_modes=own.delivery_modes)
    parts = [
        *completeness_of(snapshot.institution, known).sections,
        *completeness_of(snapshot.staff, bare).sections,
        *completeness_of(snapshot.materials, bare).sections,
        *completeness_of(snapshot.courses, modes).sections,
    ]
    assert all(each.pointer.split("/")[1] == p.section for p in parts for each in p.missing)
    return Counter(
        (each.pointer, each.label_zh, each.object_id) for part in parts for each in part.missing
    )


def assert_same(meter, evaluation):
    """CMP-001 leaves to another rule what that one says of the same place (decision D17)."""
    breaches = [(one.rule_id, breach) for one in evaluation.findings for breach in one.breaches]
    incomplete = Counter(
        (each.pointer, each.detail_zh, next(iter(each.object_ids), None))
        for rule_id, each in breaches
        if rule_id == "CMP-001"
    )
    elsewhere = {each.pointer for rule_id, each in breaches if rule_id != "CMP-001"}

    assert incomplete - meter == Counter()
    assert {pointer for pointer, *_ in meter - incomplete} <= elsewhere


def test_meter_and_rule_name_the_same_fields_in_every_case(case, document_of, judged):
    if case.typed is None:
        snapshot = Snapshot.model_validate(document_of(case))

        assert_same(lacks_of(snapshot), judged(snapshot))


def emptied(node, draw):
    """The same document without some of its values, wherever they stand."""
    if isinstance(node, dict):
        kept = {key: emptied(each, draw) for key, each in node.items()}
        return {key: each for key, each in kept.items() if key.endswith("_id") or not draw()}
    if isinstance(node, list):
        return [emptied(each, draw) for each in node]
    return node


@settings(max_examples=60)
@given(st.sampled_from("ABC"), st.randoms(use_true_random=False), st.floats(0, 0.3))
def test_meter_and_rule_name_the_same_fields_of_any_dossier(samples, judged, sample, random, part):
    document = samples[sample]
    sections = ("institution", "staff", "materials", "courses")
    thinned = {name: emptied(document[name], lambda: random.random() < part) for name in sections}
    for name in sections:
        thinned[name]["field_warnings"] = [
            {
                "code": "missing",
                "object_id": None,
                "pointer": f"/{random.choice(sorted(LABELS_ZH))}",
            }
        ]
    try:
        snapshot = Snapshot.model_validate(document | thinned)
    except ValidationError:
        assume(False)  # what the sections cannot say at all

    assert_same(lacks_of(snapshot), judged(snapshot))


def test_meter_counts_what_is_asked_and_what_is_filled(changed):
    whole = changed("A")
    known = Circumstances.of(whole.as_of, delivery_modes=["offline"])

    parts = {part.section: part for part in completeness_of(whole.institution, known).sections}
    without = changed("A", {"party/org_form": None, "party/member_count": None})
    fewer = {part.section: part for part in completeness_of(without.institution, known).sections}

    assert list(parts) == ["institution", "licence", "certificates", "party", "other_docs", "funds"]
    assert (parts["party"].required, parts["party"].filled) == (7, 7)
    assert (fewer["party"].required, fewer["party"].filled) == (5, 3)
    assert [(each.pointer, each.label_zh) for each in fewer["party"].missing] == [
        ("/party/member_count", "正式党员数"),
        ("/party/org_form", "党组织形式"),
    ]


@pytest.mark.parametrize(
    ("lacking", "percent"), [((), 100), (("title",), 93), (("title", "kind"), 87)]
)
def test_percentage_is_of_what_is_asked_and_rounded_down(changed, lacking, percent):
    blank = {f"materials/B1/{name}": None for name in lacking}
    document = changed("A", blank).model_dump(mode="json")
    rows = document["materials"]["materials"]
    document["materials"]["materials"] = [row for row in rows if row["material_id"] == "B1"]
    meter = completeness_of(
        Snapshot.model_validate(document).materials, Circumstances.of(date(2024, 10, 15))
    )

    [part] = meter.sections
    assert (part.label_zh, part.percent, meter.percent) == ("培训材料", percent, percent)


def test_owner_of_whom_nothing_is_asked_lacks_nothing():
    meter = completeness_of(MaterialsSection(), Circumstances.of(date(2024, 10, 15)))

    assert meter == Completeness(required=0, filled=0, percent=100, sections=[])


def test_long_list_of_one_part_is_cut_and_its_number_is_not(changed):
    document = changed("A").model_dump(mode="json")
    blank = {"staff_id": "X", "name": None}
    document["staff"]["staff"] = [blank | {"staff_id": f"X{number}"} for number in range(30)]
    [part] = completeness_of(
        Snapshot.model_validate(document).staff, Circumstances.of(date(2024, 10, 15))
    ).sections

    assert len(part.missing) == 100 < part.required - part.filled


@pytest.mark.parametrize(
    ("place", "field", "state"),
    [
        ("staff/T1", "name", "departed"),
        ("materials/B1", "title", "draft"),
        ("sites/S1", "name", "closed"),
        ("courses/K1", "name", "closed"),
        ("courses/K1/classes/K1-1", "name", "finished"),
    ],
)
def test_what_is_over_or_not_yet_in_use_need_not_be_whole(changed, place, field, state):
    empty = {f"{place}/{field}": None}
    row = place.rsplit("/", 1)[1]

    live = lacks_of(changed("A", empty))
    over = lacks_of(changed("A", empty | {f"{place}/status": state}))

    assert [pointer for pointer, _, object_id in live if object_id == row] != []
    assert [pointer for pointer, _, object_id in over if object_id == row] == []
