"""The tables that the mechanisms keep in every service's own database."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.pii import SealedBytes

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

chassis_metadata = MetaData(naming_convention=NAMING)
calendar_metadata = MetaData(naming_convention=NAMING)


def _moment(name: str, *, nullable: bool = False, stamped: bool = False) -> Column[object]:
    default = func.clock_timestamp() if stamped else None
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


outbox = Table(
    "outbox",
    chassis_metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    _moment("created_at", stamped=True),
    comment="Events not yet confirmed by the bus; a row is deleted when it is.",
)

inbox = Table(
    "inbox",
    chassis_metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    _moment("next_attempt_at", nullable=True),
    Column("first_error", Text),
    Column("error", Text),
    Column("envelope", LargeBinary),
    _moment("received_at", stamped=True),
    Index("ix_inbox_due", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_inbox_dead", "received_at", postgresql_where=text("state = 'dead'")),
    comment="Events seen: done, waiting for another attempt, or dead until redriven.",
)

idempotency_key = Table(
    "idempotency_key",
    chassis_metadata,
    Column("actor", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_sha256", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("headers", JSONB),
    Column("answer", SealedBytes),
    _moment("created_at", stamped=True),
    Index("ix_idempotency_key_created_at", "created_at"),
)

audit_entry = Table(
    "audit_entry",
    chassis_metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    _moment("at", stamped=True),
    Column("actor_id", Uuid),
    Column("role", Text),
    Column("client_ip", Text),
    Column("request_id", Text),
    Column("operation", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_type", Text),
    Column("object_id", Text),
    Column("institution_id", Uuid),
    Column("region_code", Text),
    Column("before_sha256", LargeBinary),
    Column("after_sha256", LargeBinary),
    Column("pii_fields", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("reason", Text),
    Index("ix_audit_entry_institution_id_at", "institution_id", "at"),
    Index("ix_audit_entry_at", "at", postgresql_using="brin"),
    comment="Append only: the application role may neither update nor delete.",
)

audit_seal = Table(
    "audit_seal",
    chassis_metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_sequence", BigInteger, nullable=False, unique=True),
    Column("entry_sha256", LargeBinary, nullable=False),
    Column("chain_sha256", LargeBinary, nullable=False),
    comment="The chain over audit_entry, in the order of sealing; append only.",
)

audit_head = Table(
    "audit_head",
    chassis_metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", BigInteger, nullable=False),
    _moment("signed_at"),
    Column("jws", Text, nullable=False),
    Index("ix_audit_head_signed_at", "signed_at"),
    comment="The signed last seal of every batch; append only.",
)

change = Table(
    "change",
    chassis_metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    _moment("at", stamped=True),
    Column("institution_id", Uuid, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("object_id", Uuid, nullable=False),
    Column("actor_id", Uuid),
    Column("role", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("fields", JSONB, nullable=False),
    Index("ix_change_institution_id_sequence", "institution_id", "sequence"),
    Index("ix_change_object_id_sequence", "object_id", "sequence"),
    comment="What changed, field by field, personal values masked; append only.",
)

review_lock = Table(
    "review_lock",
    chassis_metadata,
    Column("institution_id", Uuid, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("openings", JSONB, nullable=False, server_default="[]"),
    _moment("set_at", stamped=True),
)

attachment = Table(
    "attachment",
    chassis_metadata,
    Column("file_id", Uuid, primary_key=True),
    Column("institution_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("pages", Integer),
    Column("storage_key", Text, nullable=False),
    Column("uploaded_by", Uuid),
    _moment("uploaded_at", stamped=True),
    _moment("deleted_at", nullable=True),
    Index("ix_attachment_institution_id", "institution_id"),
    Index("ix_attachment_sha256", "sha256"),
)

sheet_import = Table(
    "sheet_import",
    chassis_metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("institution_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("requested_by", Uuid, nullable=False),
    Column("applied_by", Uuid),
    Column("applied_role", Text),
    Column("skip_faulty", Boolean),
    Column("rows_total", Integer),
    Column("rows_done", Integer, nullable=False, server_default=text("0")),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("faults", JSONB, nullable=False, server_default=text("'[]'")),
    Column("message", Text),
    _moment("requested_at"),
    _moment("checked_at", nullable=True),
    _moment("ended_at", nullable=True),
    _moment("expires_at", nullable=True),
    Index("ix_sheet_import_institution_id_import_id", "institution_id", "import_id"),
    Index(
        "uq_sheet_import_open",
        "institution_id",
        "kind",
        unique=True,
        postgresql_where=text("state IN ('checking', 'applying')"),
    ),
    Index("ix_sheet_import_state", "state"),
    comment="Workbooks of lists: checked, applied when asked to, erased a day later.",
)

export = Table(
    "export",
    chassis_metadata,
    Column("export_id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False),
    Column("institution_id", Uuid),
    Column("authority", JSONB),
    Column("list", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("filters", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("rows_done", Integer, nullable=False, server_default=text("0")),
    Column("rows_total", Integer),
    Column("files_done", Integer, nullable=False, server_default=text("0")),
    Column("files_total", Integer),
    _moment("requested_at"),
    _moment("ended_at", nullable=True),
    _moment("expires_at", nullable=True),
    Index(
        "uq_export_open",
        "owner_id",
        unique=True,
        postgresql_where=text("state IN ('waiting', 'running')"),
    ),
    Index("ix_export_expires_at", "expires_at", postgresql_where=text("state = 'done'")),
    comment="Lists on their way to files, which have the ids of their exports; asked for by an"
    " institution, or by an account of the authority that is told; institution_id is whose lists.",
)

draft = Table(
    "draft",
    chassis_metadata,
    Column("institution_id", Uuid, primary_key=True),
    Column("section", Text, primary_key=True),
    Column("version", BigInteger, Identity(always=True), nullable=False),
    Column("content", SealedBytes, nullable=False),
    Column("based_on_version", BigInteger),
    Column("saved_by", Uuid, nullable=False),
    _moment("saved_at"),
    Index("ix_draft_saved_at", "saved_at"),
    comment="What was typed and not saved yet; no two drafts ever have had the same version.",
)

counter_mark = Table(
    "counter_mark",
    chassis_metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    Column("institution_id", Uuid, nullable=False, index=True),
    _moment("marked_at", stamped=True),
    comment="Institutions to be counted anew; a row a transaction, deleted when it is counted.",
)

job_run = Table(  # `done_until` is the last business day that a daily job has done
    "job_run",
    chassis_metadata,
    Column("name", Text, primary_key=True),
    _moment("last_success_at", nullable=True),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("done_until", Date),
)

DIFFERS = text("is_working <> (extract(isodow FROM day) <= 5)")
"""Of a `working_day`: a weekday that is off, or a weekend's day that is worked."""

working_day = Table(
    "working_day",
    calendar_metadata,
    Column("day", Date, primary_key=True),
    Column("is_working", Boolean, nullable=False),
    Column("name", Text),
    Index("ix_working_day_differing", "day", "is_working", postgresql_where=DIFFERS),
    comment="One row a day of the covered years; only the calendar's owner has this table.",
)
