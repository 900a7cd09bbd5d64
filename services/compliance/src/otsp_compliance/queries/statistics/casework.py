"""Figures of compliance's own tables: institutions, applications, rectifications, cases."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from otsp_compliance.model import (
    Application,
    AuthorityRef,
    CaseClock,
    CaseStep,
    Decision,
    Deregistration,
    Finding,
    Gathering,
    InstitutionRef,
    Rectification,
    ReviewCase,
)
from otsp_compliance.queries.statistics.lines import REGISTERED, lines, one_if, summed
from otsp_compliance.rules.statistics.catalogue import COMPLIANCE_STATUSES_ZH, REVIEW_STATUSES_ZH
from otsp_compliance.rules.statistics.span import Span
from otsp_compliance.settings import current_settings

_OVER = ("closed", "waived")
_KINDS = ("for_profit_to_nonprofit", "filing_to_approval", "other")
_PENDING = ("submitted", "in_review", "supplementing")
_SHANGHAI = "Asia/Shanghai"
_SUBMITTED = ("submitted", "pending_0_5", "pending_6_15", "pending_16_20", "pending_over_20")
_DECIDED = ("approved", "returned", "rejected", "decided")


def institutions(_span: Span) -> Select[Any]:
    rectifying = _first_open_rectification()
    review = _review_status(rectifying.c.kind)
    compliance = InstitutionRef.compliance_status
    columns = {
        "total": literal(1),
        "registered": one_if(REGISTERED),
        **{f"review_{name}": one_if(review == name) for name in REVIEW_STATUSES_ZH},
        **{f"compliance_{name}": one_if(compliance == name) for name in COMPLIANCE_STATUSES_ZH},
    }
    return (
        lines(columns)
        .select_from(InstitutionRef)
        .outerjoin(rectifying, rectifying.c.institution_id == InstitutionRef.institution_id)
    )


def _first_open_rectification() -> Subquery:
    kind = case(*((func.bool_or(Rectification.kind == each), literal(each)) for each in _KINDS))
    return (
        select(Rectification.institution_id, kind.label("kind"))
        .where(Rectification.status.not_in(_OVER))
        .group_by(Rectification.institution_id)
        .subquery()
    )


def _review_status(rectifying: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first match of §3.2."""
    registration, compliance = InstitutionRef.registration_status, InstitutionRef.compliance_status
    return case(
        (compliance.in_(("deregistered", "deregistering")), compliance),
        (registration.in_(("returned", "rejected")), func.concat("registration_", registration)),
        (registration != "approved", registration),
        (rectifying.is_not(None), rectifying),
        else_=compliance,
    )


def qualification(_span: Span) -> Select[Any]:
    passed = InstitutionRef.compliance_status.in_(("compliant", "change_pending"))
    columns = {"registered": literal(1), "passed": one_if(passed)}
    return lines(columns).where(REGISTERED)


def applications(span: Span) -> Select[Any]:
    """Submissions of the month, what is open on its last day, final decisions of the month."""
    counted = union_all(_submissions(span), _decisions(span)).subquery()
    names = (*_SUBMITTED, *_DECIDED)
    of_each = (
        select(
            counted.c.institution_id,
            *(func.sum(counted.c[name]).label(name) for name in names),
        )
        .group_by(counted.c.institution_id)
        .subquery()
    )
    days = _days_of_decisions(span)
    return (
        lines({name: of_each.c[name] for name in names}, days=days.c.days)
        .select_from(InstitutionRef)
        .join(of_each, of_each.c.institution_id == InstitutionRef.institution_id)
        .outerjoin(days, days.c.institution_id == InstitutionRef.institution_id)
    )


def _submitted_on() -> ColumnElement[Any]:
    return cast(func.timezone(_SHANGHAI, Application.submitted_at), Date)


def _submissions(span: Span) -> Select[*tuple[Any, ...]]:
    on, (young, middle, old) = _submitted_on(), span.ages
    is_open = Application.state.in_(_PENDING)
    return select(
        Application.institution_id,
        one_if(on.between(span.first, span.day)).label("submitted"),
        one_if(and_(is_open, on >= young)).label("pending_0_5"),
        one_if(and_(is_open, on < young, on >= middle)).label("pending_6_15"),
        one_if(and_(is_open, on < middle, on >= old)).label("pending_16_20"),
        one_if(and_(is_open, on < old)).label("pending_over_20"),
        *(literal(0).label(name) for name in _DECIDED),
    ).where(
        Application.kind != "deregistration",
        Application.submitted_at.is_not(None),
        or_(is_open, on.between(span.first, span.day)),
    )


def _final(span: Span) -> ColumnElement[bool]:
    """Final decisions of the month on whether to comply, but those that were set aside since."""
    later = Decision.__table__.alias("later")
    is_set_aside = select(later.c.decision_id).where(later.c.replaces == Decision.decision_id)
    return and_(
        Decision.is_final,
        Decision.application_kind != "deregistration",
        Decision.decided_on.between(span.first, span.day),
        ~is_set_aside.exists(),
    )


def _decisions(span: Span) -> Select[*tuple[Any, ...]]:
    return select(
        Decision.institution_id,
        *(literal(0).label(name) for name in _SUBMITTED),
        *(one_if(Decision.outcome == name).label(name) for name in _DECIDED[:-1]),
        literal(1).label("decided"),
    ).where(_final(span))


def _days_of_decisions(span: Span) -> Subquery:
    """Of each institution how many decisions took how many days from submission."""
    took = Decision.decided_on - _submitted_on()
    each = (
        select(Decision.institution_id, took.label("took"), func.count().label("times"))
        .join(Application, Application.application_id == Decision.application_id)
        .where(_final(span))
        .group_by(Decision.institution_id, took)
        .subquery()
    )
    days = func.jsonb_object_agg(each.c.took, each.c.times).label("days")
    return select(each.c.institution_id, days).group_by(each.c.institution_id).subquery()


def rectifications(span: Span) -> Select[Any]:
    columns: dict[str, ColumnElement[Any]] = {}
    is_over = Rectification.status.in_(_OVER)
    is_late = and_(~is_over, Rectification.due_on < span.day)
    for kind in _KINDS:
        of_kind = Rectification.kind == kind
        columns[f"{kind}_total"] = func.count().filter(of_kind)
        columns[f"{kind}_done"] = func.count().filter(of_kind, is_over)
        columns[f"{kind}_overdue"] = func.count().filter(of_kind, is_late)
    tasks = (
        select(Rectification.institution_id, *(each.label(name) for name, each in columns.items()))
        .where(Rectification.issued_on <= span.day)
        .group_by(Rectification.institution_id)
        .subquery()
    )
    return (
        lines({name: tasks.c[name] for name in columns})
        .select_from(InstitutionRef)
        .join(tasks, tasks.c.institution_id == InstitutionRef.institution_id)
    )


def deregistrations(span: Span) -> Select[Any]:
    """`baseline`: approved for the first time on the baseline day or before, by its own record."""
    closed = (
        select(Deregistration.institution_id, literal(1).label("deregistered"))
        .where(Deregistration.deregistered_on.between(span.first, span.day))
        .distinct()
        .subquery()
    )
    was_there = and_(
        InstitutionRef.registration_status == "approved",
        InstitutionRef.first_approved_on <= current_settings().statistics_baseline_on,
    )
    columns = {
        "deregistered": closed.c.deregistered,
        "baseline": one_if(was_there),
        "remaining": one_if(and_(was_there, REGISTERED)),
    }
    return (
        lines(columns)
        .select_from(InstitutionRef)
        .outerjoin(closed, closed.c.institution_id == InstitutionRef.institution_id)
    )


def failed_rules(span: Span) -> Select[Any]:
    """Of each institution the rules that its applications of the month, or the month before, broke.

    Once a rule, however many of its applications broke it.
    """
    in_month = Gathering.as_of >= span.first
    broken = (
        select(
            Gathering.institution_id,
            Finding.rule_id,
            func.bool_or(in_month).label("now"),
            func.bool_or(~in_month).label("then"),
        )
        .join(Finding, Finding.request_id == Gathering.request_id)
        .where(
            Gathering.application_id.is_not(None),
            Gathering.as_of.between(span.before, span.day),
            ~Finding.is_apart,
        )
        .group_by(Gathering.institution_id, Finding.rule_id)
        .subquery()
    )
    columns = {"institutions": one_if(broken.c.now), "institutions_before": one_if(broken.c.then)}
    return (
        lines(columns, item=broken.c.rule_id)
        .select_from(InstitutionRef)
        .join(broken, broken.c.institution_id == InstitutionRef.institution_id)
    )


def workload(span: Span) -> Select[Any]:
    """A line an authority, in its own region; it has no institution and no dimensions."""
    waiting, done = _waiting(span), _done(span)
    nothing: ColumnElement[Any] = cast([], ARRAY(Text))
    sums = {
        **{name: waiting.c[name] for name in ("pending", "amber", "overdue")},
        **{name: done.c[name] for name in ("decided", "decided_late")},
    }
    return (
        select(
            cast(null(), Uuid).label("institution_id"),
            AuthorityRef.region_code,
            *(
                nothing.label(name)
                for name in ("categories", "delivery_modes", "nonsubject_types", "stages")
            ),
            cast(null(), Text).label("legal_nature"),
            cast(AuthorityRef.authority_id, Text).label("item"),
            cast(null(), JSONB).label("days"),
            *summed(sums),
        )
        .outerjoin(waiting, waiting.c.authority_id == AuthorityRef.authority_id)
        .outerjoin(done, done.c.authority_id == AuthorityRef.authority_id)
    )


def _waiting(span: Span) -> Subquery:
    """Open cases by the authority that they lie with, and what their running clocks say."""
    late = CaseClock.due_on < span.day
    runs = CaseClock.paused_on.is_(None)
    return (
        select(
            ReviewCase.authority_id,
            func.count().label("pending"),
            func.count().filter(runs, ~late, CaseClock.amber_on <= span.day).label("amber"),
            func.count().filter(runs, late).label("overdue"),
        )
        .outerjoin(
            CaseClock,
            and_(CaseClock.case_id == ReviewCase.case_id, CaseClock.ended_on.is_(None)),
        )
        .where(ReviewCase.state == "open", ReviewCase.authority_id.is_not(None))
        .group_by(ReviewCase.authority_id)
        .subquery()
    )


def _done(span: Span) -> Subquery:
    """Steps that were decided in the month, and which of them after the day they were due on."""
    decides = and_(
        CaseClock.case_id == CaseStep.case_id,
        CaseClock.step_no == CaseStep.step_no,
        CaseClock.phase == "decide",
    )
    return (
        select(
            CaseStep.authority_id,
            func.count().label("decided"),
            func.count().filter(CaseStep.decided_on > CaseClock.due_on).label("decided_late"),
        )
        .outerjoin(CaseClock, decides)
        .where(CaseStep.decided_on.between(span.first, span.day))
        .group_by(CaseStep.authority_id)
        .subquery()
    )
