"""Gathering: one request for an institution's four sections, and what was judged of them.

A self-check is a gathering and nothing else. An application has one for each round.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.problems import Conflict
from otsp_compliance.model.schema import Base, Document

RUNNING = "gathering"
JUDGED = "judged"
FAILED = "failed"


class Gathering(Base):
    """Lock order: the application first, where there is one, then its gathering.

    `application_id` tells an application's gathering from a self-check. Moments are real time:
    they drive deadlines, `as_of` is the business day of judgement. `closing` is what was typed by
    who closes, or asks whether it may: such a one is judged by the rules of deregistration.
    """

    __tablename__ = "gathering"
    __table_args__ = (
        Index("ix_gathering_running", "began_at", postgresql_where=text("state = 'gathering'")),
        Index("ix_gathering_institution_id", "institution_id"),
        Index("ix_gathering_application_id", "application_id"),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.application_id"))
    application_kind: Mapped[str | None]
    as_of: Mapped[date]
    state: Mapped[str]
    began_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    repeats: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    missing_sections: Mapped[list[str]] = mapped_column(default=list)
    is_blocked: Mapped[bool | None]
    blocking: Mapped[list[str]] = mapped_column(default=list)
    warnings: Mapped[list[str]] = mapped_column(default=list)
    to_acknowledge: Mapped[list[str]] = mapped_column(default=list)
    routed_steps: Mapped[list[Document]] = mapped_column(default=list)
    closing: Mapped[Document | None] = mapped_column(JSONB(none_as_null=True))

    @property
    def is_running(self) -> bool:
        return self.state == RUNNING

    @property
    def purpose(self) -> Literal["application", "self_check"]:
        return "self_check" if self.application_id is None else "application"

    def fail(self, missing: Sequence[str], at: datetime) -> None:
        self._end(FAILED, at)
        self.missing_sections = list(missing)

    def conclude(self, at: datetime) -> None:
        self._end(JUDGED, at)

    def _end(self, state: str, at: datetime) -> None:
        if not self.is_running:
            raise Conflict
        self.state = state
        self.ended_at = at


class GatheredSection(Base):
    """The progress of one section; its content is a part of the snapshot."""

    __tablename__ = "gathered_section"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("gathering.request_id"), primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime | None]
    section_version: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]


class SnapshotPart(Base):
    """One part as canonical JSON, compressed. The application role may only insert and read."""

    __tablename__ = "snapshot_part"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("gathering.request_id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Snapshot(Base):
    """The seal: the digest of the parts' digests. The application role may only insert and read."""

    __tablename__ = "snapshot"
    __table_args__ = (
        Index("ix_snapshot_institution_id_request_id", "institution_id", "request_id"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("gathering.request_id"), primary_key=True)
    institution_id: Mapped[UUID]
    as_of: Mapped[date]
    sha256: Mapped[str]
    part_digests: Mapped[dict[str, str]]
    sealed_at: Mapped[datetime]


class Finding(Base):
    """One broken rule as it was told; kept as it was, whatever the rule says later."""

    __tablename__ = "finding"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("gathering.request_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[str]
    rule_version: Mapped[int]
    severity: Mapped[str]
    is_blocking: Mapped[bool]
    is_apart: Mapped[bool]
    message_zh: Mapped[str]
    remedy_zh: Mapped[str]
    basis: Mapped[list[str]]
    breaches: Mapped[list[Document]]
    object_ids: Mapped[list[str]]
    exception_reason: Mapped[str | None]
