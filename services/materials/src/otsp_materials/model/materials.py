"""One version of a material, and how it moves through its reviews into use and out of it."""

from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_chassis.problems import Conflict, RuleBroken
from otsp_chassis.search import Searchable, search_index
from otsp_materials.model.schema import Base
from otsp_materials.rules.rows import Author
from otsp_materials.rules.states import (
    EDITABLE,
    STATUS_LABELS_ZH,
    STEPS,
    last_purgeable,
    needs_authority,
    retained_until,
)


class WrongStatus(Conflict):
    slug: ClassVar[str] = "material-wrong-status"
    title: ClassVar[str] = "Not possible in this state of the material"
    detail_zh: ClassVar[str] = "该材料当前的状态不允许此操作。"


class ContentReviewed(Conflict):
    slug: ClassVar[str] = "material-content-reviewed"
    title: ClassVar[str] = "The content is not a draft any more"
    detail_zh: ClassVar[str] = "材料已提交审核，内容不能修改；内容有变更的，请新增版本。"


class UnderExternalReview(Conflict):
    slug: ClassVar[str] = "material-under-external-review"
    title: ClassVar[str] = "An authority is reviewing the material"
    detail_zh: ClassVar[str] = "主管部门正在审核该材料，审核结束后再操作。"


class NotPurgeable(Conflict):
    slug: ClassVar[str] = "material-must-be-kept"
    title: ClassVar[str] = "The material must be kept longer"
    detail_zh: ClassVar[str] = "该材料尚在保管期限内，不能销毁。"


class ExternalReviewNeeded(RuleBroken):
    slug: ClassVar[str] = "material-needs-external-review"
    title: ClassVar[str] = "The material needs the authority's review"
    detail_zh: ClassVar[str] = "学科类基础性材料和被抽查的材料须经主管部门外部审核通过后使用。"


class Material(Searchable, Stamped, Base):
    """One version (institution, title, version_no). Deleted rows stay, hidden."""

    __tablename__ = "material"
    __table_args__ = (
        search_index("material"),
        Index("ix_material_institution_id_material_id", "institution_id", "material_id"),
        Index(
            "uq_material_title_version",
            "institution_id",
            "title",
            "version_no",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_material_retain_until",
            "retain_until",
            "material_id",
            postgresql_where=text("status = 'archived' AND deleted_at IS NULL"),
        ),
    )

    material_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    status: Mapped[str]
    title: Mapped[str | None]
    version_no: Mapped[int | None]
    edition: Mapped[str | None]
    category: Mapped[str | None]
    subject_code: Mapped[str | None]
    stage: Mapped[str | None]
    kind: Mapped[str | None]
    form: Mapped[str | None]
    origin: Mapped[str | None]
    isbn: Mapped[str | None]
    overseas: Mapped[bool | None]
    delivery: Mapped[list[str]] = mapped_column(ARRAY(Text))
    file_id: Mapped[UUID | None]
    content_sha256: Mapped[str | None]
    reviewed_sha256: Mapped[str | None]
    copyright_note: Mapped[str | None]
    authors: Mapped[list[Author]] = mapped_column(JSONB)
    negative_list_ok: Mapped[bool | None]
    negative_list_signer: Mapped[str | None]
    internal_result: Mapped[str | None]
    internal_reviewer_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    internal_reviewed_on: Mapped[date | None]
    internal_opinion: Mapped[str | None]
    internal_record_file_id: Mapped[UUID | None]
    external_required: Mapped[bool | None]
    external_result: Mapped[str | None]
    external_requested_on: Mapped[date | None]
    external_reviewed_on: Mapped[date | None]
    external_reviewer_id: Mapped[UUID | None]
    external_opinion: Mapped[str | None]
    external_approval_no: Mapped[str | None]
    external_authority_id: Mapped[UUID | None]
    external_case_id: Mapped[UUID | None]
    suspension_ordered_on: Mapped[date | None]
    suspension_reason: Mapped[str | None]
    suspension_authority_id: Mapped[UUID | None]
    filed: Mapped[bool | None]
    filed_on: Mapped[date | None]
    used_from: Mapped[date | None]
    used_until: Mapped[date | None]
    retain_until: Mapped[date | None]
    purge_due_told_on: Mapped[date | None]
    purged_on: Mapped[date | None]
    deleted_at: Mapped[datetime | None]

    @property
    def is_under_external_review(self) -> bool:
        """A case is open: asked for, and not decided."""
        return self.external_result == "pending" and self.external_requested_on is not None

    @property
    def needs_authority(self) -> bool:
        return needs_authority(self.category, self.form, required=self.external_required)

    def require_editable(self) -> None:
        if self.status not in EDITABLE:
            raise self._wrong_status()

    def require_no_open_case(self) -> None:
        if self.is_under_external_review:
            raise UnderExternalReview

    def take_content(self, file_id: UUID | None, sha256: str | None) -> None:
        """New content has been seen by nobody; it may come into a draft only."""
        if file_id == self.file_id:
            return
        if self.status != "draft":
            raise ContentReviewed
        self.file_id, self.content_sha256, self.reviewed_sha256 = file_id, sha256, None
        self.internal_result = self.internal_reviewed_on = None
        self.internal_opinion = self.internal_record_file_id = None
        self.internal_reviewer_ids = []

    def submit(self) -> None:
        """To the institution's own reviewers (内部审核)."""
        self._step("submit")
        self.internal_result = "pending"

    def pass_or_fail_inside(self, *, passed: bool) -> None:
        """The content that was reviewed is the one that stands here now."""
        self._step("pass_inside" if passed else "fail_inside")
        self.internal_result = "pass" if passed else "fail"
        self.reviewed_sha256 = self.content_sha256

    def request_outside(self, today: date, *, sampled: bool = False) -> None:
        """To the authority (外部审核), which may have picked it for a spot check (抽查); not while
        a case is open, nor after it was passed.
        """
        self.require_no_open_case()
        if self.external_result == "pass":
            raise WrongStatus("该材料已通过外部审核。")
        self._step("sample" if sampled else "request_outside")
        self.external_required = True
        self.await_authority(today)

    def await_authority(self, today: date) -> None:
        """Whether it is required stays as it was told: a rule reports it as missing."""
        self.external_result, self.external_requested_on = "pending", today
        self.external_reviewed_on = self.external_opinion = self.external_reviewer_id = None
        self.external_approval_no = None

    def adopt(self, used_from: date) -> None:
        """Into use without the authority, which only some materials may."""
        if (self.status, "adopt") in STEPS and self.needs_authority:
            raise ExternalReviewNeeded
        self._step("adopt")
        self.used_from = used_from

    def archive(self, used_until: date) -> None:
        """Out of use, and kept (S5: three years)."""
        self.require_no_open_case()
        self._step("archive")
        self.used_until, self.retain_until = used_until, retained_until(used_until)

    def end(self, on: date) -> bool:
        """Its institution closes; False where nothing went on. One that was to be used only later
        goes out of use on its first day.
        """
        status, was_open = self.status, self.is_under_external_review
        if was_open and (status, "close_outside") in STEPS:
            self.decide("close_outside", on)
        if (self.status, "archive") in STEPS:
            self.archive(max(on, self.used_from or on))
        return self.status != status or was_open != self.is_under_external_review

    def suspend(self, *, on: date, authority_id: UUID, reason: str) -> None:
        """Out of use after an inspection (停用整改); an open case goes on."""
        self._step("suspend")
        self.suspension_ordered_on, self.suspension_reason = on, reason
        self.suspension_authority_id = authority_id

    def purge(self, today: date) -> None:
        """The content is destroyed (销毁), its hash stays; not before its time is over."""
        if self.status == "archived":
            self._require_kept_long_enough(today)
        self._step("purge")
        self.file_id, self.purged_on = None, today

    def _require_kept_long_enough(self, today: date) -> None:
        if self.retain_until is None:
            raise NotPurgeable("该材料没有登记停用日期，请删除后按实际停用日期重新登记。")
        if self.retain_until > last_purgeable(today):
            first = self.retain_until + timedelta(days=1)
            raise NotPurgeable(
                f"该材料应保管至{_chinese(self.retain_until)}，{_chinese(first)}起方可销毁。",
                retain_until=self.retain_until.isoformat(),
            )

    def decide(self, action: str, decided_on: date) -> None:
        """The authority has decided; closing without a result lets the institution ask again."""
        self._step(action)
        if action == "close_outside":
            self.external_result = self.external_requested_on = None
            return
        self.external_result = "pass" if action == "pass_outside" else "fail"
        self.external_reviewed_on = decided_on
        if self.status == "in_use" and self.used_from is None:
            self.used_from = decided_on

    def _step(self, action: str) -> None:
        step = STEPS.get((self.status, action))
        if step is None:
            raise self._wrong_status()
        self.status = step.to

    def _wrong_status(self) -> WrongStatus:
        label = STATUS_LABELS_ZH[self.status]
        detail = f"该材料当前为“{label}”，不能进行此操作。"
        return WrongStatus(detail, material_status=self.status)


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
