"""Create the auth service's tables and the chassis's.

Revision ID: 0001_create_auth
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from otsp_chassis.migrate import create_chassis_tables

revision = "0001_create_auth"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    create_authority()
    create_account()
    create_login_session()
    create_verification()
    create_address_attempt()
    create_development_message()


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
        sa.Column("parent_region_code", sa.Text),
        sa.Column("is_active", sa.Boolean, nullable=False),
        *stamps(),
        sa.UniqueConstraint("department", "region_code"),
    )


def create_account() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("username", sa.Text, unique=True),
        sa.Column("mobile", sa.LargeBinary),
        sa.Column("mobile_index", sa.LargeBinary),
        moment("mobile_verified_at", nullable=True),
        sa.Column("password_hash", sa.Text, nullable=False),
        moment("password_changed_at"),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("person_name", sa.Text),
        sa.Column("institution_id", sa.Uuid, index=True),
        sa.Column("authority_id", sa.Uuid, sa.ForeignKey("authority.authority_id"), index=True),
        sa.Column("failed_count", sa.Integer, nullable=False),
        moment("locked_until", nullable=True),
        *stamps(),
        sa.CheckConstraint(
            "(role = 'inst_admin') = (institution_id IS NOT NULL)"
            " AND (role NOT IN ('reviewer', 'region_admin') OR authority_id IS NOT NULL)"
            " AND (role IN ('reviewer', 'region_admin', 'auditor') OR authority_id IS NULL)",
            name="belongs_as_its_role_says",
        ),
        sa.CheckConstraint(
            "username IS NOT NULL OR mobile_index IS NOT NULL", name="has_a_login_name"
        ),
    )
    op.create_index(
        "uq_account_mobile_index",
        "account",
        ["mobile_index"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
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
        moment("started_at"),
        moment("last_activity_at"),
        moment("expires_at", index=True),
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
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        moment("sent_at", index=True),
        moment("expires_at"),
        sa.Column("tries", sa.Integer, nullable=False),
        moment("used_at", nullable=True),
        sa.Index("ix_verification_address_index_sent_at", "address_index", "sent_at"),
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
        sa.Column("mobile_index", sa.LargeBinary, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        moment("sent_at"),
        sa.Index("ix_development_message_mobile_index_sent_at", "mobile_index", "sent_at"),
    )
