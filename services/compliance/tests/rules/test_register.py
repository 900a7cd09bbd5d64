"""What is published of an approved institution: these fields, of these people, and nothing else."""

import datetime as dt
import re
import types
import typing

import orjson
import pytest

from otsp_compliance.rules.register import public_entry
from otsp_contracts.snapshots import Snapshot, StaffFacts
from otsp_contracts.snapshots.section import Facts

PUBLISHED = [
    "courses.courses.category",
    "courses.courses.classes.name",
    "courses.courses.delivery",
    "courses.courses.name",
    "courses.courses.stage",
    "courses.courses.subject_code",
    "courses.sites.address",
    "courses.sites.name",
    "courses.sites.region_code",
    "courses.systems.icp_no",
    "courses.systems.kind",
    "courses.systems.name",
    "courses.systems.url",
    "institution.funds.fee_items.charge_mode",
    "institution.funds.fee_items.name",
    "institution.funds.fee_items.refund_policy",
    "institution.funds.supervision.bank_name",
    "institution.funds.supervision.mode",
    "institution.institution.categories",
    "institution.institution.complaint_tel",
    "institution.institution.consult_tel",
    "institution.institution.delivery_modes",
    "institution.institution.institution_id",
    "institution.institution.logo_file_id",
    "institution.institution.name",
    "institution.institution.nonsubject_types",
    "institution.institution.region_code",
    "institution.institution.short_name",
    "institution.institution.stages",
    "institution.institution.uscc",
    "institution.institution.website",
    "institution.licence.issuer_name",
    "institution.licence.licence_no",
    "institution.licence.scope_categories",
    "institution.licence.scope_delivery",
    "institution.licence.scope_stages",
    "institution.licence.scope_subject_codes",
    "institution.licence.scope_text",
    "materials.materials.category",
    "materials.materials.stage",
    "materials.materials.subject_code",
    "materials.materials.title",
    "staff.staff.name",
    "staff.staff.photo_file_id",
    "staff.staff.quals.cert_no_masked",
    "staff.staff.quals.stage",
    "staff.staff.quals.subject",
    "staff.staff.quals.type",
    "staff.staff.staff_id",
    "staff.staff.teach_experience.org",
    "staff.staff.teach_experience.post",
]
NOT_TEXT = {"staff.staff.status": "employed", "staff.staff.staff_type": "teaching"}
NOT_TEXT |= {"materials.materials.status": "in_use", "courses.sites.status": "open"}
MARK = re.compile("«([a-z_.]+)»")


def filled(kind, place=""):
    """A snapshot with something in every field; each text says where it stands."""
    if isinstance(kind, type) and issubclass(kind, Facts):
        inside = f"{place}." if place else ""
        return {
            name: filled(field.annotation, f"{inside}{name}")
            for name, field in kind.model_fields.items()
        }
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return filled(next(each for each in arguments if each is not type(None)), place)
    if origin is typing.Annotated:
        is_time = any(getattr(each, "pattern", None) for each in arguments[1:])
        return "08:00" if is_time else filled(arguments[0], place)
    if origin is tuple:
        return [filled(each, place) for each in arguments if each is not Ellipsis]
    if kind is str or kind is typing.Any:
        return NOT_TEXT.get(place, f"«{place}»")
    return {bool: True, int: 4, dt.date: "2024-09-01"}.get(kind, {})


def told_of(snapshot):
    return orjson.dumps(public_entry(snapshot)).decode()


@pytest.fixture
def everything():
    return filled(Snapshot)


def test_only_what_the_law_has_published_is_published(everything):
    told = told_of(Snapshot.model_validate(everything))

    assert sorted(set(MARK.findall(told))) == sorted(PUBLISHED)


@pytest.mark.parametrize(
    ("post", "status", "is_told"),
    [
        ("teaching", "employed", True),
        ("research", "employed", True),
        ("management", "employed", False),
        ("assistant", "employed", False),
        ("safety", "employed", False),
        ("finance", "employed", False),
        ("other", "employed", False),
        (None, "employed", False),
        ("teaching", "departed", False),
    ],
)
def test_of_people_only_those_who_teach_or_research_now_are_named(
    everything, post, status, is_told
):
    [person] = everything["staff"]["staff"]
    person |= {"staff_type": post, "status": status}

    entry = public_entry(Snapshot.model_validate(everything))

    assert bool(entry.detail.teachers) == is_told
    assert ("«staff.staff." in orjson.dumps(entry).decode()) == is_told


@pytest.mark.parametrize(
    ("number", "last"), [("1202026209900123456", "3456"), ("12345678", None), (None, None)]
)
def test_of_an_account_the_last_four_digits_are_told_and_no_short_number(everything, number, last):
    everything["institution"]["funds"]["supervision"]["account_no"] = number
    everything["institution"]["funds"]["basic_account"]["account_no"] = "6222000011112222"

    entry = public_entry(Snapshot.model_validate(everything))

    assert entry.detail.supervision.account_last4 == last
    told = orjson.dumps(entry).decode()
    assert "2222" not in told
    assert number is None or number not in told


@pytest.mark.parametrize(
    ("external", "internal", "review"),
    [
        ({"result": "pass"}, {"result": "pass"}, "external_passed"),
        ({"result": "fail"}, {"result": "pass"}, "internal_passed"),
        (None, {"result": "pass"}, "internal_passed"),
        (None, {"result": "fail"}, "none"),
        (None, None, "none"),
    ],
)
def test_a_material_tells_which_review_it_passed(everything, external, internal, review):
    [material] = everything["materials"]["materials"]
    material |= {"external_review": external, "internal_review": internal}

    [told] = public_entry(Snapshot.model_validate(everything)).detail.materials

    assert told.review == review


def test_a_teacher_is_told_with_the_open_courses_of_running_classes(everything):
    [course] = everything["courses"]["courses"]
    taught, over = dict(course["classes"][0]), dict(course["classes"][0])
    taught |= {"teacher_ids": ["T1"], "status": "enrolling"}
    over |= {"teacher_ids": ["T2"], "status": "finished"}
    everything["courses"]["courses"] = [
        course | {"name": "初中数学", "status": "running", "classes": [taught, over]},
        course | {"name": "高中数学", "status": "closed", "classes": [taught]},
    ]
    [person] = everything["staff"]["staff"]
    everything["staff"]["staff"] = [person | {"staff_id": each} for each in ("T1", "T2")]

    detail = public_entry(Snapshot.model_validate(everything)).detail

    assert [(one.staff_id, one.courses) for one in detail.teachers] == [
        ("T1", ["初中数学"]),
        ("T2", []),
    ]
    assert [(one.name, len(one.classes)) for one in detail.courses] == [("初中数学", 1)]


def test_a_course_names_its_place_its_charge_and_its_hours(everything):
    [course] = everything["courses"]["courses"]
    everything["courses"]["sites"][0] |= {"site_id": "S1", "name": "文三路办学点"}
    everything["courses"]["systems"][0] |= {"system_id": "N1", "name": "云课堂"}
    everything["institution"]["funds"]["fee_items"][0] |= {"fee_item_id": "F1", "name": "春季班"}
    everything["courses"]["courses"] = [
        course | {"host_id": "S1", "fee_item_id": "F1"},
        course | {"host_id": "N1", "fee_item_id": "gone"},
    ]

    first, second = public_entry(Snapshot.model_validate(everything)).detail.courses

    assert (first.place, first.fee_item) == ("文三路办学点", "春季班")
    assert (second.place, second.fee_item) == ("云课堂", None)
    weekly, once = first.classes[0].lessons
    assert (weekly.weekday, weekly.date, weekly.start) == (4, None, "08:00")
    assert (once.weekday, once.date) == (None, dt.date(2024, 9, 1))


def test_what_an_institution_lacks_is_empty_and_no_error():
    bare = {
        "as_of": "2024-10-15",
        "institution": {"institution": {"institution_id": "i"}},
        "staff": {"staff": [StaffFacts(staff_id="T1", staff_type="teaching").model_dump()]},
        "materials": {},
        "courses": {"courses": [{"course_id": "K1"}]},
        "region": {"code": "330106"},
    }

    entry = public_entry(Snapshot.model_validate(bare))

    assert (entry.name, entry.licence_no, entry.detail.supervision.mode) == ("", None, None)
    assert entry.detail.teachers[0].name is None
