"""Money: supervision of prepaid fees, accounts, the contract, the charges."""

from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict
from uuid import UUID

from otsp_institution.rules.charges import unit_price_fen
from otsp_institution.rules.rows.row import Part


@dataclass(frozen=True, slots=True)
class StatementRow:
    """What lay under supervision (资金月报); `corrected_by` is null of the one that holds."""

    statement_id: UUID
    month: str
    cycle_total_fen: int | None
    balance_fen: int | None
    unspent_lessons_fen: int | None
    deposit_balance_fen: int | None
    as_of: date | None
    corrects_id: UUID | None
    corrected_by: UUID | None
    reason: str | None
    stated_on: date


@dataclass(frozen=True, slots=True)
class SupervisionRow(Part):
    """Supervision of prepaid fees (监管信息)."""

    version: int
    mode: str | None
    bank_name: str | None
    bank_branch: str | None
    account_name: str | None
    account_no: str | None
    agreement_no: str | None
    agreement_file_id: UUID | None
    agreement_signed_on: date | None
    agreement_filed_on: date | None
    release_rule: str | None
    latest_statement: StatementRow | None = None


@dataclass(frozen=True, slots=True)
class BasicAccountRow(Part):
    """The ordinary bank account (基础账户信息)."""

    version: int
    account_type: str | None
    bank_name: str | None
    bank_branch: str | None
    account_name: str | None
    account_no: str | None
    open_permit_no: str | None
    filed_with_authority: bool | None
    proof_file_id: UUID | None


@dataclass(frozen=True, slots=True)
class ContractRow(Part):
    """The service contract with families (合同信息); its clause is the mode of supervision."""

    version: int
    template_code: str | None
    template_year: int | None
    used_for_all: bool | None
    local_template_name: str | None
    cooling_off_days: int | None
    refund_days: int | None
    dispute_mode: str | None
    sample_file_id: UUID | None
    signed_count: int | None
    supervision_clause: str | None = None


class ExtraItem(TypedDict):
    """Something charged on behalf of others, such as a textbook."""

    name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class FeeItemRow(Part):
    """One published charge (收费信息)."""

    fee_item_id: UUID
    version: int
    name: str | None
    charge_mode: str | None
    lesson_count: int | None
    period_days: int | None
    amount_fen: int | None
    advance_days: int | None
    remaining_lessons: int | None
    extra_items: list[ExtraItem]
    payment_plan: str | None
    publicized: bool | None
    publicized_on: date | None
    publicity_place: str | None
    price_filing_no: str | None
    training_loan: bool | None
    refund_policy: str | None
    unit_price_fen: int | None = field(init=False)

    def __post_init__(self) -> None:
        price = unit_price_fen(self.amount_fen, self.lesson_count)
        object.__setattr__(self, "unit_price_fen", price)
