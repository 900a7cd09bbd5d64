"""The net under the audit trail: a committed write always leaves a row.

Commands record meaningful entries with `audit.record`; when a write operation committed a
transaction without one, this writes the plain fact that the operation ran. A transaction that
changed nothing (an event already seen, a job with nothing to do) leaves no row.
"""

from typing import Any

from sqlalchemy import event, insert
from sqlalchemy.orm import ORMExecuteState, Session

from otsp_chassis.context import Call
from otsp_chassis.tables import audit_entry

RECORDED = "otsp_audit_recorded"
_CHANGED = "otsp_changed"


def actor_columns(call: Call | None) -> dict[str, Any]:
    """Who did it, as columns of `audit_entry`; the system itself when nobody called."""
    if call is None:
        return {"operation": "system", "role": "system"}
    principal = call.principal
    return {
        "operation": call.operation,
        "request_id": call.request_id,
        "client_ip": call.client_ip,
        "actor_id": principal.account_id if principal else None,
        "role": principal.role if principal else "system",
        "institution_id": call.institution_id,
    }


def write_default_entry(session: Session, call: Call) -> None:
    """Called by the outermost transaction before it commits."""
    if session.info.get(RECORDED) or not session.info.get(_CHANGED):
        return
    session.execute(insert(audit_entry).values(action=call.operation, **actor_columns(call)))


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info[_CHANGED] = True


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: object) -> None:
    session.info[_CHANGED] = True
