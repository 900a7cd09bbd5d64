"""Create the compliance service's tables, the chassis's and the working calendar.

Revision ID: 0001_create_compliance
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.migrate import create_calendar_table, create_chassis_tables
from otsp_chassis.search import create_search_index, search_columns

revision = "0001_create_compliance"
down_revision = None

OPEN_APPLICATION = (
    "state NOT IN ('approved', 'deregistered', 'gather_failed', 'lapsed', 'precheck_failed',"
    " 'rejected', 'returned', 'withdrawn')"
)
SEALED = (
    "frozen_figure",
    "month_publication",
    "rectification_move",
    "snapshot",
    "snapshot_part",
    "finding",
    "configuration_change",
    "decision",
    "case_assignment",
    "log_entry",
    "log_head",
    "receipt",
    "receipt_print",
    "receipt_revocation",
)
ONLY_INSERT = """
DO $$ DECLARE grantee_name name; BEGIN
FOR grantee_name IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
  WHERE table_name = '{table}' AND grantee <> current_user AND grantee <> 'PUBLIC'
LOOP EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', grantee_name); END LOOP;
END $$
"""
LET_GO = """
CREATE FUNCTION otsp_let_go_of_snapshots(of_requests uuid[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
WITH gone AS (
  DELETE FROM snapshot_part part USING gathering
  WHERE part.request_id = ANY(of_requests) AND gathering.request_id = part.request_id
    AND gathering.began_at < clock_timestamp() - interval '10 years' + interval '1 day'
  RETURNING part.request_id)
SELECT count(DISTINCT request_id) FROM gone $$
"""
"""Retention alone (§5.4) takes away what is sealed, and nothing that is younger."""


def upgrade() -> None:
    create_chassis_tables(op)
    create_calendar_table(op)
    create_references()
    create_leave_cover_ref()
    create_recovery_ref()
    create_counters()
    create_frozen_figures()
    create_publications()
    create_application()
    create_filing_counter()
    create_deregistration()
    create_gathering()
    create_gathered_section()
    create_snapshot_part()
    create_snapshot()
    create_finding()
    create_review_case()
    create_case_step()
    create_case_transfer()
    create_case_clock()
    create_clock_pause()
    create_decision()
    create_notice()
    create_notice_item()
    create_rectification()
    create_rectification_step()
    create_rectification_move()
    create_re_evaluations()
    create_case_assignment()
    create_receipts()
    create_transparency_log()
    create_region_configuration()
    create_working_year()
    create_configuration_change()
    create_region_parameter_set()
    create_routing_rule()
    create_public_register()
    for table in SEALED:
        op.execute(sa.text(ONLY_INSERT.format(table=table)))


def moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def stamps() -> list[sa.Column[Any]]:
    return [
        moment("created_at", nullable=False),
        moment("updated_at", nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    ]


def required_texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def optional_texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


def texts(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.ARRAY(sa.Text), nullable=False)


def create_references() -> None:
    op.create_table(
        "institution_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        *required_texts("name", "region_code"),
        texts("categories"),
        texts("delivery_modes"),
        texts("nonsubject_types"),
        sa.Column("primary_nonsubject_type", sa.Text),
        texts("stages"),
        *required_texts("legal_nature", "registration_status", "compliance_status"),
        sa.Column("has_proposed_change", sa.Boolean, nullable=False),
        sa.Column("licence_delivery", sa.ARRAY(sa.Text)),
        sa.Column("first_approved_on", sa.Date),
    )
    op.create_index(
        "ix_institution_ref_compliance_status",
        "institution_ref",
        ["compliance_status", "institution_id"],
    )
    op.create_table(
        "authority_ref",
        sa.Column("authority_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        *required_texts("name", "level", "department", "region_code"),
        sa.Column("parent_authority_id", sa.Uuid),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("reviewer_count", sa.Integer),
        sa.Column("reviewer_ids", sa.ARRAY(sa.Uuid)),
    )
    op.create_index("ix_authority_ref_region_code", "authority_ref", ["region_code"])
    op.create_table(
        "relocation_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("site_ids", sa.ARRAY(sa.Uuid), nullable=False),
    )


def create_leave_cover_ref() -> None:
    op.create_table(
        "leave_cover_ref",
        sa.Column("delegation_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("authority_id", sa.Uuid, nullable=False),
        sa.Column("from_account_id", sa.Uuid, nullable=False),
        sa.Column("to_account_id", sa.Uuid, nullable=False),
        moment("valid_from", nullable=False),
        moment("valid_to", nullable=False),
    )
    op.create_index(
        "ix_leave_cover_ref_to_account_id", "leave_cover_ref", ["to_account_id", "valid_to"]
    )


def create_recovery_ref() -> None:
    op.create_table(
        "recovery_ref",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        *required_texts("region_code", "delivery", "status"),
        sa.Column("submitted_on", sa.Date, nullable=False, index=True),
        sa.Column("handled_on", sa.Date),
    )


def create_counters() -> None:
    """Of each institution what one owner told last for the statistics."""
    for owner in ("institution", "staff", "materials", "courses"):
        op.create_table(
            f"{owner}_counters_ref",
            sa.Column("institution_id", sa.Uuid, primary_key=True),
            sa.Column("version", sa.BigInteger, nullable=False),
            sa.Column("counters", JSONB, nullable=False),
        )


def create_frozen_figures() -> None:
    op.create_table(
        "statistic_month",
        sa.Column("month", sa.Text, primary_key=True),
        sa.Column("frozen_on", sa.Date, nullable=False),
    )
    op.create_table(
        "month_publication",
        sa.Column("month", sa.Text, sa.ForeignKey("statistic_month.month"), primary_key=True),
        sa.Column("region_code", sa.Text, primary_key=True),
        sa.Column("published_on", sa.Date, nullable=False),
        sa.Column("published_by", sa.Uuid, nullable=False),
    )
    op.create_table(
        "frozen_figure",
        sa.Column("line", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("month", sa.Text, sa.ForeignKey("statistic_month.month"), nullable=False),
        *required_texts("figure", "region_code"),
        sa.Column("institution_id", sa.Uuid),
        *(texts(name) for name in ("categories", "delivery_modes", "nonsubject_types", "stages")),
        *optional_texts("legal_nature", "item"),
        sa.Column("days", JSONB),
        sa.Column("sums", JSONB, nullable=False),
    )
    for name, columns in (
        ("figure_month_region_code", ["figure", "month", "region_code"]),
        ("institution_id", ["institution_id", "figure", "month"]),
    ):
        op.create_index(f"ix_frozen_figure_{name}", "frozen_figure", columns)


def create_publications() -> None:
    op.create_table(
        "rule_publication",
        sa.Column("publication_id", sa.Uuid, primary_key=True),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("rule_version", sa.Integer, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("published_by", sa.Uuid, nullable=False),
        moment("published_at", nullable=False),
    )
    op.create_index(
        "uq_rule_publication_day", "rule_publication", ["rule_id", "effective_from"], unique=True
    )


def create_re_evaluations() -> None:
    op.create_table(
        "re_evaluation",
        sa.Column(
            "re_evaluation_id",
            sa.Uuid,
            sa.ForeignKey("rule_publication.publication_id"),
            primary_key=True,
        ),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("total", "done", "found", "unjudged", "tasks_opened")
        ),
        sa.Column("reached", sa.Uuid),
        moment("started_at"),
        moment("ended_at"),
    )
    op.create_index(
        "ix_re_evaluation_unfinished",
        "re_evaluation",
        ["as_of"],
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "re_evaluation_result",
        sa.Column(
            "re_evaluation_id",
            sa.Uuid,
            sa.ForeignKey("re_evaluation.re_evaluation_id"),
            primary_key=True,
        ),
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("snapshot.request_id")),
        sa.Column("finding", JSONB),
        sa.Column("rectification_id", sa.Uuid, sa.ForeignKey("rectification.rectification_id")),
    )


def create_application() -> None:
    op.create_table(
        "application",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        *required_texts("institution_name", "region_code", "kind", "state"),
        moment("since", nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("filed_by", sa.Uuid, nullable=False),
        moment("filed_at", nullable=False),
        texts("acknowledged_warnings"),
        sa.Column("exceptions", JSONB, nullable=False),
        moment("acknowledge_by"),
        sa.Column("seq_no", sa.Text, unique=True),
        moment("submitted_at"),
        sa.Column("snapshot_sha256", sa.Text),
        sa.Column("withdrawn_on", sa.Date),
        *stamps(),
    )
    op.create_index(
        "uq_application_open",
        "application",
        ["institution_id"],
        unique=True,
        postgresql_where=sa.text(OPEN_APPLICATION),
    )
    for columns in (
        ["institution_id", "application_id"],
        ["region_code", "application_id"],
        ["state", "since"],
    ):
        op.create_index(f"ix_application_{'_'.join(columns)}", "application", columns)


def create_deregistration() -> None:
    op.create_table(
        "deregistration",
        sa.Column(
            "application_id",
            sa.Uuid,
            sa.ForeignKey("application.application_id"),
            primary_key=True,
        ),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("closing", JSONB, nullable=False),
        sa.Column("opened_by", sa.Uuid),
        sa.Column("closes_on", sa.Date),
        sa.Column("deregistered_on", sa.Date),
        sa.Column("read_only_until", sa.Date),
    )
    op.create_table(
        "closing_step",
        sa.Column(
            "application_id",
            sa.Uuid,
            sa.ForeignKey("deregistration.application_id"),
            primary_key=True,
        ),
        sa.Column("service", sa.Text, primary_key=True),
        moment("asked_at", nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
        moment("done_at"),
        sa.Column("ended", sa.BigInteger),
    )
    op.create_index(
        "ix_closing_step_waiting",
        "closing_step",
        ["asked_at"],
        postgresql_where=sa.text("done_at IS NULL"),
    )


def create_filing_counter() -> None:
    op.create_table(
        "filing_counter",
        sa.Column("region_code", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )


def create_rectification() -> None:
    op.create_table(
        "rectification",
        sa.Column("rectification_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        *required_texts("kind", "status", "reason_text"),
        sa.Column("issued_by", sa.Uuid),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("verified_by", sa.Uuid),
        sa.Column("closed_on", sa.Date),
        sa.Column("reminded_at", sa.Integer),
        sa.Column("batch_id", sa.Uuid),
        sa.Column("publication_id", sa.Uuid, sa.ForeignKey("rule_publication.publication_id")),
        sa.Column("decision_id", sa.Uuid, sa.ForeignKey("decision.decision_id")),
        *stamps(),
    )
    for columns in (["institution_id", "rectification_id"], ["status", "due_on"]):
        op.create_index(f"ix_rectification_{'_'.join(columns)}", "rectification", columns)
    index_rectifications_once()


def index_rectifications_once() -> None:
    """One task for each cause, and one unfinished one of each kind that the law orders."""
    for name, columns in {
        "publication": ["institution_id", "publication_id"],
        "decision": ["decision_id"],
        "batch": ["batch_id", "institution_id"],
    }.items():
        op.create_index(f"uq_rectification_{name}", "rectification", columns, unique=True)
    op.create_index(
        "uq_rectification_legal",
        "rectification",
        ["institution_id", "kind"],
        unique=True,
        postgresql_where=sa.text("kind <> 'other' AND status NOT IN ('closed', 'waived')"),
    )


def create_rectification_step() -> None:
    op.create_table(
        "rectification_step",
        sa.Column(
            "rectification_id",
            sa.Uuid,
            sa.ForeignKey("rectification.rectification_id"),
            primary_key=True,
        ),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        *required_texts("label_zh"),
        sa.Column("done_on", sa.Date),
        *optional_texts("note"),
        sa.Column("file_ids", sa.ARRAY(sa.Uuid), nullable=False),
    )
    op.create_index(
        "ix_rectification_step_institution_id", "rectification_step", ["institution_id"]
    )


def create_rectification_move() -> None:
    op.create_table(
        "rectification_move",
        sa.Column(
            "rectification_id",
            sa.Uuid,
            sa.ForeignKey("rectification.rectification_id"),
            primary_key=True,
        ),
        sa.Column("move_id", sa.Uuid, primary_key=True),
        moment("at", nullable=False),
        sa.Column("actor", sa.Uuid),
        *required_texts("role", "action", "to_status"),
        *optional_texts("from_status", "step", "note"),
    )


def request_id() -> sa.Column[Any]:
    return sa.Column("request_id", sa.Uuid, sa.ForeignKey("gathering.request_id"), primary_key=True)


def create_gathering() -> None:
    op.create_table(
        "gathering",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False, index=True),
        sa.Column(
            "application_id", sa.Uuid, sa.ForeignKey("application.application_id"), index=True
        ),
        sa.Column("application_kind", sa.Text),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        moment("began_at", nullable=False),
        moment("asked_at", nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
        moment("ended_at"),
        texts("missing_sections"),
        sa.Column("is_blocked", sa.Boolean),
        texts("blocking"),
        texts("warnings"),
        texts("to_acknowledge"),
        sa.Column("routed_steps", JSONB, nullable=False),
        sa.Column("closing", JSONB),
    )
    op.create_index(
        "ix_gathering_running",
        "gathering",
        ["began_at"],
        postgresql_where=sa.text("state = 'gathering'"),
    )


def create_gathered_section() -> None:
    op.create_table(
        "gathered_section",
        request_id(),
        sa.Column("section", sa.Text, primary_key=True),
        moment("received_at"),
        sa.Column("section_version", sa.BigInteger),
        sa.Column("sha256", sa.Text),
    )


def create_snapshot_part() -> None:
    op.create_table(
        "snapshot_part",
        request_id(),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.execute(sa.text("ALTER TABLE snapshot_part ALTER COLUMN content SET STORAGE EXTERNAL"))
    op.execute(sa.text(LET_GO))


def create_snapshot() -> None:
    op.create_table(
        "snapshot",
        request_id(),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("part_digests", JSONB, nullable=False),
        moment("sealed_at", nullable=False),
    )
    op.create_index(
        "ix_snapshot_institution_id_request_id", "snapshot", ["institution_id", "request_id"]
    )


def create_finding() -> None:
    op.create_table(
        "finding",
        request_id(),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("rule_version", sa.Integer, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("is_blocking", sa.Boolean, nullable=False),
        sa.Column("is_apart", sa.Boolean, nullable=False),
        *required_texts("message_zh", "remedy_zh"),
        texts("basis"),
        sa.Column("breaches", JSONB, nullable=False),
        texts("object_ids"),
        sa.Column("exception_reason", sa.Text),
    )


def create_review_case() -> None:
    op.create_table(
        "review_case",
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False, index=True),
        *optional_texts("institution_name", "region_code"),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("subject_version", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        sa.Column("routed_by", JSONB),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("step_no", sa.Integer, nullable=False),
        sa.Column("step_count", sa.Integer, nullable=False),
        sa.Column("authority_id", sa.Uuid),
        sa.Column("opened_on", sa.Date, nullable=False),
        *optional_texts("decision", "reason"),
        sa.Column("decided_on", sa.Date),
        *work(),
        *stamps(),
    )
    index_review_case()


def index_review_case() -> None:
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_review_case_open",
        "review_case",
        ["kind", "subject_id"],
        unique=True,
        postgresql_where=is_open,
    )
    op.create_index(
        "ix_review_case_authority_id_state_case_id",
        "review_case",
        ["authority_id", "state", "case_id"],
    )
    op.create_index(
        "ix_review_case_unrouted",
        "review_case",
        ["case_id"],
        postgresql_where=sa.text("state = 'open' AND authority_id IS NULL"),
    )
    op.create_index(
        "ix_review_case_pressing",
        "review_case",
        ["authority_id", "priority", "pressing_on", "case_id"],
        postgresql_where=is_open,
    )
    op.create_index("ix_review_case_held", "review_case", ["assignee_id"], postgresql_where=is_open)


def work() -> list[sa.Column[Any]]:
    return [
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("priority_reason", sa.Text),
        sa.Column("assignee_id", sa.Uuid),
        sa.Column("leased_until", sa.Date),
        sa.Column("pressing_on", sa.Date, nullable=False),
    ]


def create_case_step() -> None:
    op.create_table(
        "case_step",
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("review_case.case_id"), primary_key=True),
        sa.Column("step_no", sa.Integer, primary_key=True),
        sa.Column("authority_id", sa.Uuid, nullable=False, index=True),
        *required_texts("authority_name", "level", "department", "purpose"),
        sa.Column("fallback", sa.Text),
        sa.Column("opinion_from", sa.Uuid),
        sa.Column("grounds", JSONB, nullable=False),
        sa.Column("accepted_by", sa.Uuid),
        sa.Column("accepted_on", sa.Date),
        *optional_texts("decision", "reason"),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_on", sa.Date),
        moment("decided_at"),
    )


def create_case_transfer() -> None:
    op.create_table(
        "case_transfer",
        sa.Column("transfer_id", sa.Uuid, primary_key=True),
        sa.Column(
            "case_id", sa.Uuid, sa.ForeignKey("review_case.case_id"), nullable=False, index=True
        ),
        sa.Column("step_no", sa.Integer, nullable=False),
        sa.Column("from_authority_id", sa.Uuid, nullable=False),
        sa.Column("from_authority", sa.Text, nullable=False),
        sa.Column("to_authority_id", sa.Uuid, nullable=False),
        *required_texts("to_authority", "reason"),
        sa.Column("transferred_by", sa.Uuid, nullable=False),
        sa.Column("transferred_on", sa.Date, nullable=False),
        moment("transferred_at", nullable=False),
    )


def create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.Uuid, primary_key=True),
        sa.Column(
            "application_id",
            sa.Uuid,
            sa.ForeignKey("application.application_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("review_case.case_id"), nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        *required_texts("institution_name", "region_code", "application_kind", "seq_no"),
        sa.Column("step_no", sa.Integer, nullable=False),
        sa.Column("is_final", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("overrides", JSONB, nullable=False),
        texts("warnings_read"),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("snapshot.request_id"), nullable=False),
        *required_texts("outcome", "snapshot_sha256", "authority_name"),
        sa.Column("authority_id", sa.Uuid, nullable=False),
        sa.Column("decided_by", sa.Uuid, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        moment("decided_at", nullable=False),
        sa.Column("doc_no", sa.Text, nullable=False, unique=True),
        sa.Column("appeal_text", sa.Text),
        sa.Column("replaces", sa.Uuid, sa.ForeignKey("decision.decision_id")),
        sa.Column("valid_to", sa.Date),
    )
    op.create_index("uq_decision_replaces", "decision", ["replaces"], unique=True)
    op.create_index(
        "ix_decision_institution_id_decision_id", "decision", ["institution_id", "decision_id"]
    )
    op.create_index(
        "ix_decision_final_decided_on",
        "decision",
        ["decided_on"],
        postgresql_where=sa.text("is_final"),
    )


def create_case_assignment() -> None:
    op.create_table(
        "case_assignment",
        sa.Column("assignment_id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("review_case.case_id"), nullable=False),
        sa.Column("step_no", sa.Integer, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("former_account_id", sa.Uuid, index=True),
        sa.Column("leased_until", sa.Date),
        sa.Column("reason", sa.Text),
        sa.Column("assigned_by", sa.Uuid),
        sa.Column("assigned_on", sa.Date, nullable=False),
        moment("assigned_at", nullable=False),
    )
    op.create_index(
        "ix_case_assignment_case_id_assignment_id", "case_assignment", ["case_id", "assignment_id"]
    )


def clock_key() -> list[sa.Column[Any]]:
    return [
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("step_no", sa.Integer, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
    ]


def create_case_clock() -> None:
    op.create_table(
        "case_clock",
        *clock_key(),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("limit_days", sa.Integer, nullable=False),
        sa.Column("amber_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("is_provisional", sa.Boolean, nullable=False),
        sa.Column("paused_on", sa.Date),
        sa.Column("local_holidays", sa.ARRAY(sa.Date), nullable=False),
        sa.Column("counted_by", sa.Text, nullable=False),
        sa.Column("is_deemed", sa.Boolean, nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("extended_on", sa.Date),
        sa.Column("extended_by", sa.Uuid),
        *optional_texts("extension_reason", "told_light"),
        sa.Column("escalated_to", sa.Uuid),
        sa.Column("escalated_on", sa.Date),
        sa.PrimaryKeyConstraint("case_id", "step_no", "phase"),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.case_id"]),
    )
    running = sa.text("ended_on IS NULL")
    op.create_index(
        "uq_case_clock_running", "case_clock", ["case_id"], unique=True, postgresql_where=running
    )
    op.create_index(
        "ix_case_clock_due", "case_clock", ["phase", "due_on"], postgresql_where=running
    )
    op.create_index(
        "ix_case_clock_escalated_to",
        "case_clock",
        ["escalated_to"],
        postgresql_where=sa.text("escalated_to IS NOT NULL"),
    )


def create_clock_pause() -> None:
    op.create_table(
        "clock_pause",
        sa.Column("pause_id", sa.Uuid, primary_key=True),
        *clock_key(),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("began_on", sa.Date, nullable=False),
        sa.Column("began_by", sa.Uuid),
        sa.Column("expected_until", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("ended_by", sa.Uuid),
        sa.ForeignKeyConstraint(
            ["case_id", "step_no", "phase"],
            ["case_clock.case_id", "case_clock.step_no", "case_clock.phase"],
        ),
    )
    op.create_index("ix_clock_pause_case_id_step_no", "clock_pause", ["case_id", "step_no"])
    op.create_index(
        "uq_clock_pause_open",
        "clock_pause",
        ["case_id", "ground"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def create_receipts() -> None:
    op.create_table(
        "receipt",
        sa.Column("receipt_no", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column(
            "application_id", sa.Uuid, sa.ForeignKey("application.application_id"), nullable=False
        ),
        sa.Column("decision_id", sa.Uuid, sa.ForeignKey("decision.decision_id"), unique=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("snapshot.request_id"), nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("region_code", sa.Text, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        moment("issued_at", nullable=False),
        sa.Column("salts", JSONB, nullable=False),
        sa.Column("jws", sa.Text, nullable=False),
    )
    op.create_index("ix_receipt_application_id", "receipt", ["application_id"])
    op.create_index(
        "uq_receipt_filing",
        "receipt",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'filing'"),
    )
    op.create_index(
        "uq_receipt_supplement",
        "receipt",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'supplement'"),
    )
    create_receipt_fates()


def create_receipt_fates() -> None:
    op.create_table(
        "receipt_revocation",
        sa.Column("receipt_no", sa.Text, sa.ForeignKey("receipt.receipt_no"), primary_key=True),
        sa.Column("replaced_by", sa.Uuid, sa.ForeignKey("decision.decision_id")),
        sa.Column("revoked_on", sa.Date, nullable=False),
        moment("revoked_at", nullable=False),
    )
    op.create_table(
        "receipt_print",
        sa.Column("receipt_no", sa.Text, sa.ForeignKey("receipt.receipt_no"), primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        moment("printed_at", nullable=False),
    )
    op.execute(sa.text("ALTER TABLE receipt_print ALTER COLUMN content SET STORAGE EXTERNAL"))


def create_notice() -> None:
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.Uuid, primary_key=True),
        *(
            sa.Column(name, sa.Uuid, sa.ForeignKey(target), nullable=name == "answer_request_id")
            for name, target in (
                ("application_id", "application.application_id"),
                ("case_id", "review_case.case_id"),
                ("request_id", "snapshot.request_id"),
                ("answer_request_id", "gathering.request_id"),
            )
        ),
        *(
            sa.Column(name, sa.Uuid, nullable=False)
            for name in ("institution_id", "authority_id", "issued_by")
        ),
        sa.Column("step_no", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        *required_texts("authority_name"),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("answered_on", sa.Date),
        *stamps(),
    )
    waiting = sa.text("answered_on IS NULL")
    op.create_index(
        "uq_notice_application_id_round", "notice", ["application_id", "round"], unique=True
    )
    op.create_index(
        "uq_notice_waiting", "notice", ["application_id"], unique=True, postgresql_where=waiting
    )
    op.create_index("ix_notice_case_id", "notice", ["case_id"])
    op.create_index("ix_notice_waiting_due_on", "notice", ["due_on"], postgresql_where=waiting)


def create_notice_item() -> None:
    op.create_table(
        "notice_item",
        sa.Column("item_id", sa.Uuid, primary_key=True),
        sa.Column("notice_id", sa.Uuid, sa.ForeignKey("notice.notice_id"), nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *required_texts("kind", "part", "pointer", "cure_zh"),
        *optional_texts("object_id", "file_id", "rule_id", "answer"),
        texts("basis"),
        sa.Column("answer_file_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("answered_by", sa.Uuid),
        moment("answered_at"),
        *stamps(),
    )
    op.create_index(
        "uq_notice_item_notice_id_position", "notice_item", ["notice_id", "position"], unique=True
    )
    op.create_index("ix_notice_item_institution_id", "notice_item", ["institution_id"])


def create_transparency_log() -> None:
    op.create_table(
        "log_entry",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column(
            "decision_id",
            sa.Uuid,
            sa.ForeignKey("decision.decision_id"),
            nullable=False,
            unique=True,
        ),
        sa.Column("logged_on", sa.Date, nullable=False),
        moment("logged_at", nullable=False),
        sa.Column("entry", JSONB, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
    )
    op.create_table(
        "log_head",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        *required_texts("sha256", "jws"),
        moment("signed_at", nullable=False),
    )


def create_region_configuration() -> None:
    op.create_table(
        "region_configuration",
        sa.Column("region_code", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("changed_by", sa.Uuid, nullable=False),
        *stamps(),
    )


def create_working_year() -> None:
    op.create_table(
        "working_year",
        sa.Column("year_id", sa.Uuid, primary_key=True),
        sa.Column("year", sa.Integer, nullable=False, unique=True),
        *stamps(),
    )


def create_configuration_change() -> None:
    op.create_table(
        "configuration_change",
        sa.Column("change_id", sa.Uuid, primary_key=True),
        *required_texts("region_code", "topic"),
        moment("changed_at", nullable=False),
        sa.Column("changed_by", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("authority_id", sa.Uuid),
        sa.Column("effective_from", sa.Date),
        sa.Column("effective_to", sa.Date),
        sa.Column("before", JSONB),
        sa.Column("after", JSONB, nullable=False),
        sa.Column("reason", sa.Text),
    )
    op.create_index(
        "ix_configuration_change_region_code_topic_change_id",
        "configuration_change",
        ["region_code", "topic", "change_id"],
    )


def create_region_parameter_set() -> None:
    op.create_table(
        "region_parameter_set",
        sa.Column("region_code", sa.Text, primary_key=True),
        sa.Column("effective_from", sa.Date, primary_key=True),
        sa.Column("effective_to", sa.Date),
        sa.Column("parameters", JSONB, nullable=False),
        sa.Column("basis_doc", sa.Text),
    )


def create_routing_rule() -> None:
    op.create_table(
        "routing_rule",
        sa.Column("rule_id", sa.Uuid, primary_key=True),
        sa.Column("region_code", sa.Text, nullable=False, index=True),
        *required_texts("category", "delivery"),
        sa.Column("nonsubject_type", sa.Text),
        *required_texts("mode", "level"),
        sa.Column("delegate_level", sa.Text),
        sa.Column("drops_when_mixed", sa.Boolean, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("effective_to", sa.Date),
        sa.Column("basis_doc", sa.Text),
    )


def create_public_register() -> None:
    create_register_entry()
    create_public_pictures()
    create_list_entry()
    create_open_data_file()


def create_register_entry() -> None:
    op.create_table(
        "register_entry",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        *required_texts("name", "region_code"),
        sa.Column("uscc", sa.Text),
        texts("categories"),
        texts("delivery_modes"),
        texts("nonsubject_types"),
        texts("stages"),
        sa.Column("licence_no", sa.Text),
        sa.Column("licence_valid_to", sa.Date),
        sa.Column("logo_file_id", sa.Uuid),
        sa.Column("detail", JSONB, nullable=False),
        sa.Column("decision_id", sa.Uuid, nullable=False),
        sa.Column("approved_on", sa.Date, nullable=False),
        *search_columns(),
    )
    op.create_index(
        "ix_register_entry_region_code", "register_entry", ["region_code", "institution_id"]
    )
    op.create_index("ix_register_entry_uscc", "register_entry", ["uscc"])
    op.create_index(
        "ix_register_entry_licence_no",
        "register_entry",
        ["licence_no"],
        postgresql_ops={"licence_no": "text_pattern_ops"},
    )
    create_search_index(op, "register_entry")


def create_public_pictures() -> None:
    op.create_table(
        "public_pictures",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("logo_file_id", sa.Uuid),
        sa.Column("photo_file_ids", sa.ARRAY(sa.Uuid), nullable=False),
        *stamps(),
    )


def create_list_entry() -> None:
    op.create_table(
        "list_entry",
        sa.Column("list_entry_id", sa.Uuid, primary_key=True),
        *required_texts("list_type", "state", "name", "region_code", "reason"),
        sa.Column("institution_id", sa.Uuid),
        *optional_texts("uscc", "basis_doc"),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("to_on", sa.Date),
        sa.Column("authority_id", sa.Uuid),
        sa.Column("authority_name", sa.Text),
        sa.Column("proposed_by", sa.Uuid),
        moment("proposed_at", nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_on", sa.Date),
        sa.Column("decision_reason", sa.Text),
        sa.Column("ended_by", sa.Uuid),
        sa.Column("ended_on", sa.Date),
        sa.Column("end_reason", sa.Text),
        *search_columns(),
        *stamps(),
    )
    op.create_index(
        "ix_list_entry_list_type_state_list_entry_id",
        "list_entry",
        ["list_type", "state", "list_entry_id"],
    )
    op.create_index("ix_list_entry_institution_id", "list_entry", ["institution_id"])
    create_search_index(op, "list_entry")


def create_open_data_file() -> None:
    op.create_table(
        "open_data_file",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        *required_texts("content_type", "sha256"),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        moment("made_at", nullable=False),
    )
