"""Create the auth service's tables and the chassis's.

Revision ID: 0001_create_auth
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.migrate import create_chassis_tables

revision = "0001_create_auth"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    create_authority()
    create_account()
    index_accounts()
    create_legacy_account()
    create_login_session()
    create_api_key()
    create_data_subject_session()
    create_second_step()
    create_login_failure()
    create_captcha()
    create_second_factor()
    create_recovery_code()
    create_waiting_text()
    create_verification()
    create_former_password()
    create_address_attempt()
    create_development_message()
    create_institution_ref()
    create_password_link()
    create_delegation()
    create_recovery_request()
    create_recovery_proof()
    create_notifications()


def moment(name: str, *, nullable: bool = False, index: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, index=index)


def stamps() -> list[sa.Column[Any]]:
    return [
        moment("created_at"),
        moment("updated_at"),
        sa.Column("version", sa.BigInteger, nullable=False),
    ]


def create_authority() -> None:
    op.create_table(
        "authority",
        sa.Column("authority_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("region_code", sa.Text, nullable=False),
        sa.Column("parent_region_code", sa.Text, index=True),
        sa.Column("contact_tel", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("office_hours", sa.Text),
        sa.Column("is_active", sa.Boolean, nullable=False),
        *stamps(),
        sa.UniqueConstraint("department", "region_code"),
    )


def proofs_of_owner() -> list[sa.Column[Any]]:
    """What an account knows its owner by."""
    return [
        sa.Column("mobile", sa.LargeBinary),
        sa.Column("mobile_index", sa.LargeBinary),
        moment("mobile_verified_at", nullable=True),
        sa.Column("email", sa.LargeBinary),
        sa.Column("email_index", sa.LargeBinary),
        moment("email_verified_at", nullable=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        moment("password_changed_at"),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("must_complete_information", sa.Boolean, nullable=False),
        sa.Column("legacy_source", sa.Text),
        sa.Column("legacy_hash", sa.LargeBinary),
    ]


def personal_information() -> list[sa.Column[Any]]:
    """Who manages the account, and how to reach them."""
    return [
        sa.Column("person_name", sa.Text),
        sa.Column("contact_tel", sa.Text),
        sa.Column("postcode", sa.Text),
        sa.Column("contact_address", sa.Text),
    ]


def create_account() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("username", sa.Text, unique=True),
        *proofs_of_owner(),
        *personal_information(),
        sa.Column("institution_id", sa.Uuid, index=True),
        sa.Column("authority_id", sa.Uuid, sa.ForeignKey("authority.authority_id"), index=True),
        sa.Column("failed_count", sa.Integer, nullable=False),
        moment("locked_until", nullable=True),
        sa.Column("is_read_only", sa.Boolean, nullable=False),
        sa.Column("read_only_until", sa.Date),
        *stamps(),
        sa.CheckConstraint(
            "(role = 'inst_admin') = (institution_id IS NOT NULL)"
            " AND (role NOT IN ('reviewer', 'region_admin') OR authority_id IS NOT NULL)"
            " AND (role IN ('reviewer', 'region_admin', 'auditor') OR authority_id IS NULL)",
            name="belongs_as_its_role_says",
        ),
        sa.CheckConstraint(
            "username IS NOT NULL OR mobile_index IS NOT NULL OR legacy_source IS NOT NULL",
            name="has_a_login_name",
        ),
    )


def index_accounts() -> None:
    op.create_index(
        "uq_account_mobile_index",
        "account",
        ["mobile_index"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_index(
        "uq_account_email_index",
        "account",
        ["email_index"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled' AND email_verified_at IS NOT NULL"),
    )


def create_legacy_account() -> None:
    op.create_index(
        "ix_account_legacy_hash",
        "account",
        ["account_id"],
        postgresql_where=sa.text("legacy_hash IS NOT NULL"),
    )
    op.create_table(
        "legacy_account",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("username_index", sa.LargeBinary, primary_key=True, index=True),
        sa.Column("username", sa.LargeBinary, nullable=False),
        sa.Column(
            "account_id",
            sa.Uuid,
            sa.ForeignKey("account.account_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("institution_name", sa.Text, nullable=False),
        sa.Column("uscc", sa.Text, nullable=False, index=True),
        sa.Column("licence_no", sa.Text),
        sa.Column("region_code", sa.Text, nullable=False, index=True),
        sa.Column("categories", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("mobile", sa.LargeBinary),
        moment("imported_at", index=True),
    )


def create_login_session() -> None:
    op.create_table(
        "login_session",
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column(
            "account_id",
            sa.Uuid,
            sa.ForeignKey("account.account_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("token_sha256", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("device", sa.LargeBinary),
        sa.Column("address", sa.LargeBinary),
        moment("started_at"),
        moment("last_activity_at"),
        moment("expires_at", index=True),
    )


def create_api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("api_key_id", sa.Uuid, primary_key=True),
        sa.Column("institution_id", sa.Uuid, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("created_by", sa.Uuid, sa.ForeignKey("account.account_id"), nullable=False),
        moment("created_at"),
        sa.Column("expires_on", sa.Date, nullable=False),
        moment("last_used_at", nullable=True),
        sa.Column("last_address", sa.LargeBinary),
        moment("revoked_at", nullable=True),
    )
    op.create_table(
        "api_key_use",
        sa.Column("api_key_id", sa.Uuid, sa.ForeignKey("api_key.api_key_id"), primary_key=True),
        sa.Column("used_on", sa.Date, primary_key=True, index=True),
        sa.Column("address_index", sa.LargeBinary, primary_key=True),
    )


def create_data_subject_session() -> None:
    op.create_table(
        "data_subject_session",
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("mobile_index", sa.LargeBinary, nullable=False),
        sa.Column("token_sha256", sa.LargeBinary, nullable=False, unique=True),
        moment("expires_at", index=True),
    )


def create_second_step() -> None:
    op.create_table(
        "second_step",
        sa.Column("second_step_id", sa.Uuid, primary_key=True),
        sa.Column(
            "account_id",
            sa.Uuid,
            sa.ForeignKey("account.account_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("token_sha256", sa.LargeBinary, nullable=False, unique=True),
        moment("expires_at", index=True),
        sa.Column("tries", sa.Integer, nullable=False),
    )


def create_login_failure() -> None:
    op.create_table(
        "login_failure",
        sa.Column("failure_id", sa.Uuid, primary_key=True),
        sa.Column("name_index", sa.LargeBinary, nullable=False),
        moment("at", index=True),
        sa.Index("ix_login_failure_name_index_at", "name_index", "at"),
    )


def create_captcha() -> None:
    op.create_table(
        "captcha",
        sa.Column("captcha_id", sa.Uuid, primary_key=True),
        sa.Column("answer_digest", sa.LargeBinary, nullable=False),
        moment("expires_at", index=True),
    )


def create_second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("factor_id", sa.Uuid, primary_key=True),
        sa.Column(
            "account_id",
            sa.Uuid,
            sa.ForeignKey("account.account_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("last_step", sa.Integer),
        moment("created_at"),
        moment("confirmed_at", nullable=True),
    )


def create_recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("recovery_code_id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.account_id"), nullable=False),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("account_id", "code_digest"),
    )


def create_waiting_text() -> None:
    op.create_table(
        "waiting_text",
        sa.Column("waiting_text_id", sa.Uuid, primary_key=True),
        sa.Column("mobile", sa.LargeBinary),
        sa.Column("text", sa.LargeBinary, nullable=False),
        moment("wanted_at"),
    )


def create_verification() -> None:
    op.create_table(
        "verification",
        sa.Column("verification_id", sa.Uuid, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("address_index", sa.LargeBinary, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("companion_id", sa.Uuid),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        moment("sent_at", index=True),
        moment("expires_at"),
        sa.Column("tries", sa.Integer, nullable=False),
        moment("used_at", nullable=True),
        sa.Index("ix_verification_address_index_sent_at", "address_index", "sent_at"),
    )


def create_former_password() -> None:
    op.create_table(
        "former_password",
        sa.Column("former_password_id", sa.Uuid, primary_key=True),
        sa.Column(
            "account_id",
            sa.Uuid,
            sa.ForeignKey("account.account_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("password_hash", sa.Text, nullable=False),
        moment("replaced_at"),
    )


def create_address_attempt() -> None:
    op.create_table(
        "address_attempt",
        sa.Column("attempt_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("address_index", sa.LargeBinary, nullable=False),
        moment("at", index=True),
        sa.Index("ix_address_attempt_kind_address_index_at", "kind", "address_index", "at"),
    )


def create_development_message() -> None:
    op.create_table(
        "development_message",
        sa.Column("message_id", sa.Uuid, primary_key=True),
        sa.Column("address_index", sa.LargeBinary, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        moment("sent_at"),
        sa.Index("ix_development_message_address_index_sent_at", "address_index", "sent_at"),
    )


def create_institution_ref() -> None:
    op.create_table(
        "institution_ref",
        sa.Column("institution_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("uscc", sa.Text, index=True),
        sa.Column("region_code", sa.Text, nullable=False),
        sa.Column("registration_status", sa.Text, nullable=False),
        sa.Column("compliance_status", sa.Text, nullable=False),
    )


def create_password_link() -> None:
    op.create_table(
        "password_link",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.account_id"), primary_key=True),
        sa.Column("token_sha256", sa.LargeBinary, nullable=False, unique=True),
        moment("expires_at", index=True),
    )


def create_delegation() -> None:
    op.create_table(
        "delegation",
        sa.Column("delegation_id", sa.Uuid, primary_key=True),
        sa.Column(
            "authority_id",
            sa.Uuid,
            sa.ForeignKey("authority.authority_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("from_account_id", sa.Uuid, nullable=False, index=True),
        sa.Column("to_account_id", sa.Uuid, sa.ForeignKey("account.account_id"), nullable=False),
        moment("valid_from"),
        moment("valid_to"),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        *stamps(),
        sa.CheckConstraint("from_account_id <> to_account_id", name="is_of_two"),
        sa.Index("ix_delegation_to_account_id_valid_to", "to_account_id", "valid_to"),
    )


def create_recovery_request() -> None:
    authority = "authority.authority_id"
    op.create_table(
        "recovery_request",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("secret_sha256", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("institution_name", sa.Text, nullable=False),
        sa.Column("uscc", sa.Text, nullable=False),
        sa.Column("region_code", sa.Text, nullable=False),
        sa.Column("delivery", sa.Text, nullable=False),
        sa.Column("applicant_name", sa.LargeBinary),
        sa.Column("applicant_mobile", sa.LargeBinary),
        sa.Column("new_mobile", sa.LargeBinary),
        sa.Column("authority_id", sa.Uuid, sa.ForeignKey(authority)),
        sa.Column("second_authority_id", sa.Uuid, sa.ForeignKey(authority)),
        moment("submitted_at", nullable=True),
        sa.Column("account_id", sa.Uuid),
        sa.Column("first_approved_by", sa.Uuid),
        moment("first_approved_at", nullable=True),
        sa.Column("handled_by", sa.Uuid),
        moment("handled_at", nullable=True),
        sa.Column("reason", sa.Text),
        *stamps(),
        sa.Index("ix_recovery_request_uscc_submitted_at", "uscc", "submitted_at"),
        sa.Index("ix_recovery_request_authority_id", "authority_id", "request_id"),
        sa.Index("ix_recovery_request_second_authority_id", "second_authority_id", "request_id"),
    )


def create_recovery_proof() -> None:
    op.create_table(
        "recovery_proof",
        sa.Column("file_id", sa.Uuid, primary_key=True),
        sa.Column(
            "request_id", sa.Uuid, sa.ForeignKey("recovery_request.request_id"), nullable=False
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Index("uq_recovery_proof_request_id_kind", "request_id", "kind", unique=True),
    )


def create_notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("notification_id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.account_id"), nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("kind", "news_group", "title", "text")
        ),
        sa.Column("about", JSONB, nullable=False),
        moment("happened_at"),
        moment("told_at"),
        moment("read_at", nullable=True, index=True),
    )
    op.create_index(
        "ix_notification_account_id_notification_id",
        "notification",
        ["account_id", "notification_id"],
    )
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["account_id"],
        postgresql_where=sa.text("read_at IS NULL"),
    )
    create_deliveries()
    op.create_table(
        "told_news",
        sa.Column("once", sa.Text, primary_key=True),
        moment("told_at", index=True),
    )
    op.create_table(
        "notification_preference",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.account_id"), primary_key=True),
        sa.Column("sms_groups", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("email_groups", sa.ARRAY(sa.Text), nullable=False),
        *stamps(),
    )


def create_deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.Uuid, primary_key=True),
        sa.Column(
            "notification_id",
            sa.Uuid,
            sa.ForeignKey("notification.notification_id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        moment("queued_at"),
        moment("next_at"),
        moment("ended_at", nullable=True),
        sa.Column("failure", sa.Text),
        sa.CheckConstraint("channel IN ('sms', 'email')", name="channel_is_known"),
    )
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["next_at"],
        postgresql_where=sa.text("state = 'queued'"),
    )
