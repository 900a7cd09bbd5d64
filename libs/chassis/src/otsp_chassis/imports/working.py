"""What the worker does with an import: check every row and report, then enter them.

Both passes read the workbook from its beginning. Entering goes by batches, each one transaction
that also says how far it came: whoever is stopped goes on there, and no row has its effect twice.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy.engine import RowMapping

from otsp_chassis import clock, metrics
from otsp_chassis.context import Call, activate, current_runtime
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.imports import runs, store
from otsp_chassis.imports.commands import count, note, record
from otsp_chassis.imports.fields import Body
from otsp_chassis.imports.importer import (
    ADDED,
    CHANGED,
    FAULTY,
    Checking,
    Importer,
    Verdict,
)
from otsp_chassis.imports.reading import Refused, Row, Rows, opened
from otsp_chassis.imports.runs import KEPT, MOST_ATTEMPTS
from otsp_chassis.imports.workbooks import write_report
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Locked, Problem, Unavailable
from otsp_contracts.values import FieldError

Importers = Mapping[str, Importer]

ROWS_A_BATCH = 100
MOST_FAULTS = 20
"""So many of the first ones stand in the import itself; the report has all."""
WARNED = "warned"
_CHANGED_SINCE_ZH = (
    "检查之后本机构的数据有了变化，有的行不能再写入。导入没有开始，已重新检查，请查看新的报告。"
)
_LOCKED_ZH = (
    "审核中，信息已锁定：导入停在第 {row} 行，此前的行已写入。撤回申请后可再次提交，从该行继续。"
)


def check_waiting(importers: Importers) -> None:
    """One replica at a time does: what is there waits, or was left by one that died."""
    with reading() as tx:
        waiting = runs.in_state(tx, "checking")
    for import_id in waiting:
        _check(importers, import_id)


def apply_waiting(importers: Importers) -> None:
    """Beside the checks, which nobody should wait for because another's rows are entered."""
    with reading() as tx:
        waiting = runs.in_state(tx, "applying")
    for import_id in waiting:
        _apply(importers, import_id)


def _check(importers: Importers, import_id: UUID) -> None:
    run = _begin(import_id, "checking")
    if run is None:
        return
    importer = importers[run["kind"]]
    tally = _Tally()
    try:
        with (
            opened(store.fetch(import_id, "upload"), importer.name_zh) as rows,
            TemporaryDirectory(prefix="otsp-import-") as folder,
        ):
            checking = Checking(importer, run["institution_id"], rows.titles)
            path = Path(folder) / "report.xlsx"
            write_report(
                path,
                importer,
                checking,
                titles=rows.titles,
                checked=_checked(run, checking, rows, tally=tally),
            )
            if not tally.rows:
                raise Refused("empty")
            with path.open("rb") as report:
                store.keep(import_id, "report", report)
    except Refused as refused:
        _refuse(run, refused)
        return
    with transaction() as tx:
        ends = clock.now()
        note(
            tx, import_id, state="checked", attempts=0, rows_done=0, counts=tally.counts(),
            faults=tally.faults, checked_at=ends, expires_at=ends + KEPT,
        )  # fmt: skip
        record(tx, "import.checked", import_id, institution_id=run["institution_id"])
    count("checked")


def _checked(
    run: RowMapping, checking: Checking, rows: Rows, *, tally: "_Tally"
) -> Iterator[tuple[Row, Verdict]]:
    """Each row with what would become of it; how far this is, is told after each page."""
    for page in rows.pages:
        with reading() as tx:
            verdicts = checking.page(tx, page)
        for row, verdict in zip(page, verdicts, strict=True):
            tally.add(row, verdict, checking)
            yield row, verdict
        with transaction() as tx:
            note(tx, run["import_id"], rows_total=rows.count, rows_done=page[-1].number - 1)


def _apply(importers: Importers, import_id: UUID) -> None:
    run = _begin(import_id, "applying")
    if run is None:
        return
    importer = importers[run["kind"]]
    content = store.fetch(import_id, "upload")
    if not run["rows_done"] and not run["skip_faulty"] and _has_faults(importer, run, content):
        with transaction() as tx:
            note(
                tx, import_id, state="checking", attempts=0, applied_by=None,
                message=_CHANGED_SINCE_ZH,
            )  # fmt: skip
            record(
                tx, "import.application_refused", import_id, institution_id=run["institution_id"]
            )
        return
    with activate(current_runtime(), _in_the_name_of(run)):
        try:
            tally = _enter_all(importer, run, content)
        except Locked:
            _stop(run)
            return
    with transaction() as tx:
        ends = clock.now()
        note(tx, import_id, state="applied", ended_at=ends, expires_at=ends + KEPT)
        record(tx, "import.applied", import_id, institution_id=run["institution_id"])
    count("applied")
    for outcome, number in tally.items():
        metrics.IMPORTED_ROWS.labels(current_runtime().service, outcome).inc(number)


def _has_faults(importer: Importer, run: RowMapping, content: bytes) -> bool:
    """All or nothing: the rows are looked at once more before the first is entered."""
    with opened(content, importer.name_zh) as rows, reading() as tx:
        checking = Checking(importer, run["institution_id"], rows.titles)
        return any(
            verdict.outcome == FAULTY for page in rows.pages for verdict in checking.page(tx, page)
        )


def _enter_all(importer: Importer, run: RowMapping, content: bytes) -> dict[str, int]:
    with opened(content, importer.name_zh) as rows:
        checking = Checking(importer, run["institution_id"], rows.titles)
        tally = _Tally(run["counts"], run["faults"]) if run["rows_done"] else _Tally()
        for page in rows.pages:
            done = [row for row in page if row.number - 1 <= run["rows_done"]]
            if done:
                with reading() as tx:
                    checking.pass_over(tx, done)
            rest = iter(page[len(done) :])
            while batch := list(islice(rest, ROWS_A_BATCH)):
                _enter_batch(importer, run, checking, batch=batch, tally=tally)
        return tally.counts()


def _enter_batch(
    importer: Importer,
    run: RowMapping,
    checking: Checking,
    *,
    batch: Sequence[Row],
    tally: "_Tally",
) -> None:
    """A row that is refused in the middle undoes its batch, which is entered again without it."""
    refused: dict[int, Verdict] = {}
    while True:
        try:
            with transaction() as tx:
                guard_write(tx, run["institution_id"], importer.scope, part=importer.part)
                verdicts = checking.page(tx, batch)
                verdicts = [
                    refused.get(row.number, verdict)
                    for row, verdict in zip(batch, verdicts, strict=True)
                ]
                _enter(importer, run, zip(batch, verdicts, strict=True))
                after = tally.after(zip(batch, verdicts, strict=True), checking)
                note(
                    tx, run["import_id"], attempts=0, rows_done=batch[-1].number - 1,
                    **after.columns(),
                )  # fmt: skip
        except _RowRefused as refusal:
            refused[refusal.number] = Verdict(FAULTY, faults=refusal.faults)
        else:
            tally.take(after)
            return


def _enter(importer: Importer, run: RowMapping, rows: Iterable[tuple[Row, Verdict]]) -> None:
    principal = _principal(run)
    for row, verdict in rows:
        if verdict.outcome in {ADDED, CHANGED}:
            try:
                importer.enter(principal, run["institution_id"], verdict)
            except (Locked, Unavailable):
                raise
            except Problem as problem:
                raise _RowRefused(row.number, problem) from problem


class _RowRefused(Exception):
    def __init__(self, number: int, problem: Problem) -> None:
        super().__init__(number)
        self.number = number
        self.faults = problem.errors or (FieldError("", problem.slug, problem.detail),)


class _Tally:
    """Rows by what becomes of them, and the first faults."""

    def __init__(
        self, counts: Mapping[str, int] | None = None, faults: Sequence[Body] = ()
    ) -> None:
        self._counts = Counter(counts or {})
        self.faults = list(faults)

    @property
    def rows(self) -> int:
        return sum(number for name, number in self._counts.items() if name != WARNED)

    def add(self, row: Row, verdict: Verdict, checking: Checking) -> None:
        self._counts[verdict.outcome] += 1
        if verdict.warnings:
            self._counts[WARNED] += 1
        if verdict.faults and len(self.faults) < MOST_FAULTS:
            self.faults += [_fault(row, fault, checking) for fault in verdict.faults]

    def after(self, rows: Iterable[tuple[Row, Verdict]], checking: Checking) -> "_Tally":
        """What it would be with these too."""
        following = _Tally(self._counts, self.faults)
        for row, verdict in rows:
            following.add(row, verdict, checking)
        return following

    def take(self, other: "_Tally") -> None:
        self._counts, self.faults = other._counts, other.faults  # noqa: SLF001 - of its own kind

    def counts(self) -> dict[str, int]:
        return dict(self._counts)

    def columns(self) -> dict[str, Any]:
        return {"counts": self.counts(), "faults": self.faults}


def _fault(row: Row, fault: FieldError, checking: Checking) -> Body:
    return {"row": row.number, "code": fault.code, "detail": checking.layout.told(fault)}


def _begin(import_id: UUID, state: str) -> RowMapping | None:
    """The import as it stands; None when it needs nothing more, or was tried often enough."""
    with transaction() as tx:
        run = runs.locked(tx, import_id)
        if run["state"] != state:
            return None
        if run["attempts"] < MOST_ATTEMPTS:
            note(tx, import_id, attempts=run["attempts"] + 1)
            return run
        ends = clock.now()
        note(tx, import_id, state="failed", ended_at=ends, expires_at=ends + KEPT)
        record(tx, "import.failed", import_id, institution_id=run["institution_id"])
    count("failed")
    return None


def _refuse(run: RowMapping, refused: Refused) -> None:
    with transaction() as tx:
        ends = clock.now()
        note(
            tx, run["import_id"], state="refused", message=refused.detail_zh, ended_at=ends,
            expires_at=ends + KEPT,
            faults=[{"row": 1, "code": refused.code, "detail": refused.detail_zh}],
        )  # fmt: skip
        record(tx, "import.refused", run["import_id"], institution_id=run["institution_id"])
    count("refused")


def _stop(run: RowMapping) -> None:
    """A review has begun in the middle: what is entered stays, the rest waits to be asked for."""
    with transaction() as tx:
        done = runs.locked(tx, run["import_id"])["rows_done"]
        note(
            tx, run["import_id"], state="checked", message=_LOCKED_ZH.format(row=done + 2),
            expires_at=clock.now() + KEPT,
        )  # fmt: skip
        record(tx, "import.stopped", run["import_id"], institution_id=run["institution_id"])
    count("stopped")


def _principal(run: RowMapping) -> Principal:
    """Who asked for the rows to be entered, as the commands see him."""
    return Principal(
        account_id=run["applied_by"],
        role=run["applied_role"],
        scopes=frozenset(),
        session_id=str(run["import_id"]),
        institution_id=run["institution_id"],
    )


def _in_the_name_of(run: RowMapping) -> Call:
    """Trail and history name the import that a change came by."""
    return Call(
        f"import:{run['import_id']}",
        request_id=str(run["import_id"]),
        is_write=False,
        principal=_principal(run),
        institution_id=run["institution_id"],
        correlation_id=str(run["import_id"]),
    )
