"""What the public is shown: the register of approved institutions, and the lists of others."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_chassis.problems import Conflict
from otsp_chassis.search import Searchable, search_index
from otsp_compliance.model.schema import Base, Document

PROPOSED = "proposed"
LISTED = "listed"
REFUSED = "refused"
ENDED = "ended"

GREY = "grey"
BLACK = "black"
CLOSED = "closed"


class ListEntryNotWaiting(Conflict):
    slug: ClassVar[str] = "list-entry-not-waiting"
    title: ClassVar[str] = "The entry waits for no decision"
    detail_zh: ClassVar[str] = "该名单条目不在待确认状态，请刷新后查看处理结果。"


class ListEntryNotListed(Conflict):
    slug: ClassVar[str] = "list-entry-not-listed"
    title: ClassVar[str] = "The entry is not on the list"
    detail_zh: ClassVar[str] = "该条目当前不在名单上，无需移出，请刷新后查看。"


class ClosedForGood(Conflict):
    slug: ClassVar[str] = "list-entry-permanent"
    title: ClassVar[str] = "Entries of closed institutions are permanent"
    detail_zh: ClassVar[str] = "已注销名单由注销办结自动形成并永久保留，不能移出。"


class RegisterEntry(Searchable, Base):
    """An institution as it was approved last: out of the sealed snapshot, never today's data.

    It is shown while the institution's status says that the approval stands; `decision_id` is that
    approval. Nothing here is written by hand: all can be made again from the decisions.
    """

    __tablename__ = "register_entry"
    __table_args__ = (
        Index("ix_register_entry_region_code", "region_code", "institution_id"),
        Index("ix_register_entry_uscc", "uscc"),
        Index(
            "ix_register_entry_licence_no",
            "licence_no",
            postgresql_ops={"licence_no": "text_pattern_ops"},
        ),
        search_index("register_entry"),
    )

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    uscc: Mapped[str | None]
    region_code: Mapped[str]
    categories: Mapped[list[str]]
    delivery_modes: Mapped[list[str]]
    nonsubject_types: Mapped[list[str]]
    stages: Mapped[list[str]]
    licence_no: Mapped[str | None]
    licence_valid_to: Mapped[date | None]
    logo_file_id: Mapped[UUID | None]
    detail: Mapped[Document]
    decision_id: Mapped[UUID]
    approved_on: Mapped[date]


class PublicPictures(Stamped, Base):
    """Which files the entry of an institution names; the row outlives the entry, for its version
    goes on where the institution comes back.
    """

    __tablename__ = "public_pictures"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    logo_file_id: Mapped[UUID | None]
    photo_file_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


class OpenDataFile(Base):
    """A file of open data that is published; its bytes lie in the store under day and name."""

    __tablename__ = "open_data_file"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    rows: Mapped[int]
    made_at: Mapped[datetime]


class ListEntry(Searchable, Stamped, Base):
    """One entry of the grey (预警), black or closed (已注销) list; the white one is the register.

    It names an institution of the platform, or by its name alone somebody who is none. How it came
    and went stays in it: nobody deletes an entry.
    """

    __tablename__ = "list_entry"
    __table_args__ = (
        Index("ix_list_entry_list_type_state_list_entry_id", "list_type", "state", "list_entry_id"),
        Index("ix_list_entry_institution_id", "institution_id"),
        search_index("list_entry"),
    )

    list_entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    list_type: Mapped[str]
    state: Mapped[str]
    institution_id: Mapped[UUID | None]
    name: Mapped[str]
    uscc: Mapped[str | None]
    region_code: Mapped[str]
    reason: Mapped[str]
    basis_doc: Mapped[str | None]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    authority_id: Mapped[UUID | None]
    authority_name: Mapped[str | None]
    proposed_by: Mapped[UUID | None]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    decision_reason: Mapped[str | None]
    ended_by: Mapped[UUID | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None]

    def decide(self, state: str, *, on: date, by: UUID, reason: str | None) -> None:
        """`state` is LISTED or REFUSED."""
        if self.state != PROPOSED:
            raise ListEntryNotWaiting(state=self.state)
        self.state = state
        self.decided_on = on
        self.decided_by = by
        self.decision_reason = reason

    def end(self, *, on: date, by: UUID | None, reason: str | None) -> None:
        """Somebody takes it off, or (`by` null) its last day is over."""
        if self.list_type == CLOSED:
            raise ClosedForGood
        if self.state != LISTED:
            raise ListEntryNotListed(state=self.state)
        self.state = ENDED
        self.ended_on = on
        self.ended_by = by
        self.end_reason = reason
