"""The net under the audit trail: a committed write always leaves a row.

Commands record meaningful entries with `audit.record`; when a write operation committed a
transaction without one, this writes the plain fact that the operation ran. A transaction that
changed nothing (an event already seen, a job with nothing to do) leaves no row.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from otsp_chassis import statements
from otsp_chassis.context import Call

RECORDED = "otsp_audit_recorded"
_CHANGED = "otsp_changed"
_INSERT = """
INSERT INTO audit_entry (actor_id, role, client_ip, request_id, operation, action, object_type,
  object_id, institution_id, region_code, before_sha256, after_sha256, pii_fields, reason)
VALUES (%(actor_id)s, %(role)s, %(client_ip)s, %(request_id)s, %(operation)s, %(action)s,
  %(object_type)s, %(object_id)s, %(institution_id)s, %(region_code)s, %(before_sha256)s,
  %(after_sha256)s, %(pii_fields)s, %(reason)s)
"""
_EMPTY: dict[str, Any] = dict.fromkeys(
    [
        "actor_id", "role", "client_ip", "request_id", "operation", "action", "object_type",
        "object_id", "institution_id", "region_code", "before_sha256", "after_sha256", "reason",
    ]
) | {"pii_fields": []}  # fmt: skip


def actor_columns(call: Call | None) -> dict[str, Any]:
    """Who did it, as columns of `audit_entry`; the system itself when nobody called."""
    if call is None:
        return {"operation": "system", "role": "system"}
    principal = call.principal
    authority = principal.authority if principal else None
    nobody = "system" if call.operator is None else f"operator:{call.operator}"
    return {
        "operation": call.operation,
        "request_id": call.request_id,
        "client_ip": call.client_ip,
        "actor_id": principal.account_id if principal else None,
        "role": principal.role if principal else nobody,
        "institution_id": call.institution_id,
        "region_code": authority.region_code if authority else None,
    }


def write_default_entry(session: Session, call: Call) -> None:
    """Called by the outermost transaction before it commits."""
    if session.info.get(RECORDED) or not session.info.get(_CHANGED):
        return
    insert_entry(session, {"action": call.operation} | actor_columns(call))


def insert_entry(session: Session, columns: dict[str, Any]) -> None:
    """One row; columns that are not named are null."""
    statements.run(session, _INSERT, _EMPTY | columns)


def leave_unrecorded(session: Session) -> None:
    """Tell that what this transaction changes is nobody's act yet: a draft saved over and over."""
    session.info[RECORDED] = True


def note_change(session: Session) -> None:
    """Tell that this transaction changes something by a statement that the session did not see."""
    session.info[_CHANGED] = True


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info[_CHANGED] = True


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: object) -> None:
    session.info[_CHANGED] = True
