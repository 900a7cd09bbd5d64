"""The worker's half: what waits is written, row by row, into a file under the export's own id."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import sqlalchemy

from otsp_chassis import clock
from otsp_chassis.cursors import Stream, streamed
from otsp_chassis.db import reading, transaction
from otsp_chassis.exports import runs
from otsp_chassis.exports.commands import count, note, record
from otsp_chassis.exports.listed import ExportedList, Lists
from otsp_chassis.files import Made, chunks_of, keep_made, write_made
from otsp_chassis.sheets import CSV, XLSX, Row, write_csv, write_xlsx
from otsp_chassis.zipped import ZIP

KEPT = timedelta(days=1)
MOST_ATTEMPTS = 3
"""Whoever wrote it may have been stopped in the middle; then it begins again."""

_CONTENT_TYPES = {"xlsx": XLSX, "csv": CSV, "zip": ZIP}

Run = Mapping[str, Any]
"""The row of an export."""


def make_waiting(lists: Lists) -> None:
    """One replica at a time does: what is running when this begins was left by one that died."""
    with reading() as tx:
        waiting = runs.waiting(tx)
    for export_id in waiting:
        make_export(lists, export_id)


def make_export(lists: Lists, export_id: UUID) -> None:
    """From its beginning, also what was left in the middle; given up after the last attempt."""
    run = _begin(lists, export_id)
    if run is None:
        return
    listed = lists[run["list"]].seen_by(runs.asker_of(run))
    with TemporaryDirectory(prefix="otsp-export-") as folder:
        made = write_made(export_id, _chunks(listed, run, Path(folder)))
    _finish(listed, export_id, made)


def _begin(lists: Lists, export_id: UUID) -> Run | None:
    with transaction() as tx:
        run = runs.locked(tx, export_id)
        if run["state"] not in runs.OPEN:
            return None
        if run["attempts"] < MOST_ATTEMPTS:
            attempts = run["attempts"] + 1
            note(tx, export_id, state="running", rows_done=0, files_done=0, attempts=attempts)
            return run
        note(tx, export_id, state="failed", ended_at=clock.now())
        record(tx, f"{lists[run['list']].part}.export_failed", run, state="failed")
    count("failed")
    return None


def _chunks(listed: ExportedList[Any], run: Run, folder: Path) -> Iterator[bytes]:
    export_id, asker, filters = run["export_id"], runs.asker_of(run), run["filters"]
    if run["format"] == "zip" and listed.archive is not None:
        told = partial(_note, export_id)
        yield from listed.archive.chunks(asker.owner_id, filters, folder=folder, note=told)
        return
    path = folder / f"list.{run['format']}"
    with streamed(listed.rows(asker.sees, filters)) as found:
        _note(export_id, rows_total=found.count)
        rows = chain.from_iterable(_noted(export_id, found))
        shown = rows if listed.tell is None else map(listed.tell, rows)
        _write(path, listed, shown, count=found.count)
    yield from chunks_of(path)


def _write(path: Path, listed: ExportedList[Any], rows: Iterator[Row], *, count: int) -> None:
    columns = tuple(listed.columns.values())
    if path.suffix == ".xlsx":
        write_xlsx(path, rows, name=listed.name_zh, columns=columns, count=count)
    else:
        write_csv(path, rows, columns=columns)


def _noted(export_id: UUID, found: Stream) -> Iterator[Sequence[sqlalchemy.Row[Any]]]:
    """The pages; how many rows there were is told after each."""
    done = 0
    for page in found.pages:
        yield page
        done += len(page)
        _note(export_id, rows_done=done)


def _note(export_id: UUID, **progress: int) -> None:
    with transaction() as tx:
        note(tx, export_id, **progress)


def _finish(listed: ExportedList[Any], export_id: UUID, made: Made) -> None:
    with transaction() as tx:
        run = runs.locked(tx, export_id)
        keep_made(
            tx,
            made,
            institution_id=run["owner_id"],
            name=f"{listed.name_zh}-{clock.today():%Y%m%d}.{run['format']}",
            content_type=_CONTENT_TYPES[run["format"]],
        )
        now = clock.now()
        note(tx, export_id, state="done", ended_at=now, expires_at=now + KEPT)
        record(tx, f"{listed.part}.export_written", run, state="done")
    count("done")
