"""Reads of notices (一次告知): what was asked, what was answered, what became of it in the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from otsp_chassis.db import Reader
from otsp_chassis.history import differences
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_number, make_page
from otsp_chassis.problems import NotFound
from otsp_compliance.model import Application, Notice, NoticeItem, ReviewCase, Snapshot
from otsp_compliance.queries.differences import FieldDifference, NotTheirCase
from otsp_compliance.queries.sealed import sealed_file
from otsp_compliance.queries.visibility import require_authority, require_reader
from otsp_compliance.rules.notices import PLACES, Place, value_at


@dataclass(frozen=True, slots=True)
class ItemView:
    """One thing that is asked, and the answer as far as it is written."""

    item_id: UUID
    position: int
    kind: str
    section: str
    part: str
    part_zh: str
    object_id: str | None
    pointer: str
    file_id: str | None
    rule_id: str | None
    basis: Sequence[str]
    cure_zh: str
    answer: str | None
    answer_file_ids: Sequence[UUID]
    answered_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class NoticeSummary:
    """A notice without its items; `answered_on` is null while the institution is asked."""

    notice_id: UUID
    application_id: UUID
    case_id: UUID
    round: int
    step_no: int
    authority_id: UUID
    authority: str
    issued_on: date
    due_on: date
    answered_on: date | None


@dataclass(frozen=True, slots=True)
class NoticeView(NoticeSummary):
    """A notice as the institution sees it, its draft answers with it."""

    items: Sequence[ItemView]


@dataclass(frozen=True, slots=True)
class ComparedItem(ItemView):
    """What stands at its place in the two sealed snapshots, and every field that differs there.

    `before` and `after` are null where a part or an object is meant as a whole.
    """

    before: Any
    after: Any
    fields: Sequence[FieldDifference]


@dataclass(frozen=True, slots=True)
class ComparedNotice(NoticeSummary):
    """A notice as its authority sees it: an answer only once it is handed in."""

    items: Sequence[ComparedItem]


def list_notices(
    tx: Reader, principal: Principal, application_id: UUID, *, cursor: str | None, limit: int
) -> Page[NoticeView]:
    """First round first. Raises NotFound, or refuses a reader whose rows these are not."""
    known = select(Application.institution_id, Application.region_code).where(
        Application.application_id == application_id
    )
    row = tx.execute(known).first()
    if row is None:
        raise NotFound
    require_reader(principal, institution_id=row.institution_id, region_code=row.region_code)
    page = _page(tx, Notice.application_id == application_id, cursor, limit=limit)
    is_asked = principal.institution_id is not None
    views = [
        NoticeView(**_told(notice), items=_items(tx, notice, is_shown=is_asked))
        for notice in page.items
    ]
    return Page(views, page.next)


def tell_notice(tx: Reader, notice_id: UUID) -> NoticeView:
    """For commands that have already judged who asks."""
    row = tx.execute(_NOTICES.where(Notice.notice_id == notice_id)).one()
    return NoticeView(**_told(row), items=_items(tx, row, is_shown=True))


def tell_item(tx: Reader, item_id: UUID) -> ItemView:
    """For commands that have already judged who asks."""
    return _item(tx.execute(_ITEMS.where(NoticeItem.item_id == item_id)).one(), is_shown=True)


def get_item(
    tx: Reader, principal: Principal, application_id: UUID, *, notice_id: UUID, item_id: UUID
) -> ItemView:
    """Raises NotFound for what was not asked, or refuses a reader whose rows these are not."""
    page = list_notices(tx, principal, application_id, cursor=None, limit=100)
    asked = [each for one in page.items if one.notice_id == notice_id for each in one.items]
    for item in asked:
        if item.item_id == item_id:
            return item
    raise NotFound


def compare_notices(
    tx: Reader, principal: Principal, case_id: UUID, *, cursor: str | None, limit: int
) -> Page[ComparedNotice]:
    """For the authority with which the case lies. Raises NotFound or NotTheirCase."""
    authority = require_authority(principal)
    known = select(ReviewCase.authority_id).where(ReviewCase.case_id == case_id)
    row = tx.execute(known).first()
    if row is None:
        raise NotFound
    if row.authority_id != authority.authority_id:
        raise NotTheirCase
    page = _page(tx, Notice.case_id == case_id, cursor, limit=limit)
    return Page([_compared(tx, notice) for notice in page.items], page.next)


def _page(tx: Reader, which: ColumnElement[bool], cursor: str | None, *, limit: int) -> Page[Any]:
    query = _NOTICES.where(which)
    if cursor is not None:
        query = query.where(Notice.round > decode_number(cursor))
    rows = tx.execute(query.order_by(Notice.round).limit(limit + 1)).all()
    return make_page(rows, limit, key=lambda one: [one.round])


def _told(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of _NOTICES
    return {name: getattr(row, name) for name in NoticeSummary.__dataclass_fields__}


def _items(tx: Reader, notice: Any, *, is_shown: bool) -> list[ItemView]:  # noqa: ANN401 - a row
    rows = tx.execute(
        _ITEMS.where(NoticeItem.notice_id == notice.notice_id).order_by(NoticeItem.position)
    )
    return [_item(row, is_shown=is_shown or notice.answered_on is not None) for row in rows]


def _item(row: Any, *, is_shown: bool) -> ItemView:  # noqa: ANN401 - a row of _ITEMS
    """A draft of an answer is its institution's own."""
    known = row._asdict()
    if not is_shown:
        known |= {"answer": None, "answer_file_ids": [], "answered_at": None}
    tab = PLACES[row.part]
    return ItemView(**known, section=tab.section, part_zh=tab.label_zh)


def _compared(tx: Reader, notice: Any) -> ComparedNotice:  # noqa: ANN401 - a row of _NOTICES
    before = sealed_file(tx, notice.request_id)
    after = before
    if notice.answered_on is not None and notice.is_sealed:
        after = sealed_file(tx, notice.answer_request_id)
    items = [_beside(item, before, after) for item in _items(tx, notice, is_shown=False)]
    return ComparedNotice(**_told(notice), items=items)


def _beside(item: ItemView, before: Mapping[str, Any], after: Mapping[str, Any]) -> ComparedItem:
    place = Place(item.part, item.object_id, item.pointer)
    was, has = value_at(before, place), value_at(after, place)
    key = PLACES[item.part].key
    is_list = isinstance(was, list) and isinstance(has, list) and key and not item.pointer
    found = differences({"at": was}, {"at": has}, row_ids={"/at": str(key)} if is_list else None)
    named = {name: getattr(item, name) for name in ItemView.__dataclass_fields__}
    return ComparedItem(
        **named,
        before=was if item.pointer else None,
        after=has if item.pointer else None,
        fields=[
            FieldDifference(each.pointer.removeprefix("/at"), each.before, each.after)
            for each in found
        ],
    )


_NOTICES = select(
    Notice.notice_id,
    Notice.application_id,
    Notice.case_id,
    Notice.round,
    Notice.step_no,
    Notice.authority_id,
    Notice.authority_name.label("authority"),
    Notice.issued_on,
    Notice.due_on,
    Notice.answered_on,
    Notice.request_id,
    Notice.answer_request_id,
    select(Snapshot.request_id)
    .where(Snapshot.request_id == Notice.answer_request_id)
    .exists()
    .label("is_sealed"),
)
_ITEMS = select(
    NoticeItem.item_id,
    NoticeItem.position,
    NoticeItem.kind,
    NoticeItem.part,
    NoticeItem.object_id,
    NoticeItem.pointer,
    NoticeItem.file_id,
    NoticeItem.rule_id,
    NoticeItem.basis,
    NoticeItem.cure_zh,
    NoticeItem.answer,
    NoticeItem.answer_file_ids,
    NoticeItem.answered_at,
    NoticeItem.version,
)
