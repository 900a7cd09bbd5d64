"""Funds in a dossier: supervision, accounts, contract, charges, audits."""

from typing import Literal

from otsp_contracts.snapshots.dossier.entry import (
    Count,
    Day,
    Entry,
    Reference,
    Text,
    WholeNumber,
    YesNo,
)


class DossierSupervision(Entry):
    """Supervision of prepaid fees."""

    mode: Literal["bank_custody", "risk_deposit", "both", "exempt_post_pay"] | None = None
    bank_name: Text | None = None
    bank_branch: Text | None = None
    account_name: Text | None = None
    account_no: Text | None = None
    agreement_no: Text | None = None
    agreement_file_id: Text | None = None
    agreement_signed_on: Day | None = None
    agreement_filed_on: Day | None = None
    deposit_balance_fen: Count | None = None
    cycle_total_fen: Count | None = None
    balance_fen: Count | None = None
    unspent_lessons_fen: Count | None = None
    release_rule: Literal["per_lesson", "proportional"] | None = None
    as_of: Day | None = None


class DossierBasicAccount(Entry):
    """The ordinary bank account."""

    account_type: Literal["basic", "general"] | None = None
    bank_name: Text | None = None
    bank_branch: Text | None = None
    account_name: Text | None = None
    account_no: Text | None = None
    open_permit_no: Text | None = None
    filed_with_authority: YesNo | None = None
    proof_file_id: Text | None = None


class DossierContract(Entry):
    """The service contract with families."""

    template_code: Text | None = None
    template_year: WholeNumber | None = None
    used_for_all: YesNo | None = None
    local_template_name: Text | None = None
    cooling_off_days: Count | None = None
    refund_days: Count | None = None
    dispute_mode: Literal["arbitration", "court"] | None = None
    sample_file_id: Text | None = None
    signed_count: Count | None = None


class DossierExtraItem(Entry):
    """Something charged on behalf of others, such as a textbook."""

    name: Text
    amount_fen: Count


class DossierFeeItem(Entry):
    """One published charge."""

    fee_item_id: Reference
    name: Text | None = None
    charge_mode: Literal["lesson", "period"] | None = None
    lesson_count: WholeNumber | None = None
    period_days: WholeNumber | None = None
    amount_fen: WholeNumber | None = None
    advance_days: WholeNumber | None = None
    remaining_lessons: WholeNumber | None = None
    extra_items: tuple[DossierExtraItem, ...] | None = None
    payment_plan: Literal["once", "instalment", "per_lesson", "after"] | None = None
    publicized: YesNo | None = None
    publicized_on: Day | None = None
    publicity_place: Text | None = None
    price_filing_no: Text | None = None
    training_loan: YesNo | None = None
    refund_policy: Text | None = None


class DossierAuditReport(Entry):
    """An annual audit report."""

    year: WholeNumber
    file_id: Text | None = None


class DossierFunds(Entry):
    """All of it. `audit_latest_year` stands for a report of that year when none is listed."""

    supervision: DossierSupervision | None = None
    basic_account: DossierBasicAccount | None = None
    contract: DossierContract | None = None
    audit_latest_year: WholeNumber | None = None
    audit_reports: tuple[DossierAuditReport, ...] | None = None
    fee_items: tuple[DossierFeeItem, ...] | None = None
