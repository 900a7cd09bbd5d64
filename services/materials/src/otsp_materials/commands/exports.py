"""Exports of the list: asked for in a request, written by the worker, erased after a day.

No lock is asked: a review does not hinder reading (§3.8).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar
from uuid import UUID

from sqlalchemy import update

from otsp_chassis import audit, clock, metrics
from otsp_chassis.context import current_runtime
from otsp_chassis.cursors import Stream, streamed
from otsp_chassis.db import Conflicts, Tx, transaction
from otsp_chassis.files import Made, chunks_of, erase_made, keep_made, write_made
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import BadParameter, Conflict, Invalid, RuleBroken
from otsp_chassis.sheets import CSV, XLSX, Column, Kind, Row, write_csv, write_xlsx
from otsp_chassis.zipped import ZIP
from otsp_materials.commands.archives import Archive
from otsp_materials.model import Export
from otsp_materials.queries import exports as queries
from otsp_materials.queries import materials
from otsp_materials.queries.materials import Filters
from otsp_materials.rules import labels
from otsp_materials.rules.exports import MOST_ATTEMPTS, MOST_BYTES, ExportRow, in_gigabytes
from otsp_materials.rules.states import STATUS_LABELS_ZH

KEPT = timedelta(days=1)
NAME_ZH = "培训材料"
COLUMNS: Mapping[str, Column] = {
    "title": Column("材料名称", width=32),
    "version_no": Column("版次", Kind.INTEGER, width=6),
    "status": Column("状态", labels=STATUS_LABELS_ZH),
    "category": Column("类别", labels=labels.CATEGORIES_ZH),
    "subject_code": Column("科目", labels=labels.SUBJECTS_ZH),
    "stage": Column("学段", labels=labels.STAGES_ZH),
    "kind": Column("材料种类", labels=labels.KINDS_ZH),
    "form": Column("形式", labels=labels.FORMS_ZH),
    "origin": Column("来源", labels=labels.ORIGINS_ZH),
    "isbn": Column("书号", width=18),
    "internal_result": Column("内部审核结果", labels=labels.RESULTS_ZH),
    "internal_reviewed_on": Column("内部审核日期", Kind.DATE),
    "external_result": Column("外部审核结果", labels=labels.RESULTS_ZH),
    "external_reviewed_on": Column("外部审核日期", Kind.DATE),
    "used_from": Column("启用日期", Kind.DATE),
    "used_until": Column("停用日期", Kind.DATE),
}
"""Of the list's fields; the authors, who are persons, stay out."""

_CONTENT_TYPES = {"xlsx": XLSX, "csv": CSV, "zip": ZIP}


class ExportRunning(Conflict):
    slug: ClassVar[str] = "export-running"
    title: ClassVar[str] = "Another export of the institution is not done yet"
    detail_zh: ClassVar[str] = "本机构还有一个导出任务没有完成，请等它完成后再导出。"


class ExportTooLarge(RuleBroken):
    slug: ClassVar[str] = "export-too-large"
    title: ClassVar[str] = "The files are too many for one archive"
    detail_zh: ClassVar[str] = "所选材料的附件超过一次导出的上限，请按条件筛选后分批导出。"


_CONFLICTS: Conflicts = {"uq_export_open": ExportRunning}


def request_export(
    principal: Principal, institution_id: UUID, *, file_format: str, filters: Filters
) -> ExportRow:
    """The worker finds it by itself. Raises ExportRunning while there is one."""
    principal.require_own(institution_id)
    _require_sound(institution_id, filters)
    with transaction(conflicts=_CONFLICTS) as tx:
        if file_format == "zip":
            _require_room(tx, institution_id, filters)
        export = Export(
            export_id=new_id(),
            institution_id=institution_id,
            format=file_format,
            filters=dict(filters),
            state="waiting",
            attempts=0,
            rows_done=0,
            files_done=0,
            requested_at=clock.now(),
        )
        tx.add(export)
        tx.flush()
        _record(tx, "material.export_requested", export)
        return queries.get_export(tx, institution_id, export.export_id)


def _require_sound(institution_id: UUID, filters: Filters) -> None:
    """The list tells what is wrong with a filter as a parameter; here it is a field."""
    try:
        materials.listed_columns(institution_id, filters, tuple(COLUMNS))
    except BadParameter as refused:
        places = [replace(each, pointer=f"/filters{each.pointer}") for each in refused.errors]
        raise Invalid(errors=places) from refused


def _require_room(tx: Tx, institution_id: UUID, filters: Filters) -> None:
    size = materials.count_bytes(tx, institution_id, filters)
    if size > MOST_BYTES:
        told, most = in_gigabytes(size), in_gigabytes(MOST_BYTES)
        raise ExportTooLarge(
            f"所选材料的附件共 {told}，一次最多导出 {most}，请按状态、类别等条件筛选后分批导出。",
            bytes=size,
            most_bytes=MOST_BYTES,
        )


def make_export(export_id: UUID) -> None:
    """From its beginning, also what was left in the middle; given up after the last attempt."""
    export = _begin(export_id)
    if export is None:
        return
    with TemporaryDirectory(prefix="otsp-export-") as folder:
        made = write_made(export_id, _chunks(export, Path(folder)))
    _finish(export_id, made)


def erase_export(export_id: UUID) -> None:
    with transaction() as tx:
        export = tx.get_one(Export, export_id, with_for_update=True)
        if export.state == "done":
            erase_made(tx, export_id)
            export.state = "expired"
            _record(tx, "material.export_erased", export)


def _begin(export_id: UUID) -> Export | None:
    with transaction() as tx:
        export = tx.get_one(Export, export_id, with_for_update=True)
        if not export.is_open:
            return None
        if export.attempts < MOST_ATTEMPTS:
            export.state, export.rows_done, export.files_done = "running", 0, 0
            export.attempts += 1
            return export
        export.state, export.ended_at = "failed", clock.now()
        _record(tx, "material.export_failed", export)
    _count("failed")
    return None


def _chunks(export: Export, folder: Path) -> Iterator[bytes]:
    names, filters = tuple(COLUMNS), export.filters
    if export.format == "zip":
        query = materials.listed_contents(export.institution_id, filters, names)
        archive = Archive(export.institution_id, query, NAME_ZH, COLUMNS, folder)
        yield from archive.chunks(partial(_note, export.export_id))
        return
    path = folder / export.format
    with streamed(materials.listed_columns(export.institution_id, filters, names)) as found:
        _note(export.export_id, rows_total=found.count)
        _write(path, export, _noted(export.export_id, found), count=found.count)
    yield from chunks_of(path)


def _write(path: Path, export: Export, rows: Iterator[Row], *, count: int) -> None:
    columns = tuple(COLUMNS.values())
    if export.format == "xlsx":
        write_xlsx(path, rows, name=NAME_ZH, columns=columns, count=count)
    else:
        write_csv(path, rows, columns=columns)


def _noted(export_id: UUID, found: Stream) -> Iterator[Row]:
    """The rows; how many there were is told after each page."""
    done = 0
    for page in found.pages:
        yield from page
        done += len(page)
        _note(export_id, rows_done=done)


def _note(export_id: UUID, **progress: int) -> None:
    with transaction() as tx:
        tx.execute(update(Export).where(Export.export_id == export_id).values(progress))


def _finish(export_id: UUID, made: Made) -> None:
    with transaction() as tx:
        export = tx.get_one(Export, export_id, with_for_update=True)
        keep_made(
            tx,
            made,
            institution_id=export.institution_id,
            name=f"{NAME_ZH}-{clock.today():%Y%m%d}.{export.format}",
            content_type=_CONTENT_TYPES[export.format],
        )
        export.state, export.ended_at = "done", clock.now()
        export.expires_at = clock.now() + KEPT
        _record(tx, "material.export_written", export)
    _count("done")


def _record(tx: Tx, action: str, export: Export) -> None:
    audit.record(
        tx,
        action,
        object_type="export",
        object_id=export.export_id,
        institution_id=export.institution_id,
        after={"format": export.format, "filters": export.filters, "state": export.state},
    )


def _count(outcome: str) -> None:
    metrics.EXPORTS.labels(current_runtime().service, outcome).inc()
