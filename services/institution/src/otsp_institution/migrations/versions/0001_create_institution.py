"""Create the tables of the institution service and the chassis's.

Revision ID: 0001_create_institution
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.migrate import create_chassis_tables, create_counters_table, make_append_only
from otsp_chassis.search import create_search_index, search_columns

revision = "0001_create_institution"
down_revision = None

Column = sa.Column[Any]
_FIGURES = ("cycle_total_fen", "balance_fen", "unspent_lessons_fen", "deposit_balance_fen")


def _stamps() -> list[Column]:
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    ]


def _of_one() -> list[Column]:
    """A part that an institution has once."""
    owner = sa.ForeignKey("institution.institution_id")
    return [sa.Column("institution_id", sa.Uuid, owner, primary_key=True), *_stamps()]


def _of_several() -> list[Column]:
    """A part that an institution has any number of."""
    owner = sa.ForeignKey("institution.institution_id")
    return [
        sa.Column("institution_id", sa.Uuid, owner, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        *_stamps(),
    ]


def _licence() -> list[Column]:
    return [
        sa.Column("licence_no", sa.Text),
        sa.Column("name_on_licence", sa.Text),
        sa.Column("address_on_licence", sa.Text),
        sa.Column("principal_on_licence", sa.Text),
        sa.Column("issuer_name", sa.Text),
        sa.Column("issuer_level", sa.Text),
        sa.Column("issuer_region_code", sa.Text),
        sa.Column("scope_text", sa.Text),
        sa.Column("scope_categories", sa.ARRAY(sa.Text)),
        sa.Column("scope_delivery", sa.ARRAY(sa.Text)),
        sa.Column("scope_stages", sa.ARRAY(sa.Text)),
        sa.Column("scope_subject_codes", sa.ARRAY(sa.Text)),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("issued_on", sa.Date),
        sa.Column("replaces_licence_no", sa.Text),
        sa.Column("scan_file_id", sa.Uuid),
        sa.Column("status", sa.Text),
    ]


def _standing() -> list[Column]:
    """Where registration and compliance stand."""
    return [
        sa.Column("entered_at", sa.DateTime(timezone=True)),
        sa.Column("registration_status", sa.Text, nullable=False),
        sa.Column("registration_round", sa.SmallInteger, nullable=False),
        sa.Column("submitted_on", sa.Date),
        sa.Column("decided_on", sa.Date),
        sa.Column("decision_reason", sa.Text),
        sa.Column("decided_case_id", sa.Uuid),
        sa.Column("compliance_status", sa.Text, nullable=False),
        sa.Column("compliance_before", sa.Text),
        sa.Column("open_application_id", sa.Uuid),
        sa.Column("settled_application_id", sa.Uuid),
        sa.Column("settled_from", sa.Text),
        sa.Column("settled_outcome", sa.Text),
        sa.Column("deregistered_on", sa.Date),
        sa.Column("anonymised_on", sa.Date),
        sa.Column("has_proposed_change", sa.Boolean, nullable=False),
        sa.Column("licence_delivery", sa.ARRAY(sa.Text), nullable=False),
    ]


def _basic_information() -> list[Column]:
    """What the institution says of itself."""
    return [
        sa.Column("name", sa.Text),
        sa.Column("short_name", sa.Text),
        sa.Column("logo_file_id", sa.Uuid),
        sa.Column("former_names", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("uscc", sa.Text),
        sa.Column("region_code", sa.Text),
        sa.Column("registered_address", sa.Text),
        sa.Column("office_address", sa.Text),
        sa.Column("categories", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("delivery_modes", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("nonsubject_types", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("primary_nonsubject_type", sa.Text),
        sa.Column("stages", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("legal_nature", sa.Text),
        sa.Column("has_licence", sa.Boolean),
        sa.Column("legal_form", sa.Text),
        sa.Column("founded_on", sa.Date),
        sa.Column("first_approved_on", sa.Date),
        sa.Column("start_fund_fen", sa.BigInteger),
        sa.Column("sponsor_type", sa.Text),
        sa.Column("sponsors", JSONB, nullable=False),
        sa.Column("actual_controller", JSONB),
        sa.Column("foreign_controlled", sa.Boolean),
        sa.Column("listed_affiliate", sa.Boolean),
        sa.Column("migrated_from", sa.Text),
        sa.Column("board_members", JSONB, nullable=False),
        sa.Column("supervisors", JSONB, nullable=False),
        sa.Column("principal_name", sa.Text),
        sa.Column("intro", sa.Text),
        sa.Column("website", sa.Text),
        sa.Column("consult_tel", sa.Text),
        sa.Column("complaint_tel", sa.Text),
        sa.Column("scale", sa.Integer),
        sa.Column("branches", JSONB, nullable=False),
    ]


def _persons() -> list[Column]:
    """Legal representative and contact person."""
    return [
        sa.Column("legal_rep_name", sa.Text),
        sa.Column("legal_rep_id_type", sa.Text),
        sa.Column("legal_rep_id_no", sa.LargeBinary),
        sa.Column("legal_rep_id_hmac", sa.LargeBinary),
        sa.Column("legal_rep_id_masked", sa.Text),
        sa.Column("legal_rep_id_valid", sa.Boolean),
        sa.Column("legal_rep_mobile", sa.Text),
        sa.Column("legal_rep_nationality", sa.Text),
        sa.Column("legal_rep_resides_in_china", sa.Boolean),
        sa.Column("legal_rep_position", sa.Text),
        sa.Column("legal_rep_id_scan_file_ids", sa.ARRAY(sa.Uuid)),
        sa.Column("contact_name", sa.Text),
        sa.Column("contact_mobile", sa.Text),
        sa.Column("contact_email", sa.Text),
        sa.Column("contact_position", sa.Text),
    ]


def upgrade() -> None:
    create_chassis_tables(op)
    create_counters_table(op)
    _create_institution()
    _create_audit_report()
    _create_basic_account()
    _create_certificate()
    _create_fee_item()
    _create_former_licence()
    _create_funds_statement()
    _create_other_doc()
    _create_party()
    _create_proposed_change()
    _create_standing_measure()
    _create_filed_change()
    _create_school_licence()
    _create_case_ref()
    _create_rectification_ref()
    _create_review_seat()
    _create_public_picture_ref()
    _create_counters_refs()
    _create_section_count()
    _create_service_contract()
    _create_supervision()


def _create_institution() -> None:
    op.create_table(
        "institution",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        *_standing(),
        *_basic_information(),
        *_persons(),
        *search_columns(),
        *_stamps(),
        sa.CheckConstraint(
            "registration_status IN ('draft', 'submitted', 'returned', 'rejected', 'approved')",
            name="registration_status",
        ),
        sa.CheckConstraint(
            "compliance_status IN ('not_applied', 'under_review', 'compliant', 'returned',"
            " 'non_compliant', 'expired', 'suspended', 'change_pending', 'deregistering',"
            " 'deregistered')",
            name="compliance_status",
        ),
    )
    op.create_index("ix_institution_region_code", "institution", ["region_code", "institution_id"])
    op.create_index("ix_institution_uscc", "institution", ["uscc"])
    create_search_index(op, "institution")
    op.create_index(
        "uq_institution_uscc",
        "institution",
        ["uscc"],
        unique=True,
        postgresql_where=sa.text(
            "registration_status IN ('submitted', 'returned', 'approved')"
            " AND compliance_status <> 'deregistered'"
        ),
    )


def _create_audit_report() -> None:
    op.create_table(
        "audit_report",
        sa.Column("audit_report_id", sa.Uuid, primary_key=True),
        sa.Column("year", sa.SmallInteger, nullable=False),
        sa.Column("file_id", sa.Uuid),
        *_of_several(),
    )
    op.create_index("ix_audit_report_institution_id", "audit_report", ["institution_id"])
    op.create_index(
        "uq_audit_report_year",
        "audit_report",
        ["institution_id", "year"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _create_basic_account() -> None:
    op.create_table(
        "basic_account",
        sa.Column("account_type", sa.Text),
        sa.Column("bank_name", sa.Text),
        sa.Column("bank_branch", sa.Text),
        sa.Column("account_name", sa.Text),
        sa.Column("account_no", sa.Text),
        sa.Column("open_permit_no", sa.Text),
        sa.Column("filed_with_authority", sa.Boolean),
        sa.Column("proof_file_id", sa.Uuid),
        *_of_one(),
    )


def _create_certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("certificate_id", sa.Uuid, primary_key=True),
        sa.Column("is_primary", sa.Boolean, nullable=False),
        sa.Column("cert_type", sa.Text),
        sa.Column("cert_no", sa.Text),
        sa.Column("uscc", sa.Text),
        sa.Column("name_on_cert", sa.Text),
        sa.Column("registrar", sa.Text),
        sa.Column("legal_rep_on_cert", sa.Text),
        sa.Column("business_scope", sa.Text),
        sa.Column("capital_fen", sa.BigInteger),
        sa.Column("issued_on", sa.Date),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("scan_file_id", sa.Uuid),
        *_of_several(),
    )
    op.create_index("ix_certificate_institution_id", "certificate", ["institution_id"])
    op.create_index(
        "uq_certificate_primary",
        "certificate",
        ["institution_id"],
        unique=True,
        postgresql_where=sa.text("is_primary AND deleted_at IS NULL"),
    )


def _create_fee_item() -> None:
    op.create_table(
        "fee_item",
        sa.Column("fee_item_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text),
        sa.Column("charge_mode", sa.Text),
        sa.Column("lesson_count", sa.Integer),
        sa.Column("period_days", sa.Integer),
        sa.Column("amount_fen", sa.BigInteger),
        sa.Column("advance_days", sa.Integer),
        sa.Column("remaining_lessons", sa.Integer),
        sa.Column("extra_items", JSONB, nullable=False),
        sa.Column("payment_plan", sa.Text),
        sa.Column("publicized", sa.Boolean),
        sa.Column("publicized_on", sa.Date),
        sa.Column("publicity_place", sa.Text),
        sa.Column("price_filing_no", sa.Text),
        sa.Column("training_loan", sa.Boolean),
        sa.Column("refund_policy", sa.Text),
        *_of_several(),
        sa.CheckConstraint("amount_fen > 0 AND amount_fen <= 1000000000", name="amount_fen"),
    )
    op.create_index("ix_fee_item_institution_id", "fee_item", ["institution_id"])


def _create_former_licence() -> None:
    op.create_table(
        "former_licence",
        sa.Column("former_licence_id", sa.Uuid, primary_key=True),
        sa.Column(
            "institution_id", sa.Uuid, sa.ForeignKey("institution.institution_id"), nullable=False
        ),
        sa.Column("replaced_on", sa.Date, nullable=False),
        *_licence(),
    )
    op.create_index("ix_former_licence_institution_id", "former_licence", ["institution_id"])


def _create_other_doc() -> None:
    op.create_table(
        "other_doc",
        sa.Column("doc_id", sa.Uuid, primary_key=True),
        sa.Column("doc_type", sa.Text, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("file_id", sa.Uuid),
        sa.Column("issued_on", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("note", sa.Text),
        *_of_several(),
    )
    op.create_index("ix_other_doc_institution_id", "other_doc", ["institution_id"])


def _create_party() -> None:
    op.create_table(
        "party",
        sa.Column("member_count", sa.Integer),
        sa.Column("probationary_count", sa.Integer),
        sa.Column("org_form", sa.Text),
        sa.Column("org_name", sa.Text),
        sa.Column("parent_org", sa.Text),
        sa.Column("founded_on", sa.Date),
        sa.Column("secretary_name", sa.Text),
        sa.Column("secretary_mobile", sa.Text),
        sa.Column("secretary_in_board", sa.Boolean),
        sa.Column("charter_has_party", sa.Boolean),
        sa.Column("instructor_assigned", sa.Boolean),
        sa.Column("instructor_name", sa.Text),
        sa.Column("activity_records", JSONB),
        *_of_one(),
    )


def _create_proposed_change() -> None:
    op.create_table(
        "proposed_change",
        sa.Column("parts", JSONB, nullable=False),
        sa.Column("uscc", sa.Text),
        *_of_one(),
    )
    op.create_unique_constraint("uq_proposed_change_uscc", "proposed_change", ["uscc"])


def _create_standing_measure() -> None:
    owner = sa.ForeignKey("institution.institution_id")
    op.create_table(
        "standing_measure",
        sa.Column("measure_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, owner, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("basis_doc", sa.Text),
        sa.Column("authority_id", sa.Uuid, nullable=False),
        sa.Column("authority_name", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Uuid, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_on", sa.Date),
        sa.Column("decision_reason", sa.Text),
        *_stamps(),
    )
    op.create_index(
        "uq_standing_measure_proposed",
        "standing_measure",
        ["institution_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index(
        "ix_standing_measure_institution_id", "standing_measure", ["institution_id", "measure_id"]
    )


def _create_filed_change() -> None:
    op.create_table(
        "filed_change",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column(
            "institution_id", sa.Uuid, sa.ForeignKey("institution.institution_id"), nullable=False
        ),
        sa.Column("parts", JSONB, nullable=False),
    )
    op.create_index("ix_filed_change_institution_id", "filed_change", ["institution_id"])


def _create_school_licence() -> None:
    op.create_table(
        "school_licence",
        *_licence(),
        *_of_one(),
    )
    op.create_index(
        "ix_school_licence_licence_no",
        "school_licence",
        ["licence_no"],
        postgresql_ops={"licence_no": "text_pattern_ops"},
    )
    op.create_index("ix_school_licence_valid_to", "school_licence", ["valid_to"])


def _create_case_ref() -> None:
    op.create_table(
        "case_ref",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("authority_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
    )


def _create_rectification_ref() -> None:
    op.create_table(
        "rectification_ref",
        sa.Column("rectification_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("issued_on", sa.Date),
        sa.Column("is_over", sa.Boolean, nullable=False),
    )


def _create_review_seat() -> None:
    owner = sa.ForeignKey("institution.institution_id")
    op.create_table(
        "review_seat",
        sa.Column("institution_id", sa.Uuid, owner, primary_key=True),
        sa.Column("department", sa.Text, primary_key=True),
        sa.Column("level", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Uuid, nullable=False),
    )


def _create_public_picture_ref() -> None:
    op.create_table(
        "public_picture_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("file_ids", sa.ARRAY(sa.Uuid), nullable=False),
    )


def _create_counters_refs() -> None:
    op.create_table(
        "staff_counters_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("employed", sa.Integer, nullable=False),
    )
    op.create_table(
        "courses_counters_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("enrolled", sa.BigInteger, nullable=False),
    )


def _create_section_count() -> None:
    op.create_table(
        "section_count",
        sa.Column(
            "institution_id", sa.Uuid, sa.ForeignKey("institution.institution_id"), primary_key=True
        ),
        sa.Column("version", sa.BigInteger, nullable=False),
    )


def _create_service_contract() -> None:
    op.create_table(
        "service_contract",
        sa.Column("template_code", sa.Text),
        sa.Column("template_year", sa.SmallInteger),
        sa.Column("used_for_all", sa.Boolean),
        sa.Column("local_template_name", sa.Text),
        sa.Column("cooling_off_days", sa.SmallInteger),
        sa.Column("refund_days", sa.SmallInteger),
        sa.Column("dispute_mode", sa.Text),
        sa.Column("sample_file_id", sa.Uuid),
        sa.Column("signed_count", sa.Integer),
        *_of_one(),
    )


def _create_funds_statement() -> None:
    op.create_table(
        "funds_statement",
        sa.Column("statement_id", sa.Uuid, primary_key=True),
        sa.Column(
            "institution_id", sa.Uuid, sa.ForeignKey("institution.institution_id"), nullable=False
        ),
        sa.Column("month", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in _FIGURES),
        sa.Column("as_of", sa.Date),
        sa.Column("corrects_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("stated_on", sa.Date, nullable=False),
        sa.CheckConstraint("month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="month"),
        sa.CheckConstraint("to_char(as_of, 'YYYY-MM') = month", name="as_of"),
        sa.CheckConstraint("(corrects_id IS NULL) = (reason IS NULL)", name="reason"),
        *(sa.CheckConstraint(f"{name} >= 0", name=name) for name in _FIGURES),
        sa.UniqueConstraint("statement_id", "institution_id", "month"),
        sa.UniqueConstraint("corrects_id"),
        sa.ForeignKeyConstraint(
            ["corrects_id", "institution_id", "month"],
            [f"funds_statement.{name}" for name in ("statement_id", "institution_id", "month")],
            name="fk_funds_statement_corrects_id",
        ),
    )
    op.create_index(
        "uq_funds_statement_month",
        "funds_statement",
        ["institution_id", "month"],
        unique=True,
        postgresql_where=sa.text("corrects_id IS NULL"),
    )
    op.create_index(
        "ix_funds_statement_institution_id",
        "funds_statement",
        ["institution_id", "month", "statement_id"],
    )
    make_append_only(op, "funds_statement")


def _create_supervision() -> None:
    op.create_table(
        "supervision",
        sa.Column("mode", sa.Text),
        sa.Column("bank_name", sa.Text),
        sa.Column("bank_branch", sa.Text),
        sa.Column("account_name", sa.Text),
        sa.Column("account_no", sa.Text),
        sa.Column("agreement_no", sa.Text),
        sa.Column("agreement_file_id", sa.Uuid),
        sa.Column("agreement_signed_on", sa.Date),
        sa.Column("agreement_filed_on", sa.Date),
        sa.Column("release_rule", sa.Text),
        *_of_one(),
    )
