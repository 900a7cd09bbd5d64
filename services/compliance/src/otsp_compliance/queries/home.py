"""What the home page of an institution shows (manual 3): how it stands and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound
from otsp_compliance.model import Gathering, InstitutionRef
from otsp_compliance.model.gathering import JUDGED
from otsp_compliance.queries.applications import tell_application
from otsp_compliance.queries.examination import FindingView
from otsp_compliance.queries.rectifications import RectificationView, unfinished_rectifications
from otsp_compliance.queries.self_checks import SelfCheckView, get_self_check
from otsp_compliance.queries.standing import find_standing, open_application
from otsp_compliance.queries.steps import StepView
from otsp_compliance.queries.visibility import require_reader
from otsp_compliance.rules.standing import (
    KINDS,
    Obstacle,
    ReviewStatus,
    Standing,
    obstacle_to_kind,
    obstacles_to_applying,
    obstacles_to_closing,
    review_status,
)

_AT_THE_TOP = 5
_SERVICES = ("institution", "staff", "materials", "courses")


@dataclass(frozen=True, slots=True)
class Button:
    """合规申请 or 注销申请: `reasons` are all that stands in the way."""

    enabled: bool
    reasons: Sequence[Obstacle]


@dataclass(frozen=True, slots=True)
class KindOfApplication:
    """One of the kinds that may be filed, or why not this one."""

    kind: str
    enabled: bool
    reason: Obstacle | None


@dataclass(frozen=True, slots=True)
class ApplyButton(Button):
    """With the kinds; none is enabled while the button is not."""

    kinds: Sequence[KindOfApplication]


@dataclass(frozen=True, slots=True)
class OpenApplicationView:
    """The application that is not over: with whom it lies and by when that one must act."""

    application_id: UUID
    kind: str
    state: str
    seq_no: str | None
    filed_at: datetime
    case_id: UUID | None
    step: StepView | None
    step_count: int
    due_on: date | None
    working_days_left: int | None
    light: str | None


@dataclass(frozen=True, slots=True)
class PartCount:
    """How much is found in one part of the file."""

    part: str
    section: str
    label_zh: str
    findings: int
    blocking: int


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The last self-check that came to a judgement; `top` are its first findings."""

    self_check_id: UUID
    as_of: date
    state: str
    blocking: int
    warnings: int
    parts: Sequence[PartCount]
    top: Sequence[FindingView]


@dataclass(frozen=True, slots=True)
class CompletenessPlace:
    """How complete a part of the file is, its owner tells, as it is now."""

    service: str
    path: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """`last_check` is null to authorities: a self-check is the institution's own affair."""

    institution_id: UUID
    name: str
    review_status: ReviewStatus
    registration_status: str
    compliance_status: str
    rectifications: Sequence[RectificationView]
    application: OpenApplicationView | None
    last_check: LastCheck | None
    apply: ApplyButton
    deregister: Button
    completeness: Sequence[CompletenessPlace]


def get_home(tx: Reader, principal: Principal, institution_id: UUID) -> HomeView:
    """For the institution, and the authorities above it. Raises NotFound while nobody has told of
    the institution.
    """
    query = select(InstitutionRef.name, InstitutionRef.region_code).where(
        InstitutionRef.institution_id == institution_id
    )
    known = tx.execute(query).first()
    require_reader(
        principal,
        institution_id=institution_id,
        region_code=None if known is None else known.region_code,
    )
    who = find_standing(tx, institution_id, open_application(tx, institution_id))
    if known is None or who is None:
        raise NotFound
    is_own = principal.institution_id is not None
    return HomeView(
        institution_id=institution_id,
        name=known.name,
        review_status=review_status(who),
        registration_status=who.registration_status,
        compliance_status=who.compliance_status,
        rectifications=unfinished_rectifications(tx, institution_id),
        application=_application(tx, institution_id),
        last_check=_last_check(tx, principal, institution_id) if is_own else None,
        apply=_apply(who),
        deregister=_deregister(who),
        completeness=[
            CompletenessPlace(each, f"/api/{each}/v1/institutions/{institution_id}/completeness")
            for each in _SERVICES
        ],
    )


def _apply(who: Standing) -> ApplyButton:
    reasons = obstacles_to_applying(who)
    kinds = [(kind, obstacle_to_kind(kind, who)) for kind in KINDS]
    told = [KindOfApplication(kind, not reasons and not why, why) for kind, why in kinds]
    return ApplyButton(not reasons, reasons, told)


def _deregister(who: Standing) -> Button:
    reasons = obstacles_to_closing(who)
    return Button(not reasons, reasons)


def _application(tx: Reader, institution_id: UUID) -> OpenApplicationView | None:
    found = open_application(tx, institution_id)
    if found is None:
        return None
    view = tell_application(tx, found.application_id)
    present = next((step for step in view.routed_steps if step.decision is None), None)
    return OpenApplicationView(
        application_id=view.application_id,
        kind=view.kind,
        state=view.state,
        seq_no=view.seq_no,
        filed_at=view.filed_at,
        case_id=view.case_id,
        step=present if view.case_id else None,
        step_count=len(view.routed_steps),
        due_on=view.due_on,
        working_days_left=view.working_days_left,
        light=view.light,
    )


def _last_check(tx: Reader, principal: Principal, institution_id: UUID) -> LastCheck | None:
    """Of those that ask by the rules of compliance, not of closing."""
    query = select(Gathering.request_id).where(
        Gathering.institution_id == institution_id,
        Gathering.application_id.is_(None),
        Gathering.closing.is_(None),
        Gathering.state == JUDGED,
    )
    last = tx.execute(query.order_by(Gathering.request_id.desc()).limit(1)).scalar()
    return None if last is None else _told(get_self_check(tx, principal, last))


def _told(check: SelfCheckView) -> LastCheck:
    found = check.findings
    return LastCheck(
        check.self_check_id,
        check.as_of,
        check.state,
        len(check.blocking),
        len(check.warnings),
        [
            PartCount(
                part.part,
                part.section,
                part.label_zh,
                len(part.findings),
                sum(each.blocking for each in part.findings),
            )
            for part in check.by_part
        ],
        [*found.blocking, *found.excused, *found.warnings, *found.data][:_AT_THE_TOP],
    )
