"""Exports as their users ask for them, and what erases them.

No lock is asked: a review does not hinder reading (§3.8).
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import insert, update

from otsp_chassis import audit, clock, metrics
from otsp_chassis.context import current_runtime
from otsp_chassis.db import Conflicts, Tx, reading, transaction
from otsp_chassis.exports import runs
from otsp_chassis.exports.listed import Asker, ExportedList, Filters, Lists
from otsp_chassis.exports.runs import ExportRow
from otsp_chassis.files import erase_made
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import BadParameter, Conflict, Forbidden, Invalid
from otsp_chassis.tables import export


class ExportRunning(Conflict):
    slug: ClassVar[str] = "export-running"
    title: ClassVar[str] = "Another export is not done yet"
    detail_zh: ClassVar[str] = "还有一个导出任务没有完成，请等它完成后再导出。"


_CONFLICTS: Conflicts = {"uq_export_open": ExportRunning}


def institution_asker(principal: Principal, institution_id: UUID) -> Asker:
    """Raises OtherInstitution."""
    principal.require_own(institution_id)
    return Asker(institution_id, institution_id)


def authority_asker(principal: Principal, institution_id: UUID | None = None) -> Asker:
    """The account, not the authority: colleagues have files of their own. Raises Forbidden.

    Whether it may see the institution is for the caller to ask.
    """
    if principal.authority is None:
        raise Forbidden
    return Asker(principal.account_id, institution_id, principal.authority)


def request_export(
    lists: Lists, asker: Asker, *, of_list: str, file_format: str, filters: Filters
) -> ExportRow:
    """The worker finds it by itself. Raises ExportRunning while the asker has one."""
    listed, export_id = lists[of_list].seen_by(asker), new_id()
    _require_sound(listed, asker, filters)
    with transaction(conflicts=_CONFLICTS) as tx:
        if file_format == "zip" and listed.archive is not None:
            listed.archive.require_room(tx, asker.owner_id, filters)
        asked = {
            "export_id": export_id,
            "owner_id": asker.owner_id,
            "institution_id": asker.institution_id,
            "authority": _told(asker.authority),
            "list": of_list,
            "format": file_format,
            "filters": dict(filters),
            "state": "waiting",
        }
        tx.execute(insert(export).values(asked | {"requested_at": clock.now()}))
        record(tx, f"{listed.part}.export_requested", asked)
        return runs.get_export(tx, asker, export_id)


def _told(authority: AuthorityClaim | None) -> dict[str, str] | None:
    """As it was when it asked: the worker narrows the list to that."""
    if authority is None:
        return None
    return {name: str(value) for name, value in asdict(authority).items()}


def _require_sound(listed: ExportedList[Any], asker: Asker, filters: Filters) -> None:
    """The list tells what is wrong with a filter as a parameter; here it is a field."""
    try:
        listed.rows(asker.sees, filters)
    except BadParameter as refused:
        places = [replace(each, pointer=f"/filters{each.pointer}") for each in refused.errors]
        raise Invalid(errors=places) from refused


def erase_outdated(lists: Lists) -> None:
    """The files, a day after they were written; what was asked for stays, less its filters, which
    may name somebody.
    """
    with reading() as tx:
        outdated = runs.outdated(tx, clock.now())
    for export_id in outdated:
        with transaction() as tx:
            run = runs.locked(tx, export_id)
            if run["state"] == "done":
                erase_made(tx, export_id)
                note(tx, export_id, state="expired", filters={})
                record(tx, f"{lists[run['list']].part}.export_erased", run, state="expired")


def note(tx: Tx, export_id: UUID, **values: object) -> None:
    tx.execute(update(export).where(export.c.export_id == export_id).values(values))


def record(tx: Tx, action: str, run: Mapping[str, Any], *, state: str | None = None) -> None:
    told = {"list": run["list"], "format": run["format"], "filters": run["filters"]}
    audit.record(
        tx,
        action,
        object_type="export",
        object_id=run["export_id"],
        institution_id=run["institution_id"],
        after=told | {"state": state or run["state"]},
    )


def count(outcome: str) -> None:
    metrics.EXPORTS.labels(current_runtime().service, outcome).inc()
