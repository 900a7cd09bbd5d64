"""What the public may know of an approved institution (白名单), out of its sealed snapshot.

Named here is what is published and nothing else is: the right-hand column of the masking matrix
(domain specification §5.3) and the look-up of §5.2. A person appears when teaching or research is
their post (《校外培训机构从业人员管理办法（试行）》), with the mask of a certificate's
number; an account with its last four digits. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from otsp_contracts.snapshots import (
    ClassFacts,
    CoursesSection,
    FeeItemFacts,
    InstitutionSection,
    LicenceFacts,
    MaterialFacts,
    QualFacts,
    Snapshot,
    StaffFacts,
    StaffSection,
    SupervisionFacts,
    SystemFacts,
)
from otsp_contracts.snapshots.courses import ExtraSession, Slot
from otsp_contracts.snapshots.live import classes, courses, employed, in_use, sites, systems

PUBLISHED_POSTS: Final = frozenset({"teaching", "research"})
"""教学、教研人员; everybody else is made known within the institution only."""
_LAST: Final = 4
_PHOTO: Final = "/api/staff/v1/public/photos/{institution_id}/{file_id}"
_LOGO: Final = "/api/institution/v1/public/logos/{institution_id}/{file_id}"
"""Files lie with the services that own them; they show what the register names."""


@dataclass(frozen=True, slots=True)
class PublicLicence:
    """The school licence (办学许可证)."""

    licence_no: str | None
    issuer_name: str | None
    valid_from: date | None
    valid_to: date | None
    scope_text: str | None
    scope_categories: Sequence[str]
    scope_delivery: Sequence[str]
    scope_stages: Sequence[str]
    scope_subject_codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class PublicSite:
    """Where is taught."""

    name: str | None
    region_code: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class PublicSystem:
    """Through what is taught online."""

    name: str | None
    kind: str | None
    url: str | None
    icp_no: str | None


@dataclass(frozen=True, slots=True)
class PublicSupervision:
    """Who keeps prepaid fees, and the end of the number of the account that they are paid into."""

    mode: str | None
    bank_name: str | None
    account_last4: str | None


@dataclass(frozen=True, slots=True)
class PublicFee:
    """A charge and how it is paid back."""

    name: str | None
    charge_mode: str | None
    lesson_count: int | None
    period_days: int | None
    amount_fen: int | None
    refund_policy: str | None


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """A proof of qualification."""

    type: str | None
    stage: str | None
    subject: str | None
    cert_no_masked: str | None


@dataclass(frozen=True, slots=True)
class PublicPost:
    """An earlier post (从教经历)."""

    from_on: date | None
    to_on: date | None
    org: str | None
    post: str | None


@dataclass(frozen=True, slots=True)
class PublicTeacher:
    """Who teaches or researches; `courses` are the names of what they teach now, `photo` the path
    of a picture.
    """

    staff_id: str
    name: str | None
    photo: str | None
    staff_type: str | None
    certificates: Sequence[PublicCertificate]
    experience: Sequence[PublicPost]
    courses: Sequence[str]


@dataclass(frozen=True, slots=True)
class PublicLesson:
    """A weekly time (with `weekday`, 1 is Monday) or a session of its own (with `date`)."""

    weekday: int | None
    date: date | None
    start: str | None
    lessons: int | None
    lesson_minutes: int | None
    break_minutes: int | None


@dataclass(frozen=True, slots=True)
class PublicClass:
    """A class and its timetable; how many attend is not published."""

    name: str | None
    start_on: date | None
    end_on: date | None
    lessons: Sequence[PublicLesson]
    skip_dates: Sequence[date]


@dataclass(frozen=True, slots=True)
class PublicCourse:
    """A course; `place` and `fee_item` are the names of the site or system and of the charge."""

    name: str | None
    category: str | None
    subject_code: str | None
    stage: str | None
    delivery: str | None
    place: str | None
    fee_item: str | None
    classes: Sequence[PublicClass]


@dataclass(frozen=True, slots=True)
class PublicMaterial:
    """A material in use; `review` is external_passed, internal_passed or none."""

    title: str | None
    category: str | None
    subject_code: str | None
    stage: str | None
    review: str


@dataclass(frozen=True, slots=True)
class PublicDetail:
    """What the detail page tells beside the line of the list."""

    licence: PublicLicence
    consult_tel: str | None
    complaint_tel: str | None
    website: str | None
    sites: Sequence[PublicSite]
    systems: Sequence[PublicSystem]
    supervision: PublicSupervision
    fee_items: Sequence[PublicFee]
    teachers: Sequence[PublicTeacher]
    courses: Sequence[PublicCourse]
    materials: Sequence[PublicMaterial]


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """An institution as the register has it: what it is found by, and its detail page."""

    name: str
    short_name: str | None
    uscc: str | None
    region_code: str
    categories: Sequence[str]
    delivery_modes: Sequence[str]
    nonsubject_types: Sequence[str]
    stages: Sequence[str]
    licence_no: str | None
    licence_valid_to: date | None
    logo_file_id: str | None
    photo_file_ids: Sequence[str]
    detail: PublicDetail


def public_entry(snapshot: Snapshot) -> PublicEntry:
    """What is over by then (closed sites, finished classes, people who left) is left out."""
    section = snapshot.institution
    own, licence = section.institution, section.licence or LicenceFacts()
    teaching = _published_people(snapshot.staff)
    return PublicEntry(
        name=own.name or "",
        short_name=own.short_name,
        uscc=own.uscc,
        region_code=own.region_code or "",
        categories=own.categories,
        delivery_modes=own.delivery_modes,
        nonsubject_types=own.nonsubject_types,
        stages=own.stages,
        licence_no=licence.licence_no,
        licence_valid_to=licence.valid_to,
        logo_file_id=own.logo_file_id,
        photo_file_ids=[each.photo_file_id for each in teaching if each.photo_file_id],
        detail=PublicDetail(
            licence=_licence(licence),
            consult_tel=own.consult_tel,
            complaint_tel=own.complaint_tel,
            website=own.website,
            sites=[
                PublicSite(row.value.name, row.value.region_code, row.value.address)
                for row in sites(snapshot.courses)
            ],
            systems=[_system(row.value) for row in systems(snapshot.courses)],
            supervision=_supervision(section.funds.supervision or SupervisionFacts()),
            fee_items=[_fee(fee) for fee in section.funds.fee_items],
            teachers=_teachers(teaching, snapshot.courses, own.institution_id),
            courses=_courses(snapshot.courses, section),
            materials=[_material(row.value) for row in in_use(snapshot.materials)],
        ),
    )


def logo_path(institution_id: str, logo_file_id: str | None) -> str | None:
    """Where everybody gets the logo as a picture."""
    return _path(_LOGO, institution_id, logo_file_id)


def _path(form: str, institution_id: str, file_id: str | None) -> str | None:
    return form.format(institution_id=institution_id, file_id=file_id) if file_id else None


def _licence(licence: LicenceFacts) -> PublicLicence:
    return PublicLicence(
        licence_no=licence.licence_no,
        issuer_name=licence.issuer_name,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        scope_text=licence.scope_text,
        scope_categories=licence.scope_categories or (),
        scope_delivery=licence.scope_delivery or (),
        scope_stages=licence.scope_stages or (),
        scope_subject_codes=licence.scope_subject_codes or (),
    )


def _system(system: SystemFacts) -> PublicSystem:
    return PublicSystem(system.name, system.kind, system.url, system.icp_no)


def _supervision(supervision: SupervisionFacts) -> PublicSupervision:
    """Of a number that four digits are not much less than, nothing is told."""
    number = supervision.account_no or ""
    last = number[-_LAST:] if len(number) > 2 * _LAST else None
    return PublicSupervision(supervision.mode, supervision.bank_name, last)


def _fee(fee: FeeItemFacts) -> PublicFee:
    return PublicFee(
        name=fee.name,
        charge_mode=fee.charge_mode,
        lesson_count=fee.lesson_count,
        period_days=fee.period_days,
        amount_fen=fee.amount_fen,
        refund_policy=fee.refund_policy,
    )


def _published_people(staff: StaffSection) -> list[StaffFacts]:
    return [row.value for row in employed(staff) if row.value.staff_type in PUBLISHED_POSTS]


def _teachers(
    people: Iterable[StaffFacts], section: CoursesSection, institution_id: str
) -> list[PublicTeacher]:
    taught = _taught(section)
    return [_teacher(person, sorted(taught[person.staff_id]), institution_id) for person in people]


def _taught(section: CoursesSection) -> Mapping[str, set[str]]:
    """The names of the courses that each person teaches."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for course in courses(section):
        for each in classes(course):
            for staff_id in each.value.teacher_ids:
                found[staff_id].update([course.value.name] if course.value.name else ())
    return found


def _teacher(person: StaffFacts, taught: Sequence[str], institution_id: str) -> PublicTeacher:
    return PublicTeacher(
        staff_id=person.staff_id,
        name=person.name,
        photo=_path(_PHOTO, institution_id, person.photo_file_id),
        staff_type=person.staff_type,
        certificates=[_certificate(qual) for qual in person.quals],
        experience=[
            PublicPost(each.from_on, each.to_on, each.org, each.post)
            for each in person.teach_experience
        ],
        courses=taught,
    )


def _certificate(qual: QualFacts) -> PublicCertificate:
    return PublicCertificate(qual.type, qual.stage, qual.subject, qual.cert_no_masked)


def _courses(section: CoursesSection, institution: InstitutionSection) -> list[PublicCourse]:
    places = {site.site_id: site.name for site in section.sites}
    places |= {system.system_id: system.name for system in section.systems}
    fees = {fee.fee_item_id: fee.name for fee in institution.funds.fee_items}
    return [
        PublicCourse(
            name=row.value.name,
            category=row.value.category,
            subject_code=row.value.subject_code,
            stage=row.value.stage,
            delivery=row.value.delivery,
            place=places.get(row.value.host_id or ""),
            fee_item=fees.get(row.value.fee_item_id or ""),
            classes=[_class(each.value) for each in classes(row)],
        )
        for row in courses(section)
    ]


def _class(a_class: ClassFacts) -> PublicClass:
    return PublicClass(
        name=a_class.name,
        start_on=a_class.start_on,
        end_on=a_class.end_on,
        lessons=_lessons([*a_class.slots, *a_class.extra_sessions]),
        skip_dates=a_class.skip_dates,
    )


def _lessons(times: Iterable[Slot | ExtraSession]) -> list[PublicLesson]:
    return [
        PublicLesson(
            weekday=each.weekday if isinstance(each, Slot) else None,
            date=each.date if isinstance(each, ExtraSession) else None,
            start=each.start,
            lessons=each.lessons,
            lesson_minutes=each.lesson_minutes,
            break_minutes=each.break_minutes,
        )
        for each in times
    ]


def _material(material: MaterialFacts) -> PublicMaterial:
    review = "none"
    if material.external_review is not None and material.external_review.result == "pass":
        review = "external_passed"
    elif material.internal_review is not None and material.internal_review.result == "pass":
        review = "internal_passed"
    return PublicMaterial(
        title=material.title,
        category=material.category,
        subject_code=material.subject_code,
        stage=material.stage,
        review=review,
    )
