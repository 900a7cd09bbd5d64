"""Courses and classes from workbooks: a row calls what it belongs to by name.

A course is found by its name and what it is held at, a class by its name and its course. Of one
that is there an empty cell says nothing, so it keeps what stands; its state has steps of its own.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.imports.fields import NAMES, Body
from otsp_chassis.imports.forms import Form
from otsp_chassis.imports.importer import ADDED, CHANGED, FAULTY, UNCHANGED, Importer, Verdict
from otsp_contracts.values import FieldError
from otsp_contracts.values.formats import FORMATS
from otsp_courses.commands import SCOPE
from otsp_courses.commands import import_columns as columns
from otsp_courses.commands.classes import add_class, change_class
from otsp_courses.commands.courses import add_course, change_course
from otsp_courses.commands.entry import PARTS, entered, typed
from otsp_courses.model import Course, Owned, Site, System, TrainingClass
from otsp_courses.queries.copies import find_people
from otsp_courses.queries.courses import COURSES
from otsp_courses.queries.institutions import find_institution
from otsp_courses.rules import fields, states
from otsp_courses.rules.advice import advise_class, advise_course
from otsp_courses.rules.references import unfit_people
from otsp_courses.rules.rows import ClassRow, CourseRow

Key = tuple[str, ...]

_PARENT = "course_id"
_PEOPLE = frozenset({"teacher_ids", "assistant_ids"})
_HOST, _COURSE = f"/{NAMES}/host", f"/{NAMES}/course"
_SEVERAL = FieldError("/name", "several", "已登记了多个同名的，请先修改名称使其不同。")
_OTHER_STATUS = FieldError(
    "/status", "other_status", "已经登记；状态的变更请在课程管理中办理，不能导入。"
)
_NOT_ALTERABLE = FieldError(
    "/name", "not_alterable", "课程已停开，或班级已结班、已取消，不能再修改。"
)
_COURSE_CLOSED = FieldError(_COURSE, "course_closed", "课程已停开，不能新增班级。")


def _as_in_fact(body: Body, initial: str) -> Body:
    """A row that tells a state is of one that was there before the platform knew it."""
    return body | {"existing": True} if body.get("status", initial) != initial else body


def _check_course(body: Body) -> Iterator[FieldError]:
    return fields.check_new_course(_as_in_fact(body, "draft"))


def _check_class(body: Body) -> Iterator[FieldError]:
    return fields.check_new_class(_class_in_fact(body))


def _class_in_fact(body: Body) -> Body:
    return _as_in_fact(body, "planned")


def _course_key(body: Body) -> Key:
    return body["name"], body[NAMES]["host"]


def _class_key(body: Body) -> Key:
    return body["name"], body[NAMES]["course"], body[NAMES]["host"]


class _Named:
    """What rows may call by name: sites and systems, and courses at them."""

    def __init__(self, tx: Reader, institution_id: UUID) -> None:
        self.sites: set[UUID] = set()
        self._hosts: defaultdict[str, list[UUID]] = defaultdict(list)
        self._courses: defaultdict[tuple[str, UUID], list[UUID]] = defaultdict(list)
        for name, row_id in tx.execute(_live(Site, institution_id, Site.name, Site.site_id)):
            self._hosts[name].append(row_id)
            self.sites.add(row_id)
        for name, row_id in tx.execute(
            _live(System, institution_id, System.name, System.system_id)
        ):
            self._hosts[name].append(row_id)
        query = _live(Course, institution_id, Course.name, Course.host_id, Course.course_id)
        for name, host_id, row_id in tx.execute(query):
            self._courses[name, host_id].append(row_id)

    def host(self, body: Body) -> UUID | FieldError:
        found = self._hosts[body[NAMES]["host"]]
        what = "办学点或业务系统"
        return found[0] if len(found) == 1 else _not_one(_HOST, what, found)

    def course(self, body: Body) -> UUID | FieldError:
        host_id = self.host(body)
        if isinstance(host_id, FieldError):
            return host_id
        found = self._courses[body[NAMES]["course"], host_id]
        what = "课程"
        return found[0] if len(found) == 1 else _not_one(_COURSE, what, found)


def _not_one(pointer: str, what: str, found: Sequence[UUID]) -> FieldError:
    if found:
        return FieldError(pointer, "ambiguous_name", f"有同名的{what}，请先修改名称使其不同。")
    return FieldError(pointer, "unknown_name", f"没有这个名称的{what}，请先登记或更正名称。")


def _live(entity: type[Owned], institution_id: UUID, *wanted: Any) -> Any:  # noqa: ANN401
    return select(*wanted).where(
        entity.institution_id == institution_id, entity.deleted_at.is_(None)
    )


def _compare_courses(
    tx: Reader, institution_id: UUID, rows: Sequence[tuple[Key, Body]]
) -> list[Verdict]:
    named, institution = _Named(tx, institution_id), find_institution(tx, institution_id)
    names = [body["name"] for _, body in rows]
    query = _live(Course, institution_id, Course.__table__).where(Course.name.in_(names))
    stored = _by_key(tx.execute(query), lambda row: (row.name, row.host_id))

    def verdict(body: Body) -> Verdict:
        host_id = named.host(body)
        if isinstance(host_id, FieldError):
            return Verdict(FAULTY, body, [host_id])
        wrong = _host_faults(body, is_site=host_id in named.sites)
        if wrong:
            return Verdict(FAULTY, body, wrong)
        whole = _less_names(body) | {"host_id": str(host_id)}
        row = CourseRow(
            course_id=new_id(),
            version=1,
            status=body.get("status") or "draft",
            **entered(Course, whole),
        )
        judged = _judged(Course, whole, stored.get((body["name"], host_id), ()))
        return _advised(judged, advise_course(row, institution))

    return [verdict(body) for _, body in rows]


def _host_faults(body: Body, *, is_site: bool) -> list[FieldError]:
    """Those of single entry, at the column that names the host."""
    found = fields.host_mismatch(body.get("delivery"), is_site=is_site, is_system=not is_site)
    return [FieldError(_HOST, each.code, each.detail) for each in found]


def _compare_classes(
    tx: Reader, institution_id: UUID, rows: Sequence[tuple[Key, Body]]
) -> list[Verdict]:
    named, institution = _Named(tx, institution_id), find_institution(tx, institution_id)
    names = [body["name"] for _, body in rows]
    query = _live(TrainingClass, institution_id, TrainingClass.__table__)
    found = tx.execute(query.where(TrainingClass.name.in_(names)))
    stored = _by_key(found, lambda row: (row.name, row.course_id))
    courses = [named.course(body) for _, body in rows]
    ids = {each for each in courses if not isinstance(each, FieldError)}
    known = COURSES.some(tx, institution_id, ids)
    rows = [(key, _with_plain_ids(body)) for key, body in rows]
    people = find_people(tx, institution_id, (UUID(each) for _, b in rows for each in _taught(b)))

    def verdict(body: Body, course_id: UUID | FieldError) -> Verdict:
        if isinstance(course_id, FieldError):
            return Verdict(FAULTY, body, [course_id])
        course, same = known[course_id], stored.get((body["name"], course_id), ())
        if not (same or states.COURSE_STEPS[course.status] or "existing" in _class_in_fact(body)):
            return Verdict(FAULTY, body, [_COURSE_CLOSED])
        row = ClassRow(
            class_id=new_id(),
            course_id=course_id,
            version=1,
            status=body.get("status") or "planned",
            **entered(TrainingClass, body),
        )
        unfit = list(unfit_people(row, people))
        unknown = [each for each in unfit if each.code == "unknown_person"]
        if unknown:
            return Verdict(FAULTY, body, unknown)
        judged = _judged(TrainingClass, _less_names(body), same)
        judged = replace(judged, body=judged.body | {_PARENT: course_id})
        return _advised(judged, chain(advise_class(row, course, institution), unfit))

    pairs = zip(rows, courses, strict=True)
    return [verdict(body, course_id) for (_, body), course_id in pairs]


def _taught(body: Body) -> list[str]:
    return [each for name in _PEOPLE for each in body.get(name) or ()]


def _with_plain_ids(body: Body) -> Body:
    """As they stand in answers: a workbook may have them in capitals."""
    return body | {name: [str(UUID(each)) for each in body[name]] for name in _PEOPLE & body.keys()}


def _advised(verdict: Verdict, advice: Iterator[FieldError]) -> Verdict:
    return verdict if verdict.outcome == FAULTY else replace(verdict, warnings=list(advice))


def _less_names(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != NAMES}


def _by_key(
    rows: Iterable[Row[Any]], key_of: Callable[[Row[Any]], Hashable]
) -> dict[Hashable, list[Row[Any]]]:
    found: defaultdict[Hashable, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    return found


def _judged(entity: type[Course | TrainingClass], body: Body, same: Sequence[Row[Any]]) -> Verdict:
    if not same:
        return Verdict(ADDED, body)
    if len(same) > 1:
        return Verdict(FAULTY, body, [_SEVERAL])
    [found] = same
    if body.get("status", found.status) != found.status:
        return Verdict(FAULTY, body, [_OTHER_STATUS])
    standing = typed(entity, found)
    changes = {
        name: value
        for name, value in body.items()
        if name in standing and not _says_the_same(value, standing[name])
    }
    steps = states.COURSE_STEPS if entity is Course else states.CLASS_STEPS
    if changes and not steps[found.status]:
        return Verdict(FAULTY, body, [_NOT_ALTERABLE])
    return Verdict(
        CHANGED if changes else UNCHANGED,
        standing | changes,
        object_id=found.course_id if entity is Course else found.class_id,
        version=found.version,
    )


def _says_the_same(given: Any, stands: Any) -> bool:  # noqa: ANN401 - of whatever type the field is
    """A timetable is one value; fields that its rows leave out are empty in both."""
    if isinstance(given, list) and any(isinstance(each, dict) for each in given):
        return [_filled(each) for each in given] == [_filled(each) for each in stands or ()]
    return bool(given == stands)


def _filled(row: Body) -> Body:
    return {name: value for name, value in row.items() if value is not None}


def _enter_course(principal: Principal, institution_id: UUID, verdict: Verdict) -> None:
    if verdict.object_id is None:
        add_course(principal, institution_id, _as_in_fact(verdict.body, "draft"))
    else:
        change_course(
            principal,
            institution_id,
            verdict.object_id,
            fields=verdict.body,
            if_match=verdict.version,
        )


def _enter_class(principal: Principal, institution_id: UUID, verdict: Verdict) -> None:
    body = {name: value for name, value in verdict.body.items() if name != _PARENT}
    course_id: UUID = verdict.body[_PARENT]
    if verdict.object_id is None:
        add_class(principal, institution_id, course_id, fields=_class_in_fact(body))
    else:
        change_class(
            principal,
            institution_id,
            course_id,
            class_id=verdict.object_id,
            fields=body,
            if_match=verdict.version,
        )


IMPORTERS = {
    "courses": Importer(
        kind="courses",
        name_zh="培训课程",
        scope=SCOPE,
        part=PARTS[Course],
        fields=columns.COURSE_FIELDS,
        examples=columns.COURSE_EXAMPLES,
        form=Form("otsp_courses", "CourseCreate", formats=FORMATS, check=_check_course),
        key_pointer="/name",
        key_of=_course_key,
        compare=_compare_courses,
        enter=_enter_course,
    ),
    "classes": Importer(
        kind="classes",
        name_zh="班级",
        scope=SCOPE,
        part=PARTS[TrainingClass],
        fields=columns.CLASS_FIELDS,
        examples=columns.CLASS_EXAMPLES,
        form=Form("otsp_courses", "ClassCreate", formats=FORMATS, check=_check_class),
        key_pointer="/name",
        key_of=_class_key,
        compare=_compare_classes,
        enter=_enter_class,
    ),
}
