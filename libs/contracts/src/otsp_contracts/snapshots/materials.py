"""The materials section: what is taught from, who wrote it, who reviewed it."""

from datetime import date
from typing import ClassVar

from otsp_contracts.snapshots.section import Facts, Section, WholeNumber, YesNo


class AuthorFacts(Facts):
    """`staff_id` is null for an author from outside, who then has a name."""

    staff_id: str | None = None
    name: str | None = None
    years: WholeNumber | None = None
    qual: str | None = None


class InternalReviewFacts(Facts):
    """The institution's own review."""

    result: str | None = None
    reviewer_ids: tuple[str, ...] = ()
    reviewed_on: date | None = None


class ExternalReviewFacts(Facts):
    """The authority's review."""

    required: YesNo | None = None
    result: str | None = None
    reviewed_on: date | None = None
    approval_no: str | None = None


class MaterialFacts(Facts):
    """One version of a material. `reviewed_sha256` is the content that the reviewers saw."""

    material_id: str
    title: str | None = None
    version_no: WholeNumber | None = None
    category: str | None = None
    subject_code: str | None = None
    stage: str | None = None
    kind: str | None = None
    form: str | None = None
    origin: str | None = None
    overseas: YesNo | None = None
    status: str | None = None
    negative_list_ok: YesNo | None = None
    content_sha256: str | None = None
    reviewed_sha256: str | None = None
    authors: tuple[AuthorFacts, ...] = ()
    internal_review: InternalReviewFacts | None = None
    external_review: ExternalReviewFacts | None = None
    filed: YesNo | None = None
    filed_on: date | None = None
    used_until: date | None = None
    purged_on: date | None = None


class MaterialsSection(Section):
    """What the materials service answers for."""

    SECTION: ClassVar[str] = "materials"

    materials: tuple[MaterialFacts, ...] = ()
