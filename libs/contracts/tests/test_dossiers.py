"""Dossiers: the samples are read, what is wrong is told by place, null is not absence."""

import copy
import datetime as dt
from pathlib import Path

import pytest
import yaml

from otsp_contracts.snapshots import Dossier, DossierErrors, parse_dossiers

SAMPLES = Path(__file__).parents[3] / "docs" / "samples.yaml"
SPONSOR = {"name": "示例", "share_pct": 33.33}
ABSENT = object()


@pytest.fixture(scope="session")
def originals():
    return yaml.safe_load(SAMPLES.read_text("utf-8"))


@pytest.fixture
def samples(originals):
    return copy.deepcopy(originals)


def put(document, path, value):
    for step in path[:-1]:
        document = document[step]
    if value is ABSENT:
        del document[path[-1]]
    else:
        document[path[-1]] = value


def errors_of(document):
    (parsed,) = parse_dossiers([document])
    assert isinstance(parsed, DossierErrors)
    return [(error.pointer, error.code) for error in parsed.errors]


def test_the_samples_are_three_dossiers(samples):
    parsed = parse_dossiers(samples)

    assert [type(one) for one in parsed] == [Dossier] * 3
    assert [one.sample for one in parsed] == ["A", "B", "C"]
    assert {one.as_of for one in parsed} == {dt.date(2024, 10, 15)}


def test_decimals_become_whole_numbers_on_entry(samples):
    put(samples[0], ["sites", 0, "teaching_area_m2"], 52.55)
    put(samples[0], ["region", "min_area_m2"], {"default": 3, "sports": 5.5})
    put(samples[0], ["region", "deposit_ratio"], 1.0)
    put(samples[0], ["institution", "sponsors"], [SPONSOR, SPONSOR | {"share_pct": 66.67}])

    (dossier,) = parse_dossiers(samples[:1])

    assert dossier.sites[0].teaching_area_centi_m2 == 5255
    assert dossier.sites[0].building_area_centi_m2 is None
    assert dossier.region.price_float_bp == 1000
    assert dossier.region.deposit_ratio_bp == 10000
    assert dossier.region.min_area_centi_m2 == {"default": 300, "sports": 550}
    assert [each.share_bp for each in dossier.institution.sponsors] == [3333, 6667]


def test_null_is_told_from_absence(samples):
    licence, certificate = (
        parse_dossiers(samples)[2].licence,
        parse_dossiers(samples)[2].certificate,
    )

    assert certificate.valid_to is None
    assert "valid_to" in certificate.model_fields_set
    assert licence.issued_on is None
    assert "issued_on" not in licence.model_fields_set


def test_a_null_of_a_decimal_is_told_from_absence_too(samples):
    put(samples[0], ["sites", 0, "teaching_area_m2"], None)

    (dossier,) = parse_dossiers(samples[:1])

    assert "teaching_area_centi_m2" in dossier.sites[0].model_fields_set
    assert "building_area_centi_m2" not in dossier.sites[0].model_fields_set


def test_what_only_others_can_set_is_read(samples):
    put(samples[0], ["staff", 0, "other_full_time"], True)
    put(samples[0], ["staff", 0, "blacklisted"], True)
    put(samples[0], ["funds", "audit_reports"], [{"year": 2023, "file_id": "f-a9"}])
    put(
        samples[0],
        ["courses", 0, "classes", 0, "extra_sessions"],
        [
            {
                "date": dt.date(2024, 11, 2),
                "start": "09:00",
                "lessons": 2,
                "lesson_minutes": 45,
                "break_minutes": 10,
            }
        ],
    )

    (dossier,) = parse_dossiers(samples[:1])

    assert dossier.staff[0].other_full_time is True
    assert dossier.funds.audit_reports[0].year == 2023
    assert dossier.courses[0].classes[0].extra_sessions[0].date == dt.date(2024, 11, 2)


def test_typed_numbers_are_cleaned(samples):
    put(samples[0], ["institution", "uscc"], "　５２330106mjfake011p ")

    (dossier,) = parse_dossiers(samples[:1])

    assert dossier.institution.uscc == "52330106MJFAKE011P"


@pytest.mark.parametrize("path", ["licence", "certificate", "party", "funds", "sites", "region"])
def test_any_part_but_the_institution_may_be_null(samples, path):
    put(samples[0], [path], None)

    (dossier,) = parse_dossiers(samples[:1])

    assert getattr(dossier, path) is None


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/institution/uscc", "52330106MJFAKE012P", "check_digit"),
        ("/institution/uscc", "52330106MJFAKE01", "bad_format"),
        ("/certificate/uscc", "52330106MJFAKE011Q", "check_digit"),
        ("/institution/region_code", "330199", "unknown_region"),
        ("/institution/legal_nature", "charity", "unknown_code"),
        ("/institution/categories/0", "maths", "unknown_code"),
        ("/institution/categories", "subject", "wrong_type"),
        ("/institution/legal_rep/id_no", "330199197803129905", "check_digit"),
        ("/institution/listed_affiliate", "no", "wrong_type"),
        ("/licence/valid_to", "2024-02-30", "bad_date"),
        ("/licence/valid_to", 20240228, "wrong_type"),
        ("/licence/licence_no", 133010670009901, "wrong_type"),
        ("/licence/colour", "red", "unknown_field"),
        ("/party/member_count", -1, "out_of_range"),
        ("/party/member_count", True, "wrong_type"),
        ("/funds/supervision/mode", "mattress", "unknown_code"),
        ("/funds/fee_items/0/amount_fen", 1920.5, "wrong_type"),
        ("/funds/fee_items/0/fee_item_id", ABSENT, "required"),
        ("/staff/1/id_no", "330199199001019920", "check_digit"),
        ("/staff/1/id_no", "330199199013019921", "bad_date"),
        ("/staff/1/staff_id", "T1", "duplicate_id"),
        ("/staff/1/hired_on", dt.datetime(2024, 1, 1, 8, tzinfo=dt.UTC), "wrong_type"),
        ("/staff/1/nationality", "China", "bad_format"),
        ("/staff/0/quals/0/type", "diploma", "unknown_code"),
        ("/materials/0/authors/0/years", "six", "wrong_type"),
        ("/sites/0/teaching_area_m2", 180.555, "out_of_range"),
        ("/sites/0/teaching_area_m2", -1, "out_of_range"),
        ("/sites/0/teaching_area_m2", float("nan"), "out_of_range"),
        ("/sites/0/teaching_area_m2", "180", "wrong_type"),
        ("/courses/0/classes/0/slots/1/weekday", 8, "out_of_range"),
        ("/courses/0/classes/0/slots/1/start", "25:00", "bad_format"),
        ("/courses/0/classes/0/slots/1/start", 1110, "wrong_type"),
        ("/courses/0/classes/0/skip_dates", ["2024-10-32"], "bad_date"),
        ("/courses/1/classes/0/class_id", "K1-1", "duplicate_id"),
        ("/region/school_hours", {"primry": ["08:00", "16:00"]}, "unknown_code"),
        ("/region/school_hours", {"primary": ["08:00"]}, "required"),
        ("/region/price_float", 0.12345, "out_of_range"),
        ("/region/overrides", {"max_lessons": 40.5}, "wrong_type"),
        ("/institution", None, "wrong_type"),
        ("/sample", ABSENT, "required"),
    ],
)
def test_a_bad_place_is_told_exactly(samples, path, value, code):
    steps = [int(step) if step.isdigit() else step for step in path[1:].split("/")]
    put(samples[0], steps, value)

    ((pointer, found),) = errors_of(samples[0])

    assert pointer.startswith(path)
    assert found == code


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("share_pct", ABSENT, "required"),
        ("share_pct", None, "wrong_type"),
        ("share_pct", "100", "wrong_type"),
        ("share_pct", 99.999, "out_of_range"),
        ("share_pct", 100.01, "out_of_range"),
        ("share_pct", -1, "out_of_range"),
        ("name", ABSENT, "required"),
        ("id_no", "330199197803129905", "check_digit"),
    ],
)
def test_what_is_wrong_with_a_sponsor_is_told_exactly(samples, name, value, code):
    sponsor = dict(SPONSOR, id_no=None)
    put(sponsor, [name], value)
    put(samples[0], ["institution", "sponsors"], [SPONSOR, sponsor])

    assert errors_of(samples[0]) == [(f"/institution/sponsors/1/{name}", code)]


def test_everything_that_is_wrong_is_told_at_once_in_chinese(samples):
    put(samples[0], ["institution", "uscc"], "52330106MJFAKE012P")
    put(samples[0], ["staff", 2, "hired_on"], "2021-13-01")
    put(samples[0], ["sites", 0, "flor"], 3)

    (parsed,) = parse_dossiers(samples[:1])

    assert [error.pointer for error in parsed.errors] == [
        "/institution/uscc",
        "/staff/2/hired_on",
        "/sites/0/flor",
    ]
    assert all("\u4e00" <= error.detail[0] <= "\u9fff" for error in parsed.errors)


def test_a_refused_dossier_does_not_stop_the_others(samples):
    put(samples[1], ["institution", "uscc"], "52330106MJFAKE012P")

    first, second, third = parse_dossiers([samples[0], samples[1], samples[2]])

    assert isinstance(first, Dossier)
    assert isinstance(second, DossierErrors)
    assert second.sample == "B"
    assert isinstance(third, Dossier)


def test_numbers_of_other_documents_are_taken_as_they_are(samples):
    put(samples[0], ["staff", 0, "nationality"], "US")
    put(samples[0], ["staff", 0, "id_no"], "X0000001")
    put(samples[0], ["institution", "legal_rep", "id_type"], "hk_mo_permit")
    put(samples[0], ["institution", "legal_rep", "id_no"], "H00000001")
    passport = {"id_type": "passport", "id_no": "X0000002"}
    put(samples[0], ["institution", "sponsors"], [SPONSOR | passport])

    assert isinstance(parse_dossiers(samples[:1])[0], Dossier)


def test_a_pointer_escapes_what_json_pointer_escapes(samples):
    put(samples[0], ["party", "a/b~c"], 1)

    assert errors_of(samples[0]) == [("/party/a~1b~0c", "unknown_field")]


@pytest.mark.parametrize("item", [None, "A", 1, []])
def test_what_is_no_mapping_is_no_dossier(item):
    assert errors_of(item) == [("", "wrong_type")]


def test_a_document_may_be_empty_or_hold_one_dossier(samples):
    assert parse_dossiers(None) == []
    assert isinstance(parse_dossiers(samples[0])[0], Dossier)


def test_rows_may_be_numbered(samples):
    put(samples[0], ["sample"], 17)
    put(samples[0], ["staff", 3, "staff_id"], 4)

    (dossier,) = parse_dossiers(samples[:1])

    assert dossier.sample == "17"
    assert dossier.staff[3].staff_id == "4"


def test_number_of_the_controller_must_be_sound(samples):
    controller = {"name": "示例", "id_no": "330199197803129905"}
    put(samples[0], ["institution", "actual_controller"], controller)

    assert errors_of(samples[0]) == [("/institution/actual_controller/id_no", "check_digit")]
