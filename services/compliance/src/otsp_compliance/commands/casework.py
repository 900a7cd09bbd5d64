"""Opens and routes the cases that authorities handle."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_compliance.commands import clocks
from otsp_compliance.commands.clocks import KnownDays
from otsp_compliance.commands.routing import find_steps
from otsp_compliance.model import CaseStep, Document, InstitutionRef, ReviewCase
from otsp_compliance.model.cases import EXTERNAL_REVIEW, OPEN, REGISTRATION
from otsp_compliance.queries.monitoring import unrouted_cases
from otsp_compliance.rules.routing import RoutedInstitution
from otsp_contracts.compliance import CaseRouted
from otsp_contracts.institution import RegistrationSubmitted
from otsp_contracts.materials import ExternalReviewRequested


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What is to be decided. `routed_by` None: the institution's reference says where it goes."""

    kind: str
    institution_id: UUID
    institution_name: str | None
    region_code: str | None
    subject_id: UUID
    subject_version: int
    title: str
    details: Document
    routed_by: RoutedInstitution | None


def open_registration_case(tx: Tx, told: RegistrationSubmitted) -> None:
    _open_newer(
        tx,
        NewCase(
            kind=REGISTRATION,
            institution_id=told.institution_id,
            institution_name=told.name,
            region_code=told.region_code,
            subject_id=told.institution_id,
            subject_version=told.version,
            title=told.name,
            details=told.model_dump(
                mode="json",
                include={
                    "uscc",
                    "categories",
                    "delivery_modes",
                    "nonsubject_types",
                    "primary_nonsubject_type",
                    "stages",
                    "legal_nature",
                    "submitted_on",
                    "round",
                },
            ),
            routed_by=RoutedInstitution(
                told.region_code,
                frozenset(told.categories),
                frozenset(told.delivery_modes),
                told.primary_nonsubject_type or _only(told.nonsubject_types),
            ),
        ),
    )


def open_external_review_case(tx: Tx, told: ExternalReviewRequested) -> None:
    """Goes where subject training of the institution's delivery goes (R2, R1)."""
    institution = tx.get(InstitutionRef, told.institution_id)
    _open_newer(
        tx,
        NewCase(
            kind=EXTERNAL_REVIEW,
            institution_id=told.institution_id,
            institution_name=institution.name if institution else None,
            region_code=institution.region_code if institution else None,
            subject_id=told.material_id,
            subject_version=told.version,
            title=told.title,
            details=told.model_dump(
                mode="json",
                include={
                    "version_no",
                    "category",
                    "subject_code",
                    "stage",
                    "form",
                    "sampled",
                    "content_sha256",
                    "requested_on",
                },
            ),
            routed_by=None,
        ),
    )


def open_case(
    tx: Tx,
    new: NewCase,
    steps: Sequence[Document] | None = None,
    *,
    known: KnownDays | None = None,
) -> ReviewCase:
    """Opens and, when somebody is known who reviews, routes; `steps` when they are frozen."""
    case = ReviewCase(
        case_id=new_id(),
        kind=new.kind,
        institution_id=new.institution_id,
        institution_name=new.institution_name,
        region_code=new.region_code,
        subject_id=new.subject_id,
        subject_version=new.subject_version,
        title=new.title,
        details=new.details,
        routed_by=new.routed_by.document() if new.routed_by else None,
        state=OPEN,
        step_no=1,
        step_count=1,
        opened_on=clock.today(),
    )
    found = _steps_of(tx, case) if steps is None else steps
    _turn_to(case, found)
    begun = clocks.begin_new(tx, case, on=case.opened_on, known=known)
    tx.add(case)
    tx.flush()  # its clock and its steps refer to it
    tx.add(begun)
    _freeze(tx, case, found)
    audit.record(
        tx,
        "compliance.case_opened",
        object_type="review_case",
        object_id=case.case_id,
        institution_id=case.institution_id,
    )
    return case


def route_waiting_cases(tx: Tx) -> None:
    """Tries again the cases for which no authority was known."""
    for case_id in unrouted_cases(tx):
        this = select(ReviewCase).where(ReviewCase.case_id == case_id)
        case = tx.scalars(this.with_for_update(skip_locked=True)).first()
        if case is not None and case.state == OPEN and case.authority_id is None:
            steps = _steps_of(tx, case)
            _turn_to(case, steps)
            _freeze(tx, case, steps)


def tell_routed(tx: Tx, case: ReviewCase, authority_id: UUID, *, actor: UUID | None) -> None:
    """The case lies with this authority now."""
    tx.flush()  # the event carries the version after the change
    publish(tx, as_routed(case, authority_id, actor=actor))


def as_routed(case: ReviewCase, authority_id: UUID, *, actor: UUID | None) -> CaseRouted:
    """What others keep of it as it stands."""
    return CaseRouted(
        case_id=case.case_id,
        version=case.version,
        actor=actor,
        institution_id=case.institution_id,
        kind=case.kind,
        subject_id=case.subject_id,
        authority_id=authority_id,
        step_no=case.step_no,
        step_count=case.step_count,
        state="open" if case.state == OPEN else "decided",
    )


def _open_newer(tx: Tx, new: NewCase) -> None:
    """A subject is told of once a version; what arrives late never replaces what is newer."""
    latest = (
        select(ReviewCase)
        .where(ReviewCase.kind == new.kind, ReviewCase.subject_id == new.subject_id)
        .order_by(ReviewCase.subject_version.desc(), ReviewCase.case_id.desc())
        .limit(1)
    )
    known = tx.scalars(latest.with_for_update()).first()
    if known is not None and known.subject_version >= new.subject_version:
        return
    if known is None or known.state != OPEN:
        open_case(tx, new)
        return
    known.subject_version = new.subject_version
    known.title = new.title
    known.details = new.details


def _steps_of(tx: Tx, case: ReviewCase) -> list[Document]:
    if case.routed_by is not None:
        institution = RoutedInstitution.of_document(case.routed_by)
        return find_steps(tx, institution, clock.today())
    known = tx.get(InstitutionRef, case.institution_id)
    if known is None:
        return []
    case.institution_name = known.name
    case.region_code = known.region_code
    institution = RoutedInstitution(
        known.region_code, frozenset({"subject"}), frozenset(known.delivery_modes)
    )
    return find_steps(tx, institution, clock.today())[:1]


def _turn_to(case: ReviewCase, steps: Sequence[Document]) -> None:
    """The authority of its first step; nobody while none is known."""
    if steps:
        case.step_count = len(steps)
        case.authority_id = UUID(steps[0]["authority_id"])


def _freeze(tx: Tx, case: ReviewCase, steps: Sequence[Document]) -> None:
    """The case, which they refer to, must be in the database."""
    for step in steps:
        opinion_from = step["opinion_from"]
        tx.add(
            CaseStep(
                case_id=case.case_id,
                step_no=step["step_no"],
                authority_id=UUID(step["authority_id"]),
                authority_name=step["authority"],
                level=step["level"],
                department=step["department"],
                purpose=step["purpose"],
                fallback=step["fallback"],
                opinion_from=UUID(opinion_from) if opinion_from else None,
                grounds=step["grounds"],
            )
        )
    if case.authority_id is not None:
        tell_routed(tx, case, case.authority_id, actor=None)


def _only(types: Sequence[str]) -> str | None:
    return types[0] if len(types) == 1 else None
