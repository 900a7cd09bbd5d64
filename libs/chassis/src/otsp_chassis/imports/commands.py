"""Imports as their users ask for them: handed in, applied; and what erases them."""

import io
from collections.abc import Iterable
from typing import BinaryIO, ClassVar
from uuid import UUID

from sqlalchemy import insert, update

from otsp_chassis import audit, clock, metrics
from otsp_chassis.context import current_runtime
from otsp_chassis.db import Conflicts, Tx, reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.imports import runs, store
from otsp_chassis.imports.importer import FAULTY, Importer
from otsp_chassis.imports.runs import ImportRow
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Conflict, NotFound, Problem
from otsp_chassis.tables import sheet_import


class ImportRunning(Conflict):
    slug: ClassVar[str] = "import-running"
    title: ClassVar[str] = "Another import of the list is not done yet"
    detail_zh: ClassVar[str] = "本机构还有一个同类的导入正在检查或写入，请等它完成后再上传。"


class ImportNotReady(Conflict):
    slug: ClassVar[str] = "import-not-ready"
    title: ClassVar[str] = "The import cannot be applied in this state"
    detail_zh: ClassVar[str] = "只有检查完成、尚未写入的导入可以写入，请刷新后查看它的状态。"


class ImportFaulty(Conflict):
    slug: ClassVar[str] = "import-faulty"
    title: ClassVar[str] = "Rows of the import are faulty"
    detail_zh: ClassVar[str] = (
        "有错误的行没有处理。请下载报告，按“错误”一列修改后重新上传；或选择跳过有错误的行。"
    )


_CONFLICTS: Conflicts = {"uq_sheet_import_open": ImportRunning}


def request_import(
    importer: Importer,
    principal: Principal,
    institution_id: UUID,
    *,
    name: str,
    stream: BinaryIO,
) -> ImportRow:
    """The worker checks it by itself; nothing is entered by that, so a review does not hinder it.

    Raises ImportRunning while there is one of the list.
    """
    principal.require_own(institution_id)
    content = store.take_in(stream)
    import_id = new_id()
    store.keep(import_id, "upload", io.BytesIO(content))
    try:
        with transaction(conflicts=_CONFLICTS) as tx:
            tx.execute(
                insert(sheet_import).values(
                    import_id=import_id,
                    institution_id=institution_id,
                    kind=importer.kind,
                    name=name,
                    size=len(content),
                    sha256=store.digest(content),
                    state="checking",
                    requested_by=principal.account_id,
                    requested_at=clock.now(),
                )
            )
            record(tx, "import.requested", import_id, institution_id=institution_id)
            return runs.get_import(tx, institution_id, import_id)
    except Problem:
        store.erase(import_id)
        raise


def request_application(
    principal: Principal,
    institution_id: UUID,
    import_id: UUID,
    *,
    importers: Iterable[Importer],
    skip_faulty: bool,
) -> ImportRow:
    """The worker enters the rows in the caller's name; asked for again, it goes on.

    Raises Locked under review, ImportNotReady, ImportFaulty, ImportRunning.
    """
    principal.require_own(institution_id)
    with transaction(conflicts=_CONFLICTS) as tx:
        kind = runs.kind_of(tx, import_id)
        for importer in importers:
            if kind in {None, importer.kind}:
                guard_write(tx, institution_id, importer.scope, part=importer.part)
        runs.get_import(tx, institution_id, import_id)
        run = runs.locked(tx, import_id)
        if run["state"] != "checked":
            raise ImportNotReady(import_state=run["state"])
        faulty = run["counts"].get(FAULTY, 0)
        if faulty and not skip_faulty:
            raise ImportFaulty(faulty_rows=faulty)
        note(
            tx,
            import_id,
            state="applying",
            attempts=0,
            applied_by=principal.account_id,
            applied_role=principal.role,
            skip_faulty=skip_faulty,
            expires_at=None,
            message=None,
        )
        record(tx, "import.application_requested", import_id, institution_id=institution_id)
        return runs.get_import(tx, institution_id, import_id)


def get_report(principal: Principal, institution_id: UUID, import_id: UUID) -> tuple[str, bytes]:
    """The name of the uploaded file, and its rows with what was found; that leaves an entry."""
    principal.require_own(institution_id)
    with transaction() as tx:
        found = runs.get_import(tx, institution_id, import_id)
        if not found.has_report:
            raise NotFound
        record(tx, "import.report_downloaded", import_id, institution_id=institution_id)
    try:
        return found.name, store.fetch(import_id, "report")
    except FileNotFoundError as error:
        raise NotFound from error


def erase_outdated() -> None:
    """Workbook and report, a day after the last that was done with them; what they were stays.

    Bytes without an import, which a process left that broke in the middle, go after a week.
    """
    store.sweep()
    with reading() as tx:
        outdated = runs.outdated(tx, clock.now())
    for import_id in outdated:
        with transaction() as tx:
            run = runs.locked(tx, import_id)
            store.erase(import_id)
            note(tx, import_id, state=runs.ERASED, message=None)
            record(tx, "import.erased", import_id, institution_id=run["institution_id"])


def note(tx: Tx, import_id: UUID, **values: object) -> None:
    tx.execute(update(sheet_import).where(sheet_import.c.import_id == import_id).values(values))


def record(tx: Tx, action: str, import_id: UUID, *, institution_id: UUID) -> None:
    audit.record(
        tx,
        action,
        object_type="import",
        object_id=import_id,
        institution_id=institution_id,
    )


def count(outcome: str) -> None:
    metrics.IMPORTS.labels(current_runtime().service, outcome).inc()
