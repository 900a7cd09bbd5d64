"""Entering materials as existing; external reviews are the authority's to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from otsp_cli.dossier.desk import Desk, Values
from otsp_cli.dossier.gateway import wait_for
from otsp_contracts.snapshots.dossier import DossierMaterial

SERVICE = "materials"
REVIEW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DueReview:
    """An external review that the dossier says was decided."""

    material_id: str
    decision: str
    reviewed_on: str | None


def fill(desk: Desk) -> list[DueReview]:
    """Enter every material; gives the external reviews that the authority has to decide."""
    due = []
    for material in desk.dossier.materials or ():
        stored = desk.create(SERVICE, "materials", values_of(desk, material))
        desk.remember(material.material_id, stored["material_id"])
        review = _due(material, stored["material_id"])
        if review is not None:
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
    """One material as the API takes it."""
    raise LookupError(material.material_id, desk.institution_id)


def _due(material: DossierMaterial, material_id: str) -> DueReview | None:
    review = material.external_review
    if review is None or review.result not in ("pass", "fail"):
        return None
    decision = "approve" if review.result == "pass" else "reject"
    reviewed_on = review.reviewed_on.isoformat() if review.reviewed_on else None
    return DueReview(material_id, decision, reviewed_on)
