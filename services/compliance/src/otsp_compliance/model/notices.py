"""One complete notice (一次告知) of what an application lacks, and the institution's answers.

A notice with its answer is one round of the application.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_compliance.model.schema import Base


class Notice(Stamped, Base):
    """Given once by an authority at its step; of an application at most one waits for its answer.

    `request_id` is the sealed snapshot that it was given on, `answer_request_id` the newest one
    that answers it. `answered_on` is null while it waits: until `due_on`, then the application
    lapses.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("uq_notice_application_id_round", "application_id", "round", unique=True),
        Index(
            "uq_notice_waiting",
            "application_id",
            unique=True,
            postgresql_where=text("answered_on IS NULL"),
        ),
        Index("ix_notice_case_id", "case_id"),
        Index("ix_notice_waiting_due_on", "due_on", postgresql_where=text("answered_on IS NULL")),
    )

    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.application_id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("review_case.case_id"))
    institution_id: Mapped[UUID]
    step_no: Mapped[int]
    round: Mapped[int]
    authority_id: Mapped[UUID]
    authority_name: Mapped[str]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("snapshot.request_id"))
    issued_by: Mapped[UUID]
    issued_on: Mapped[date]
    due_on: Mapped[date]
    answer_request_id: Mapped[UUID | None] = mapped_column(ForeignKey("gathering.request_id"))
    answered_on: Mapped[date | None]

    def take_answer(self, request_id: UUID, *, on: date) -> None:
        self.answer_request_id = request_id
        self.answered_on = on

    def reopen(self) -> None:
        """The answer was not enough; what was answered stays to be corrected."""
        self.answered_on = None


class NoticeItem(Stamped, Base):
    """One thing that is asked: where it stands in the file, by which article, what would cure it.

    `part` is a tab of the file; `pointer` is within the object, or within the part where there is
    one of it. An answer has a text, files, or both; it may be changed until it is handed in.
    """

    __tablename__ = "notice_item"
    __table_args__ = (
        Index("uq_notice_item_notice_id_position", "notice_id", "position", unique=True),
        Index("ix_notice_item_institution_id", "institution_id"),
    )

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notice.notice_id"))
    institution_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str]
    part: Mapped[str]
    object_id: Mapped[str | None]
    pointer: Mapped[str]
    file_id: Mapped[str | None]
    rule_id: Mapped[str | None]
    basis: Mapped[list[str]] = mapped_column(ARRAY(Text))
    cure_zh: Mapped[str]
    answer: Mapped[str | None]
    answer_file_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None
