"""Entering materials as existing; external reviews are the authority's to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from otsp_cli.dossier.desk import Desk, Values, said
from otsp_cli.dossier.gateway import wait_for
from otsp_cli.dossier.place import at
from otsp_contracts.snapshots.dossier import DossierAuthor, DossierMaterial

SERVICE = "materials"
REVIEW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DueReview:
    """An external review that the dossier says was decided."""

    material_id: str
    decision: str
    reviewed_on: str | None


def fill(desk: Desk) -> list[DueReview]:
    """Enter every material; gives the external reviews that the authority has to decide.

    It is asked for those in use only: what was reviewed before a material was archived or purged
    is past, and no case will come.
    """
    due = []
    for index, material in enumerate(desk.dossier.materials or ()):
        with at(f"/{index}"):
            stored = desk.create(SERVICE, "materials", values_of(desk, material))
        desk.remember("materials", material.material_id, platform_id=stored["material_id"])
        review = _due(material, stored["material_id"])
        if review is not None and stored["external_review"]["result"] == "pending":
            due.append(review)
    return due


def await_reviews(desk: Desk, due: Sequence[DueReview]) -> None:
    """Until the authority's decisions have arrived at the materials."""
    for review in due:
        path = desk.path(SERVICE, "materials", review.material_id)
        wait_for(
            partial(desk.session.get, path),
            lambda seen: seen["external_review"]["result"] != "pending",
            seconds=REVIEW_SECONDS,
        )


def values_of(desk: Desk, material: DossierMaterial) -> Values:
    """One material as the API takes it.

    A hash that the dossier names becomes a placeholder file of that content: equal names, equal
    hashes; another content than the one reviewed becomes another file.
    """
    part = said(material, *_TOLD_APART)
    values = desk.completion.complete(part, desk.completion.material) | {"existing": True}
    values["authors"] = [_author(desk, each) for each in material.authors or ()]
    content = material.content_sha256 or (
        material.material_id if "content_sha256" not in material.model_fields_set else None
    )
    if content is not None:
        values["file_id"] = _content_file(desk, content)
    if material.reviewed_sha256 not in (None, content):
        values["reviewed_file_id"] = _content_file(desk, str(material.reviewed_sha256))
    elif material.reviewed_sha256 is None and "reviewed_sha256" in material.model_fields_set:
        values["reviewed_file_id"] = None
    if material.internal_review is not None:
        review = said(material.internal_review)
        reviewers = review.get("reviewer_ids") or ()
        values["internal_review"] = review | {
            "reviewer_ids": [desk.known("staff", each) for each in reviewers]
        }
    if material.external_review is not None:
        values["external_review"] = {"required": material.external_review.required}
    return values


_TOLD_APART = (
    "material_id",
    "authors",
    "content_sha256",
    "reviewed_sha256",
    "internal_review",
    "external_review",
)


def _author(desk: Desk, author: DossierAuthor) -> Values:
    values = said(author)
    if author.staff_id is not None:
        values["staff_id"] = desk.known("staff", author.staff_id)
    return values


def _content_file(desk: Desk, content: str) -> str:
    return str(desk.upload(SERVICE, f"material-{content}", content)["file_id"])


def _due(material: DossierMaterial, material_id: str) -> DueReview | None:
    review = material.external_review
    if review is None or review.result not in ("pass", "fail"):
        return None
    decision = "approve" if review.result == "pass" else "reject"
    reviewed_on = review.reviewed_on.isoformat() if review.reviewed_on else None
    return DueReview(material_id, decision, reviewed_on)
