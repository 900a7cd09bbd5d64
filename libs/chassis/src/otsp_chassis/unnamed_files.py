"""Files that nothing names 30 days after their upload go, with their bytes and their pictures.

What names a file is a row of the service, deleted ones included, for they may come back; and the
history, as long as it is kept: a difference or a snapshot that was judged names what is no longer
in the row. Drafts are sealed and not looked into; what only a draft names has its 30 days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, select, union_all

from otsp_chassis import audit, clock, log, metrics, statements
from otsp_chassis.context import current_runtime
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.files import erase_made
from otsp_chassis.locks import advisory_key
from otsp_chassis.page import BEGINNING
from otsp_chassis.references import Reference, ids_in
from otsp_chassis.tables import attachment, change

KEPT_FOR = timedelta(days=30)
_INSTITUTIONS_AT_ONCE = 200
_EXCLUSIVE = "SELECT pg_advisory_xact_lock(%(key)s)"
_OWNER = attachment.c.institution_id
_log = log.get_logger()


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """How a service's files are named: by its `references`; those of the institutions `spared`,
    a select of their ids, by others too, which cannot be asked.
    """

    references: Sequence[Reference]
    spared: Select[Any] | None = None


@dataclass(frozen=True, slots=True)
class Unnamed:
    """How many files of one institution, how many bytes, and since when the oldest lies there."""

    institution_id: UUID
    files: int
    bytes: int
    oldest: datetime


def find_unnamed(named: NamedFiles) -> Iterator[Unnamed]:
    """What a run would erase now, by institution; nothing is locked, so writes may change it."""
    for owners in _owners():
        with reading() as tx:
            unnamed = _unnamed(named, owners).subquery()
            query = select(
                unnamed.c.institution_id,
                func.count(),
                func.sum(unnamed.c.size),
                func.min(unnamed.c.uploaded_at),
            ).group_by(unnamed.c.institution_id)
            rows = tx.execute(query.order_by(unnamed.c.institution_id)).all()
        yield from (Unnamed(owner, files, int(size), oldest) for owner, files, size, oldest in rows)


def erase_unnamed(named: NamedFiles) -> Iterator[Unnamed]:
    """Each institution when it is done, in a transaction of its own.

    Writes of the institution wait meanwhile: none can name a file that is being looked at.
    """
    for found in find_unnamed(named):
        with transaction() as tx:
            key = advisory_key(found.institution_id)
            statements.run(tx, _EXCLUSIVE, {"key": key})
            erased = _erased(tx, named, found.institution_id)
        if erased is not None:
            metrics.UNNAMED_FILES_ERASED.labels(current_runtime().service).inc(erased.files)
            yield erased


def erase_regularly(named: NamedFiles) -> None:
    """The job. A run that was cut short has erased whole institutions; the next does the rest."""
    erased = list(erase_unnamed(named))
    if erased:
        files, size = sum(each.files for each in erased), sum(each.bytes for each in erased)
        _log.info("unnamed_files_erased", files=files, bytes=size, institutions=len(erased))


def _erased(tx: Tx, named: NamedFiles, institution_id: UUID) -> Unnamed | None:
    rows = tx.execute(_unnamed(named, [institution_id])).all()
    for row in rows:
        erase_made(tx, row.file_id)
        audit.record(
            tx,
            "file.erased",
            object_type="file",
            object_id=row.file_id,
            institution_id=institution_id,
            reason="上传满 30 日未被任何信息引用",
        )
    if not rows:
        return None
    oldest = min(row.uploaded_at for row in rows)
    return Unnamed(institution_id, len(rows), sum(row.size for row in rows), oldest)


def _owners() -> Iterator[Sequence[UUID]]:
    """Institutions with files that are old enough, so many at a time."""
    last = BEGINNING
    while True:
        query = select(_OWNER).distinct().where(last < _OWNER, *_old()).order_by(_OWNER)
        with reading() as tx:
            owners = tx.execute(query.limit(_INSTITUTIONS_AT_ONCE)).scalars().all()
        if not owners:
            return
        yield owners
        last = owners[-1]


def _old() -> tuple[ColumnElement[bool], ...]:
    """By the true clock, as uploads are stamped."""
    columns = attachment.c
    return columns.deleted_at.is_(None), columns.uploaded_at < clock.now() - KEPT_FOR


def _unnamed(named: NamedFiles, owners: Sequence[UUID]) -> Select[Any]:
    columns = attachment.c
    named_ids = _named_ids(named.references, owners).subquery()
    query = select(
        columns.file_id, columns.institution_id, columns.size, columns.uploaded_at
    ).where(
        _OWNER.in_(owners),
        *_old(),
        ~select(1).where(named_ids.c.id == columns.file_id).exists(),
    )
    return query if named.spared is None else query.where(_OWNER.not_in(named.spared))


def _named_ids(references: Sequence[Reference], owners: Sequence[UUID]) -> CompoundSelect[Any]:
    held = [(each.column, each.table.c.institution_id) for each in references]
    return union_all(
        *(
            select(ids_in(column).label("id")).where(owner.in_(owners))
            for column, owner in [*held, (change.c.fields, change.c.institution_id)]
        )
    )
