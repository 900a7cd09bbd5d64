"""What differs between two sealed snapshots of one institution, object by object."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import RowMapping, select

from otsp_chassis.db import Reader
from otsp_chassis.history import differences
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_number, make_page
from otsp_chassis.problems import Conflict, Forbidden, NotFound
from otsp_compliance.model import Application, ReviewCase, Snapshot
from otsp_compliance.queries.sealed import sealed_file
from otsp_compliance.queries.visibility import require_reader
from otsp_compliance.rules.comparison import PARTS_ZH

_ROW_IDS: Final = (
    "certificate_id", "doc_id", "fee_item_id", "staff_id", "material_id", "site_id", "system_id",
    "class_id", "course_id",
)  # fmt: skip
_NAMES: Final = ("name", "title", "cert_type", "doc_type")
_BESIDE: Final = frozenset(
    {"as_of", "field_warnings", "institution_id", "proposed_change", "relocated_from"}
)
"""Members of a section that are no fields of the file."""
_OF_PARTS: Final[Mapping[str, str]] = {"fee_items": "funds", "classes": "courses"}
"""Lists within a part whose rows are objects of their own."""

Document = Mapping[str, Any]
Key = tuple[str, str]


class NoSnapshot(Conflict):
    slug: ClassVar[str] = "application-not-sealed"
    title: ClassVar[str] = "The application has no sealed snapshot"
    detail_zh: ClassVar[str] = "该申请尚未形成快照（汇集未完成或未成功），无法比对。"


class NotTheirCase(Forbidden):
    """A snapshot tells of persons in clear (domain specification §5.3, decision D26)."""

    slug: ClassVar[str] = "application-not-in-hand"
    title: ClassVar[str] = "The application does not lie with this authority"
    detail_zh: ClassVar[str] = "只有正在办理该申请的主管部门可以查看快照的差异。"


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the two snapshots."""

    application_id: UUID
    kind: str
    as_of: date
    sha256: str


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A pointer within the object, and what stood there; null where nothing did."""

    pointer: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ObjectDifference:
    """`kind` is added, changed or removed; of a part that there is one of, the id is null."""

    part: str
    part_zh: str
    object_id: str | None
    name: str | None
    kind: str
    fields: Sequence[FieldDifference]


@dataclass(frozen=True, slots=True)
class SnapshotDifferences:
    """A page of them, in the order of the file's parts; `before` is null when there is none."""

    before: Compared | None
    after: Compared
    items: Sequence[ObjectDifference]
    next: str | None


def compare_snapshots(
    tx: Reader,
    principal: Principal,
    application_id: UUID,
    *,
    before_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> SnapshotDifferences:
    """Against the application named, or else against the last one approved before, if any.

    Both are sealed and stay as they are, so that pages count. Raises NotFound, NotTheirCase or
    NoSnapshot, and refuses a reader whose rows these are not.
    """
    after = _application(tx, application_id)
    _require_in_hand(tx, principal, after)
    before = _approved_before(tx, after) if before_id is None else _application(tx, before_id)
    sealed = _seal(tx, after)
    if before is None:
        return SnapshotDifferences(None, sealed, [], None)
    if before["institution_id"] != after["institution_id"]:
        raise NotFound
    found = list(_differences(*(_objects(_parts(tx, each)) for each in (before, after))))
    page = _page(found, cursor, limit)
    items = [each for _, each in page.items]
    return SnapshotDifferences(_seal(tx, before), sealed, items, page.next)


def _application(tx: Reader, application_id: UUID) -> RowMapping:
    row = tx.execute(_APPLICATIONS.where(Application.application_id == application_id))
    found = row.mappings().first()
    if found is None:
        raise NotFound
    return found


def _approved_before(tx: Reader, after: RowMapping) -> RowMapping | None:
    earlier = _APPLICATIONS.where(
        Application.institution_id == after["institution_id"],
        Application.application_id < after["application_id"],
        Application.state == "approved",
    )
    newest = earlier.order_by(Application.application_id.desc()).limit(1)
    return tx.execute(newest).mappings().first()


def _require_in_hand(tx: Reader, principal: Principal, application: RowMapping) -> None:
    require_reader(
        principal,
        institution_id=application["institution_id"],
        region_code=application["region_code"],
    )
    if principal.institution_id is not None:
        return
    lies_with = select(ReviewCase.authority_id).where(
        ReviewCase.subject_id == application["application_id"], ReviewCase.state == "open"
    )
    authority = principal.authority
    if authority is None or tx.execute(lies_with).scalar() != authority.authority_id:
        raise NotTheirCase


def _seal(tx: Reader, application: RowMapping) -> Compared:
    sealed = select(Snapshot.sha256, Snapshot.as_of).where(
        Snapshot.request_id == application["request_id"]
    )
    row = tx.execute(sealed).first()
    if row is None:
        raise NoSnapshot
    return Compared(application["application_id"], application["kind"], row.as_of, row.sha256)


def _parts(tx: Reader, application: RowMapping) -> Document:
    """The parts of its file, those of one owner beside those of the others."""
    parts = sealed_file(tx, application["request_id"])
    return {part: parts[part] for part in parts.keys() - _BESIDE}


def _objects(parts: Document) -> dict[Key, Document]:
    return {key: row for part, value in parts.items() for key, row in _within(part, value)}


def _within(part: str, value: Any) -> Iterator[tuple[Key, Document]]:  # noqa: ANN401 - any JSON
    rows = value if isinstance(value, list) else [value]
    for number, row in enumerate(rows):
        own = {name: each for name, each in row.items() if name not in _OF_PARTS}
        yield (_OF_PARTS.get(part, part), _id_of(row, number, value)), own
        for name in _OF_PARTS.keys() & row.keys():
            yield from _within(name, row[name])


def _id_of(row: Document, number: int, value: Any) -> str:  # noqa: ANN401 - any JSON
    if not isinstance(value, list):
        return ""
    return next((str(row[name]) for name in _ROW_IDS if row.get(name)), str(number))


def _differences(
    before: Mapping[Key, Document], after: Mapping[Key, Document]
) -> Iterator[ObjectDifference]:
    order = list(PARTS_ZH)
    for part, object_id in sorted(
        before.keys() | after.keys(), key=lambda key: (order.index(key[0]), key[1])
    ):
        was, now = before.get((part, object_id)), after.get((part, object_id))
        fields = differences(was or {}, now or {})
        if not fields:
            continue
        named = now or was or {}
        yield ObjectDifference(
            part=part,
            part_zh=PARTS_ZH[part],
            object_id=object_id or None,
            name=next((str(named[name]) for name in _NAMES if named.get(name)), None),
            kind="added" if was is None else "removed" if now is None else "changed",
            fields=[FieldDifference(each.pointer, each.before, each.after) for each in fields],
        )


def _page(
    found: Sequence[ObjectDifference], cursor: str | None, limit: int
) -> Page[tuple[int, ObjectDifference]]:
    begin = 0 if cursor is None else decode_number(cursor)
    numbered = list(enumerate(found, start=1))[begin : begin + limit + 1]
    return make_page(numbered, limit, key=lambda each: [each[0]])


_APPLICATIONS = select(
    Application.application_id,
    Application.institution_id,
    Application.region_code,
    Application.kind,
    Application.request_id,
)
