"""Materials in a dossier, with the reviews they have in fact."""

from typing import Literal

from otsp_contracts.snapshots.dossier.entry import (
    Category,
    Day,
    Entry,
    QualType,
    Reference,
    ReviewResult,
    Stage,
    SubjectCode,
    Text,
    WholeNumber,
    YesNo,
)


class DossierAuthor(Entry):
    """A person of the dossier by `staff_id`, or one from outside by name."""

    staff_id: Reference | None = None
    name: Text | None = None
    years: WholeNumber | None = None
    qual: QualType | None = None
    qual_no: Text | None = None


class DossierInternalReview(Entry):
    """The institution's own review."""

    result: ReviewResult | None = None
    reviewer_ids: tuple[Reference, ...] | None = None
    reviewed_on: Day | None = None
    opinion: Text | None = None


class DossierExternalReview(Entry):
    """The authority's review; its operation records it."""

    required: YesNo | None = None
    result: ReviewResult | None = None
    reviewed_on: Day | None = None
    opinion: Text | None = None
    approval_no: Text | None = None


class DossierMaterial(Entry):
    """One version of a material."""

    material_id: Reference
    title: Text | None = None
    category: Category | None = None
    subject_code: SubjectCode | None = None
    stage: Stage | None = None
    kind: (
        Literal[
            "textbook",
            "handout",
            "workbook",
            "lesson_plan",
            "courseware",
            "video",
            "item_bank",
            "other",
        ]
        | None
    ) = None
    form: Literal["basic", "library", "video"] | None = None
    origin: Literal["self", "published", "licensed"] | None = None
    isbn: Text | None = None
    edition: Text | None = None
    version_no: WholeNumber | None = None
    status: (
        Literal[
            "draft",
            "internal_review",
            "internal_passed",
            "internal_failed",
            "external_pending",
            "external_failed",
            "in_use",
            "suspended",
            "archived",
            "purged",
        ]
        | None
    ) = None
    overseas: YesNo | None = None
    negative_list_ok: YesNo | None = None
    copyright_note: Text | None = None
    content_sha256: Text | None = None
    reviewed_sha256: Text | None = None
    authors: tuple[DossierAuthor, ...] | None = None
    internal_review: DossierInternalReview | None = None
    external_review: DossierExternalReview | None = None
    filed: YesNo | None = None
    filed_on: Day | None = None
    used_from: Day | None = None
    used_until: Day | None = None
    retain_until: Day | None = None
    purged_on: Day | None = None
