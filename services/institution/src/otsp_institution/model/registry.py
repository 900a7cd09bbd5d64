"""The institution: its registration, its basic information and their transitions."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_chassis.pii import SEALED_MEMBERS, Sealed
from otsp_chassis.problems import Conflict, Locked
from otsp_chassis.search import Searchable, search_index
from otsp_institution.model.schema import Base, Fen, Small, one_of
from otsp_institution.rules import standing

_CLAIMS = ", ".join(f"'{state}'" for state in standing.HOLDING_USCC)


class UsccRegistered(Conflict):
    slug: ClassVar[str] = "institution-already-registered"
    title: ClassVar[str] = "An institution with this number is registered"
    detail_zh: ClassVar[str] = "该机构已注册，请联系住所地区域管理员找回账号。"


class RegistrationUnderReview(Locked):
    slug: ClassVar[str] = "institution-registration-under-review"
    title: ClassVar[str] = "Locked while the registration is under review"
    detail_zh: ClassVar[str] = "注册审核中，信息已锁定，请等待审核结果后再修改。"


class RegistrationApproved(Conflict):
    slug: ClassVar[str] = "institution-registration-approved"
    title: ClassVar[str] = "The registration is approved already"
    detail_zh: ClassVar[str] = "注册已审核通过，无需再次提交；如需修改请在机构信息中更新。"


class NotSuspendable(Conflict):
    slug: ClassVar[str] = "institution-not-suspendable"
    title: ClassVar[str] = "Only whose approval stands can be suspended"
    detail_zh: ClassVar[str] = (
        "只有合规状态为“合规”或“变更审核中”的机构可以暂停培训，请刷新后核对其当前状态。"
    )


class NotSuspended(Conflict):
    slug: ClassVar[str] = "institution-not-suspended"
    title: ClassVar[str] = "The institution is not suspended"
    detail_zh: ClassVar[str] = "该机构当前未被暂停培训，无需恢复，请刷新后核对其当前状态。"


_OF_PEOPLE = (
    "actual_controller",
    *(
        f"legal_rep_{what}"
        for what in (
            "id_type", "id_no", "id_hmac", "id_masked", "id_valid", "mobile", "nationality",
            "resides_in_china", "position", "id_scan_file_ids",
        )
    ),
    *(f"contact_{what}" for what in ("name", "mobile", "email", "position")),
)  # fmt: skip
_LISTS_OF_PEOPLE = ("sponsors", "board_members", "supervisors")
"""What is erased three years after an institution is no more."""


class Institution(Searchable, Stamped, Base):
    """A row exists from the moment its account does; `entered_at` is null until it is filled in.

    `sponsors` and `actual_controller` are one value each, replaced as a whole;
    `commands.persons_behind` says what is kept of each.
    """

    __tablename__ = "institution"
    __table_args__ = (
        one_of("registration_status", standing.REGISTRATION_STATES),
        one_of("compliance_status", standing.COMPLIANCE_STATES),
        Index(
            "uq_institution_uscc",
            "uscc",
            unique=True,
            postgresql_where=text(
                f"registration_status IN ({_CLAIMS}) AND compliance_status <> 'deregistered'"
            ),
        ),
        Index("ix_institution_region_code", "region_code", "institution_id"),
        Index("ix_institution_uscc", "uscc"),
        search_index("institution"),
    )

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    entered_at: Mapped[datetime | None]
    registration_status: Mapped[str] = mapped_column(default="draft")
    registration_round: Mapped[Small] = mapped_column(default=0)
    submitted_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    decision_reason: Mapped[str | None]
    decided_case_id: Mapped[UUID | None]
    compliance_status: Mapped[str] = mapped_column(default="not_applied")
    compliance_before: Mapped[str | None]
    open_application_id: Mapped[UUID | None]
    settled_application_id: Mapped[UUID | None]
    settled_from: Mapped[str | None]
    settled_outcome: Mapped[str | None]
    deregistered_on: Mapped[date | None]
    anonymised_on: Mapped[date | None]
    has_proposed_change: Mapped[bool] = mapped_column(default=False)
    licence_delivery: Mapped[list[str]] = mapped_column(default=list)

    name: Mapped[str | None]
    short_name: Mapped[str | None]
    logo_file_id: Mapped[UUID | None]
    former_names: Mapped[list[str]] = mapped_column(default=list)
    uscc: Mapped[str | None]
    region_code: Mapped[str | None]
    registered_address: Mapped[str | None]
    office_address: Mapped[str | None]
    categories: Mapped[list[str]] = mapped_column(default=list)
    delivery_modes: Mapped[list[str]] = mapped_column(default=list)
    nonsubject_types: Mapped[list[str]] = mapped_column(default=list)
    primary_nonsubject_type: Mapped[str | None]
    stages: Mapped[list[str]] = mapped_column(default=list)
    legal_nature: Mapped[str | None]
    has_licence: Mapped[bool | None]
    legal_form: Mapped[str | None]
    founded_on: Mapped[date | None]
    first_approved_on: Mapped[date | None]
    start_fund_fen: Mapped[Fen | None]
    sponsor_type: Mapped[str | None]
    sponsors: Mapped[list[dict[str, Any]]] = mapped_column(
        default=list, info={SEALED_MEMBERS: ("id_no",)}
    )
    actual_controller: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), info={SEALED_MEMBERS: ("id_no",)}
    )
    foreign_controlled: Mapped[bool | None]
    listed_affiliate: Mapped[bool | None]
    migrated_from: Mapped[str | None]
    board_members: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    supervisors: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    principal_name: Mapped[str | None]
    intro: Mapped[str | None]
    website: Mapped[str | None]
    consult_tel: Mapped[str | None]
    complaint_tel: Mapped[str | None]
    scale: Mapped[int | None]
    branches: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    legal_rep_name: Mapped[str | None]
    legal_rep_id_type: Mapped[str | None]
    legal_rep_id_no: Mapped[Sealed | None]
    legal_rep_id_hmac: Mapped[bytes | None]
    legal_rep_id_masked: Mapped[str | None]
    legal_rep_id_valid: Mapped[bool | None]
    legal_rep_mobile: Mapped[str | None]
    legal_rep_nationality: Mapped[str | None]
    legal_rep_resides_in_china: Mapped[bool | None]
    legal_rep_position: Mapped[str | None]
    legal_rep_id_scan_file_ids: Mapped[list[UUID] | None]
    contact_name: Mapped[str | None]
    contact_mobile: Mapped[str | None]
    contact_email: Mapped[str | None]
    contact_position: Mapped[str | None]

    @property
    def is_registered(self) -> bool:
        """From now on nothing that its authority was found by may be emptied."""
        return self.registration_status == "approved"

    @property
    def has_approval(self) -> bool:
        """From now on what it was approved for changes by application only."""
        return standing.approval_stands(self.compliance_status, self.compliance_before)

    def require_alterable(self) -> None:
        """While an authority reads the registration, nothing about it changes (§3.8)."""
        if self.registration_status == "submitted":
            raise RegistrationUnderReview

    def require_registrable(self) -> None:
        self.require_alterable()
        if self.is_registered:
            raise RegistrationApproved

    def admit_migrated(self, source: str, *, is_claimed: bool) -> None:
        """Of a legacy platform (§3.2); a draft while another institution holds its number."""
        self.migrated_from = source
        if self.registration_status == "draft" and not is_claimed:
            self.registration_status = "approved"

    def give_way(self) -> None:
        """Its account was merged into another: it lays no claim to its number any more."""
        self.registration_status = "rejected"
        self.decision_reason = "账户已与本机构的另一账户合并。"

    def succeed(self) -> None:
        """Its account was the one that was kept; what waited for the number has it now."""
        if self.registration_status == "draft":
            self.registration_status = "approved"

    def submit(self, today: date) -> str:
        """Hand the registration in; returns the state it was in."""
        self.require_registrable()
        before = self.registration_status
        self.registration_status = "submitted"
        self.registration_round += 1
        self.submitted_on = today
        self.decided_on = self.decision_reason = None
        return before

    def settle_registration(
        self, case_id: UUID, decision: str, *, decided_on: date, reason: str | None
    ) -> None:
        """Raises KeyError for an unknown decision, Conflict when nothing waits for one."""
        if self.registration_status != "submitted":
            raise Conflict(registration_status=self.registration_status)
        self.registration_status = standing.REGISTRATION_AFTER[decision]
        self.decided_on = decided_on
        self.decision_reason = reason
        self.decided_case_id = case_id

    def file_application(self, application_id: UUID, kind: str) -> None:
        """An application is open; told again, or after its end, it changes nothing."""
        if application_id == self.open_application_id or self.is_past(application_id):
            return
        self.compliance_before = self.compliance_status
        self.compliance_status = standing.compliance_under(kind, self.compliance_status)
        self.open_application_id = application_id

    def settle_application(self, application_id: UUID, kind: str, decision: str) -> None:
        """The application is over, whether or not its filing was heard of before."""
        if self.is_past(application_id):
            return
        before = self.compliance_status
        if self.open_application_id == application_id and self.compliance_before is not None:
            before = self.compliance_before
        after = standing.compliance_after(kind, decision, before)
        if not self._was_suspended_since(application_id) or after == "deregistering":
            self.compliance_status = after
        self.settled_application_id = application_id
        self.settled_from, self.settled_outcome = before, decision
        self.open_application_id = self.compliance_before = None

    def expire(self) -> None:
        """Its licence has ended, and with it the approval."""
        self.compliance_status, self.compliance_before = standing.compliance_expired(
            self.compliance_status, self.compliance_before
        )

    def overturn(self, application_id: UUID, kind: str, *, was: str, now: str) -> None:
        """The decision on an application was set aside; told again it changes nothing.

        Raises Conflict while the decision that was replaced is not known here yet.
        """
        settled, outcome = self.settled_application_id, self.settled_outcome
        if settled is not None and settled > application_id:
            return
        if settled != application_id or outcome is None or self.settled_from is None:
            raise Conflict(application_id=str(application_id))
        if outcome == now:
            return
        if outcome != was:
            raise Conflict(application_id=str(application_id))
        self.compliance_status = standing.compliance_overturned(
            kind, was=was, now=now, before=self.settled_from, current=self.compliance_status
        )
        self.settled_outcome = now

    def _was_suspended_since(self, application_id: UUID) -> bool:
        """While the application was open: its end does not lift what was ordered beside it."""
        return (
            self.open_application_id == application_id
            and self.compliance_status == standing.SUSPENDED
        )

    def require_suspendable(self) -> None:
        if not standing.may_be_suspended(self.compliance_status):
            raise NotSuspendable(compliance_status=self.compliance_status)

    def suspend(self) -> None:
        """No training from now on (暂停培训); what it was approved for stays approved."""
        self.require_suspendable()
        self.compliance_status = standing.SUSPENDED

    def require_suspended(self) -> None:
        if self.compliance_status != standing.SUSPENDED:
            raise NotSuspended(compliance_status=self.compliance_status)

    def resume(self) -> None:
        self.require_suspended()
        self.compliance_status = standing.compliance_resumed(
            self.settled_outcome,
            self.settled_from,
            is_filed=self.open_application_id is not None,
        )

    def deregister(self, application_id: UUID, on: date) -> None:
        """For good, whether or not the decision was heard of before."""
        self.compliance_status, self.deregistered_on = "deregistered", on
        self.settled_application_id = application_id
        self.open_application_id = self.compliance_before = None

    def anonymise(self, on: date) -> None:
        """Only what everybody may know of its people is left: the names of who headed it."""
        for column in _OF_PEOPLE:
            setattr(self, column, None)
        for column in _LISTS_OF_PEOPLE:
            setattr(self, column, [])
        self.anonymised_on = on

    def is_past(self, application_id: UUID) -> bool:
        """Whether its end has had its effect, or a later one's.

        Application ids are made in order of time (UUIDv7), and one is open at a time.
        """
        return (
            self.settled_application_id is not None
            and application_id <= self.settled_application_id
        )
