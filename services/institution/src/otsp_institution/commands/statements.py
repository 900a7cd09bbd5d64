"""Statements of what lies under supervision (资金月报): stated once a month, or corrected."""

from typing import ClassVar
from uuid import UUID

from otsp_chassis import audit, clock, history
from otsp_chassis.db import Tx, transaction
from otsp_chassis.history import Subject
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict, Invalid
from otsp_contracts.values import FieldError
from otsp_institution.commands.entry import Fields, fill, open_for_write, values_of
from otsp_institution.model import FundsStatement
from otsp_institution.queries.statements import get_statement
from otsp_institution.rules.rows import StatementRow

_ENTERED = (
    "month",
    "cycle_total_fen",
    "balance_fen",
    "unspent_lessons_fen",
    "deposit_balance_fen",
    "as_of",
    "corrects_id",
    "reason",
)


class StatementExists(Conflict):
    slug: ClassVar[str] = "institution-statement-exists"
    title: ClassVar[str] = "The month is stated already"
    detail_zh: ClassVar[str] = (
        "该月的资金月报已报送，不能再次报送；数据有误的，请以更正方式重新报送并填写更正原因，原月报予以保留。"
    )


class StatementCorrected(Conflict):
    slug: ClassVar[str] = "institution-statement-corrected"
    title: ClassVar[str] = "The statement is corrected already"
    detail_zh: ClassVar[str] = "该月报已被更正，请刷新后对该月最新的一份月报进行更正。"


def state_funds(principal: Principal, institution_id: UUID, fields: Fields) -> StatementRow:
    """Of two who state the same month, or correct the same statement, the later one is refused."""
    principal.require_own(institution_id)
    conflicts = {
        "uq_funds_statement_month": StatementExists,
        "uq_funds_statement_corrects_id": StatementCorrected,
    }
    with transaction(conflicts=conflicts) as tx:
        open_for_write(tx, institution_id, "funds", part="supervision")
        statement = FundsStatement(
            statement_id=new_id(), institution_id=institution_id, stated_on=clock.today()
        )
        fill(statement, fields, _ENTERED)
        _require_corrected(tx, statement)
        tx.add(statement)
        tx.flush()  # what it conflicts with is found before it is recorded
        _record(tx, statement)
        return get_statement(tx, institution_id, statement.statement_id)


def _require_corrected(tx: Tx, statement: FundsStatement) -> None:
    if statement.corrects_id is None:
        return
    corrected = tx.get(FundsStatement, statement.corrects_id)
    if (
        corrected is None
        or corrected.institution_id != statement.institution_id
        or corrected.month != statement.month
    ):
        detail = "被更正的月报不是本机构该月的月报，请在该月的月报中选择要更正的一份。"
        raise Invalid(errors=[FieldError("/corrects_id", "unknown_statement", detail)])


def _record(tx: Tx, statement: FundsStatement) -> None:
    after = values_of(statement, (*_ENTERED, "stated_on"))
    history.record(
        tx,
        Subject(statement.institution_id, "funds_statement", statement.statement_id),
        version=1,
        before=None,
        after=after,
    )
    audit.record(
        tx,
        "institution.funds_stated",
        object_type="funds_statement",
        object_id=statement.statement_id,
        institution_id=statement.institution_id,
        after=after,
    )
