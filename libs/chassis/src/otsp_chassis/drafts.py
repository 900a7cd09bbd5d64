"""Drafts: what was typed into a form and not saved yet. One implementation of the operations that
all services declare; docs/drafts.md.

Kept as typed, right or wrong; sealed as a whole, for a form may hold any personal data. A draft is
nobody's statement: no review locks it, and the trail tells who began, read or discarded one, not
each time that a page saved it by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

import orjson
from sqlalchemy import FromClause, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import audit, clock
from otsp_chassis.audit_hook import leave_unrecorded
from otsp_chassis.db import Reader, Tx, reading, row_class, transaction
from otsp_chassis.http import Answer
from otsp_chassis.http.validation import pointer_of
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_cursor, make_page
from otsp_chassis.pii import decrypt, encrypt
from otsp_chassis.problems import Invalid, NotFound, StaleVersion, TooLarge
from otsp_chassis.reveals import NEVER_STORED
from otsp_chassis.tables import draft
from otsp_contracts.values import FieldError

KEPT = timedelta(days=30)
MAX_BYTES = 64 * 1024
_NEW = "new"
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

Section = str
"""The name of a form; of one that is filled in for many objects, with `.new` or the object's id:
`party`, `certificate.new`, `certificate.0192…`.
"""


class DraftTooLarge(TooLarge):
    slug: ClassVar[str] = "draft-too-large"
    title: ClassVar[str] = "The draft is too large"
    detail_zh: ClassVar[str] = (
        "草稿内容超过 64 KB，未能自动保存；请先保存已填写的部分，或减少内容后重试。"
    )


@dataclass(frozen=True, slots=True)
class Form:
    """What a draft is of: the schema whose fields it may have, the table of its object, and the
    column of the object's id where an institution has many.
    """

    schema: str
    table: FromClause
    key: str | None = None
    besides: frozenset[str] = frozenset()
    """Fields that the form has and the schema has not."""


@row_class
class DraftInfo:
    """A draft without what it holds. `is_outdated`: its object is not what it was begun from."""

    section: Section
    version: int
    saved_at: datetime
    saved_by: UUID
    based_on_version: int | None
    object_version: int | None
    is_outdated: bool


@row_class
class Draft(DraftInfo):
    """Its repr does not tell what was typed."""

    content: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, info: DraftInfo, content: bytes) -> Self:
        return cls(**asdict(info), content=orjson.loads(decrypt(content)))


class Drafts:
    """The operations of one service; `forms` by their names."""

    def __init__(self, forms: Mapping[str, Form]) -> None:
        self._forms = forms

    @property
    def pattern(self) -> str:
        """What the specification says of a section: the closed list of them."""
        many = "|".join(name for name, form in self._forms.items() if form.key is not None)
        names = [name for name, form in self._forms.items() if form.key is None]
        names += [rf"(?:{many})\.(?:{_NEW}|{_UUID})"] if many else []
        return f"^(?:{'|'.join(names)})$"

    def list_drafts(
        self, institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
    ) -> Page[DraftInfo]:
        """In order of sections."""
        owner_id = _own(principal, institution_id)
        query = select(*_TOLD).where(draft.c.institution_id == owner_id)
        if cursor is not None:
            query = query.where(draft.c.section > decode_cursor(cursor, 1)[0])
        with reading() as tx:
            rows = tx.execute(query.order_by(draft.c.section).limit(limit + 1)).all()
            versions = self._versions(tx, owner_id, [row.section for row in rows])
        told = [_info(row, versions.get(row.section)) for row in rows]
        return make_page(told, limit, key=lambda info: [info.section])

    def get_draft(self, institution_id: str, section: Section, principal: Principal) -> Answer:
        owner_id = _own(principal, institution_id)
        with transaction() as tx:
            row = tx.execute(_one(owner_id, section)).first()
            if row is None:
                raise NotFound
            version = self._versions(tx, owner_id, [section]).get(section)
            _record(tx, "draft.read", owner_id, section=section)
        told = Draft.of(_info(row, version), row.content)
        return Answer(told, version=told.version, headers=dict(NEVER_STORED))

    def put_draft(
        self,
        institution_id: str,
        section: Section,
        principal: Principal,
        *,
        body: dict[str, Any],
        if_match: int | None,
        schema_fields: Mapping[str, frozenset[str]],
    ) -> Answer:
        """Whoever writes last wins, unless `if_match` names the draft that was meant."""
        owner_id = _own(principal, institution_id)
        name, _, subject = section.partition(".")
        form = self._forms[name]
        _require_known(body["content"], schema_fields[form.schema] | form.besides)
        values = {
            "content": encrypt(_written(body["content"])),
            "based_on_version": None if subject == _NEW else body.get("based_on_version"),
            "saved_by": principal.account_id,
            "saved_at": clock.now(),
        }
        with transaction() as tx:
            version = self._versions(tx, owner_id, [section]).get(section)
            if version is None and subject not in {"", _NEW}:
                raise NotFound
            held = _held_for_change(tx, owner_id, section, if_match=if_match)
            row = tx.execute(_saved(owner_id, section, values)).one()
            if held is None or held.saved_by != principal.account_id:
                _record(tx, "draft.begun", owner_id, section=section)
            leave_unrecorded(tx)
        told = _info(row, version)
        return Answer(told, version=told.version)

    def discard_draft(
        self, institution_id: str, section: Section, principal: Principal, *, if_match: int | None
    ) -> Answer:
        """Once its object was saved, or nobody wants it; what is not there is discarded already."""
        owner_id = _own(principal, institution_id)
        with transaction() as tx:
            held = tx.execute(_one(owner_id, section).with_for_update()).first()
            if held is not None:
                _require_version(held.version, if_match)
                tx.execute(delete(draft).where(*_place(owner_id, section)))
                _record(tx, "draft.discarded", owner_id, section=section)
        return Answer(status=204)

    def _versions(
        self, tx: Reader, institution_id: UUID, sections: Iterable[Section]
    ) -> dict[Section, int]:
        """The versions that the objects of these drafts have now, of those that are there."""
        asked: dict[str, list[UUID]] = {}
        for section in sections:
            name, _, subject = section.partition(".")
            if subject != _NEW:
                asked.setdefault(name, []).extend([UUID(subject)] if subject else [])
        return {
            f"{name}.{object_id}" if self._forms[name].key else name: version
            for name, object_ids in asked.items()
            for object_id, version in tx.execute(
                _versions_of(self._forms[name], institution_id, object_ids)
            )
        }


def forget_old() -> None:
    """Nobody has gone on with them for thirty days."""
    with transaction() as tx:
        tx.execute(delete(draft).where(draft.c.saved_at < clock.now() - KEPT))


_TOLD = (
    draft.c.section,
    draft.c.version,
    draft.c.saved_at,
    draft.c.saved_by,
    draft.c.based_on_version,
)


def _own(principal: Principal, institution_id: str) -> UUID:
    principal.require_own(UUID(institution_id))
    return UUID(institution_id)


def _place(institution_id: UUID, section: Section) -> tuple[Any, Any]:
    return draft.c.institution_id == institution_id, draft.c.section == section


def _one(institution_id: UUID, section: Section) -> Any:  # noqa: ANN401 - a select
    return select(*_TOLD, draft.c.content).where(*_place(institution_id, section))


def _held_for_change(
    tx: Tx, institution_id: UUID, section: Section, *, if_match: int | None
) -> Any:  # noqa: ANN401 - a selected row, or None
    held = tx.execute(_one(institution_id, section).with_for_update()).first()
    if held is not None:
        _require_version(held.version, if_match)
    elif if_match is not None:
        raise StaleVersion
    return held


def _require_version(current: int, if_match: int | None) -> None:
    """Unlike an object, a draft may be replaced unseen: who types on must not be stopped."""
    if if_match not in {None, current}:
        raise StaleVersion(current_version=current)


def _saved(institution_id: UUID, section: Section, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    row = insert(draft).values(institution_id=institution_id, section=section, **values)
    anew = {**values, "version": text("DEFAULT")}
    return row.on_conflict_do_update(
        index_elements=["institution_id", "section"], set_=anew
    ).returning(*_TOLD)


def _versions_of(form: Form, institution_id: UUID, object_ids: list[UUID]) -> Any:  # noqa: ANN401
    columns = form.table.c
    key = columns[form.key or "institution_id"]
    query = select(key, columns.version).where(columns.institution_id == institution_id)
    if form.key is not None:
        query = query.where(key.in_(object_ids))
    return query.where(columns.deleted_at.is_(None)) if "deleted_at" in columns else query


def _info(row: Any, object_version: int | None) -> DraftInfo:  # noqa: ANN401 - a selected row
    return DraftInfo(
        section=row.section,
        version=row.version,
        saved_at=row.saved_at,
        saved_by=row.saved_by,
        based_on_version=row.based_on_version,
        object_version=object_version,
        is_outdated=row.based_on_version != object_version,
    )


def _require_known(content: Mapping[str, Any], fields: frozenset[str]) -> None:
    detail = "没有这个字段，请检查拼写或删除。"
    errors = [
        FieldError("/content" + pointer_of([name]), "unknown_field", detail)
        for name in content
        if name not in fields
    ]
    if errors:
        raise Invalid(errors=errors)


def _written(content: Mapping[str, Any]) -> str:
    written = orjson.dumps(content)
    if len(written) > MAX_BYTES:
        raise DraftTooLarge(max_bytes=MAX_BYTES)
    return written.decode()


def _record(tx: Tx, action: str, institution_id: UUID, *, section: Section) -> None:
    audit.record(tx, action, object_type="draft", object_id=section, institution_id=institution_id)
