"""Money: supervision of prepaid fees, accounts, the contract, the charges."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from otsp_institution.model.schema import Base, Fen, Item, Sheet, Small

FIGURES = ("cycle_total_fen", "balance_fen", "unspent_lessons_fen", "deposit_balance_fen")
"""Of a statement, in fen."""


class Supervision(Sheet):
    """Supervision of prepaid fees; what lies there is told month by month (`FundsStatement`)."""

    __tablename__ = "supervision"

    mode: Mapped[str | None]
    bank_name: Mapped[str | None]
    bank_branch: Mapped[str | None]
    account_name: Mapped[str | None]
    account_no: Mapped[str | None]
    agreement_no: Mapped[str | None]
    agreement_file_id: Mapped[UUID | None]
    agreement_signed_on: Mapped[date | None]
    agreement_filed_on: Mapped[date | None]
    release_rule: Mapped[str | None]


class FundsStatement(Base):
    """What lay under supervision at one day of a month: never changed, never deleted.

    The database refuses the service both. What was wrong is corrected by another row that names
    it; each is corrected once, so that of every month exactly one row is not.
    """

    __tablename__ = "funds_statement"
    __table_args__ = (
        CheckConstraint("month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="month"),
        CheckConstraint("to_char(as_of, 'YYYY-MM') = month", name="as_of"),
        CheckConstraint("(corrects_id IS NULL) = (reason IS NULL)", name="reason"),
        *(CheckConstraint(f"{name} >= 0", name=name) for name in FIGURES),
        UniqueConstraint("statement_id", "institution_id", "month"),
        UniqueConstraint("corrects_id"),
        ForeignKeyConstraint(
            ["corrects_id", "institution_id", "month"],
            [
                "funds_statement.statement_id",
                "funds_statement.institution_id",
                "funds_statement.month",
            ],
            name="fk_funds_statement_corrects_id",
        ),
        Index(
            "uq_funds_statement_month",
            "institution_id",
            "month",
            unique=True,
            postgresql_where=text("corrects_id IS NULL"),
        ),
        Index("ix_funds_statement_institution_id", "institution_id", "month", "statement_id"),
    )

    statement_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.institution_id"))
    month: Mapped[str]
    cycle_total_fen: Mapped[Fen | None]
    balance_fen: Mapped[Fen | None]
    unspent_lessons_fen: Mapped[Fen | None]
    deposit_balance_fen: Mapped[Fen | None]
    as_of: Mapped[date | None]
    corrects_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    stated_on: Mapped[date]


class BasicAccount(Sheet):
    """The ordinary bank account."""

    __tablename__ = "basic_account"

    account_type: Mapped[str | None]
    bank_name: Mapped[str | None]
    bank_branch: Mapped[str | None]
    account_name: Mapped[str | None]
    account_no: Mapped[str | None]
    open_permit_no: Mapped[str | None]
    filed_with_authority: Mapped[bool | None]
    proof_file_id: Mapped[UUID | None]


class ServiceContract(Sheet):
    """The contract with families: the template used; no family's data."""

    __tablename__ = "service_contract"

    template_code: Mapped[str | None]
    template_year: Mapped[Small | None]
    used_for_all: Mapped[bool | None]
    local_template_name: Mapped[str | None]
    cooling_off_days: Mapped[Small | None]
    refund_days: Mapped[Small | None]
    dispute_mode: Mapped[str | None]
    sample_file_id: Mapped[UUID | None]
    signed_count: Mapped[int | None]


class FeeItem(Item):
    """A published charge. `extra_items` is one value, replaced as a whole."""

    __tablename__ = "fee_item"
    __table_args__ = (
        CheckConstraint("amount_fen > 0 AND amount_fen <= 1000000000", name="amount_fen"),
    )

    fee_item_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    charge_mode: Mapped[str | None]
    lesson_count: Mapped[int | None]
    period_days: Mapped[int | None]
    amount_fen: Mapped[Fen | None]
    advance_days: Mapped[int | None]
    remaining_lessons: Mapped[int | None]
    extra_items: Mapped[list[dict[str, Any]]]
    payment_plan: Mapped[str | None]
    publicized: Mapped[bool | None]
    publicized_on: Mapped[date | None]
    publicity_place: Mapped[str | None]
    price_filing_no: Mapped[str | None]
    training_loan: Mapped[bool | None]
    refund_policy: Mapped[str | None]
