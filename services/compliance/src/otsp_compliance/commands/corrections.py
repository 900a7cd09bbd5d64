"""What an answer brings beside the file: closing papers put right, exceptions, warnings read.

The application is locked by the caller, and its notice waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from otsp_chassis import audit
from otsp_chassis.db import Tx
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Forbidden, Invalid
from otsp_compliance.commands.deregistration_filing import require_papers
from otsp_compliance.model import Application, Deregistration, Notice, NoticeItem
from otsp_compliance.queries.sealed import blocking_pointers
from otsp_compliance.rules.closing import Closing
from otsp_compliance.rules.notices import CLOSING, closing_fields
from otsp_compliance.rules.states import DEREGISTRATION
from otsp_contracts.values import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """`closing` holds only what changes; `exceptions` maps B* rules to reasons, as at filing."""

    closing: Mapping[str, Any] = field(default_factory=dict)
    exceptions: Mapping[str, str] = field(default_factory=dict)
    acknowledged_warnings: Sequence[str] = ()


def take(
    tx: Tx, principal: Principal, application: Application, *, notice: Notice, brought: Brought
) -> None:
    """Exceptions and read warnings come to those of earlier rounds; the reviewer answers them all
    on the new snapshot (decisions D19, D20).
    """
    if brought.closing:
        _correct(tx, principal, application, notice=notice, closing=brought.closing)
    application.exceptions = {**application.exceptions, **brought.exceptions}
    application.acknowledge(list(brought.acknowledged_warnings))


def _correct(
    tx: Tx,
    principal: Principal,
    application: Application,
    *,
    notice: Notice,
    closing: Mapping[str, Any],
) -> None:
    if principal.role != "inst_admin":
        raise Forbidden("注销申请的内容须由机构管理员本人登录后更正。")
    _require_asked(closing, _asked_fields(tx, application, notice))
    require_papers(tx, application.institution_id, Closing.of(closing))
    filed = tx.get_one(Deregistration, application.application_id)
    filed.closing = {**filed.closing, **closing}
    audit.record(
        tx,
        "compliance.closing_corrected",
        object_type="application",
        object_id=application.application_id,
        institution_id=application.institution_id,
        after={"fields": sorted(closing)},
    )


def _asked_fields(tx: Tx, application: Application, notice: Notice) -> frozenset[str]:
    """What the notice names, and what blocked the last answer to it."""
    if application.kind != DEREGISTRATION:
        return frozenset()
    items = select(NoticeItem.pointer).where(
        NoticeItem.notice_id == notice.notice_id, NoticeItem.part == CLOSING
    )
    named = [f"/{CLOSING}{pointer}" for pointer in tx.scalars(items)]
    if application.request_id != notice.request_id:
        named += blocking_pointers(tx, application.request_id)
    typed = tx.get_one(Deregistration, application.application_id).closing
    return closing_fields(named, typed)


def _require_asked(closing: Mapping[str, Any], asked: frozenset[str]) -> None:
    detail = "补正通知没有要求更正此项。"
    errors = [
        FieldError(f"/closing/{name}", "not_asked", detail) for name in closing if name not in asked
    ]
    if errors:
        raise Invalid(errors=errors)
