"""What is decided on: one version of a material as it is told."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict
from uuid import UUID

from otsp_contracts.values import FieldError


class Author(TypedDict):
    """Who wrote it: one of the staff by id, or a person from outside by name."""

    staff_id: str | None
    name: str | None
    years: int | None
    qual: str | None
    qual_no: str | None


@dataclass(frozen=True, slots=True)
class InternalReview:
    """The institution's own review (内部审核)."""

    result: str | None
    reviewer_ids: list[UUID]
    reviewed_on: date | None
    opinion: str | None
    record_file_id: UUID | None


@dataclass(frozen=True, slots=True)
class ExternalReview:
    """The authority's review (外部审核). Its result comes from the authority's decision only.

    `reviewer_id` is the account that decided; its name is the authority's affair.
    """

    required: bool | None
    result: str | None
    requested_on: date | None
    reviewed_on: date | None
    reviewer_id: UUID | None
    opinion: str | None
    approval_no: str | None
    authority_id: UUID | None
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class Suspension:
    """Taken out of use after an inspection (停用整改), by which authority and why."""

    ordered_on: date | None
    reason: str | None
    authority_id: UUID | None


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """One version of a material. `reviewed_sha256` is the content that the reviewers saw."""

    material_id: UUID
    version: int
    status: str
    title: str | None
    version_no: int | None
    edition: str | None
    category: str | None
    subject_code: str | None
    stage: str | None
    kind: str | None
    form: str | None
    origin: str | None
    isbn: str | None
    overseas: bool | None
    delivery: list[str]
    file_id: UUID | None
    content_sha256: str | None
    reviewed_sha256: str | None
    copyright_note: str | None
    authors: list[Author]
    negative_list_ok: bool | None
    negative_list_signer: str | None
    internal_review: InternalReview
    external_review: ExternalReview
    suspension: Suspension
    filed: bool | None
    filed_on: date | None
    used_from: date | None
    used_until: date | None
    retain_until: date | None
    purged_on: date | None
    warnings: tuple[FieldError, ...] = ()
