"""What auth learns from others: copies that it keeps, and news that it passes on to people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from otsp_auth.commands import closing
from otsp_auth.commands.accounts import complete_profile
from otsp_auth.commands.notifications import Told, tell_authority, tell_institution
from otsp_auth.commands.references import keep_institution
from otsp_auth.rules.news import (
    APPLICATIONS_ZH,
    CASES_ZH,
    CHECKS_ZH,
    LIGHTS_ZH,
    LISTS_ZH,
    OUTCOMES_ZH,
    RECTIFICATIONS_ZH,
    day_of,
)
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_chassis.outbox import publish
from otsp_contracts.auth import AuthClosingDone
from otsp_contracts.compliance import (
    ApplicationAccepted,
    CaseDecided,
    CaseRouted,
    DecisionSetAside,
    DeregistrationApproved,
    DeregistrationCompleted,
    GatheringFailed,
    ListEntryChanged,
    PrecheckFailed,
    ReviewClockChanged,
    ReviewOverdue,
    SupplementAnswered,
    SupplementRequested,
)
from otsp_contracts.compliance.rectification import (
    RectificationClosed,
    RectificationDue,
    RectificationOpened,
    RectificationReturned,
)
from otsp_contracts.institution import (
    LicenceExpired,
    LicenceExpiring,
    ProfileChanged,
    RegistrationDecided,
    RegistrationSubmitted,
)
from otsp_contracts.materials import ExternalReviewRecorded, MaterialSuspended, PurgeDue
from otsp_contracts.staff import BlacklistMatched, CheckDueSoon, CorrectionRequested


@on(RegistrationSubmitted)
def follow_registration(tx: Tx, event: Received[RegistrationSubmitted]) -> None:
    """pending_profile → active; a second submission changes nothing more."""
    complete_profile(tx, event.data.institution_id)


@on(DeregistrationApproved)
def close_accounts(tx: Tx, event: Received[DeregistrationApproved]) -> None:
    """Asked again, nobody is left to close, and it is answered again."""
    asked = event.data
    if AuthClosingDone.owner() in asked.services:
        ended = closing.close_accounts(tx, asked.institution_id)
        publish(tx, AuthClosingDone.answering(asked, ended))


@on(DeregistrationCompleted)
def set_last_day(tx: Tx, event: Received[DeregistrationCompleted]) -> None:
    told = event.data
    closing.set_last_day(tx, told)
    words = {"day": day_of(told.read_only_until)}
    once, about = told.application_id, {"application_id": told.application_id}
    tell_institution(
        tx, told.institution_id, _news(event, "deregistered", once, words=words, **about)
    )


@on(ProfileChanged)
def follow_institution(tx: Tx, event: Received[ProfileChanged]) -> None:
    """Its number and region say whose account is to be recovered, and who is in charge of it."""
    keep_institution(tx, event.data)


@on(RegistrationDecided)
def tell_registration(tx: Tx, event: Received[RegistrationDecided]) -> None:
    told = event.data
    if told.decision in OUTCOMES_ZH:
        words = {"outcome": OUTCOMES_ZH[told.decision]}
        news = _news(event, "registration_decided", told.case_id, words=words, case_id=told.case_id)
        tell_institution(tx, told.institution_id, news)


@on(ApplicationAccepted)
def tell_acceptance(tx: Tx, event: Received[ApplicationAccepted]) -> None:
    told = event.data
    kind = "application_deemed_accepted" if told.is_deemed else "application_accepted"
    words = {"day": day_of(told.accepted_on)}
    news = _news(event, kind, told.application_id, words=words, application_id=told.application_id)
    tell_institution(tx, told.institution_id, news)


@on(PrecheckFailed)
def tell_failed_precheck(tx: Tx, event: Received[PrecheckFailed]) -> None:
    told = event.data
    words = {"count": len(told.blocking)}
    news = _news(
        event,
        "precheck_failed",
        told.application_id,
        words=words,
        application_id=told.application_id,
    )
    tell_institution(tx, told.institution_id, news)


@on(GatheringFailed)
def tell_failed_gathering(tx: Tx, event: Received[GatheringFailed]) -> None:
    told = event.data
    news = _news(event, "gathering_failed", told.application_id, application_id=told.application_id)
    tell_institution(tx, told.institution_id, news)


@on(SupplementRequested)
def tell_notice(tx: Tx, event: Received[SupplementRequested]) -> None:
    told = event.data
    once = f"{told.application_id}:{told.round}:{told.version}"
    words = {"day": day_of(told.due_on)}
    news = _news(
        event, "supplement_requested", once, words=words, application_id=told.application_id
    )
    tell_institution(tx, told.institution_id, news)


@on(CaseRouted)
def tell_routed_case(tx: Tx, event: Received[CaseRouted]) -> None:
    """A case that is told again for the sake of copies was told of before."""
    told = event.data
    if told.state == "open":
        once = f"{told.case_id}:{told.step_no}:{told.authority_id}"
        words = {"kind": _case(told.kind)}
        news = _news(event, "case_routed", once, words=words, case_id=told.case_id)
        tell_authority(tx, told.authority_id, news)


@on(CaseDecided)
def tell_decision(tx: Tx, event: Received[CaseDecided]) -> None:
    """Of applications; other cases are told by the owner of what they are about."""
    told = event.data
    if told.doc_no is not None and told.decision in OUTCOMES_ZH:
        words = {
            "kind": _application(told.application_kind),
            "outcome": OUTCOMES_ZH[told.decision],
            "doc_no": told.doc_no,
        }
        news = _news(
            event, "application_decided", told.case_id, words=words, application_id=told.subject_id
        )
        tell_institution(tx, told.institution_id, news)
    elif told.decision == "lapsed":
        news = _news(event, "application_lapsed", told.case_id, application_id=told.subject_id)
        tell_institution(tx, told.institution_id, news)
    elif told.decision == "withdrawn" and told.lay_with is not None:
        words = {"kind": _case(told.kind)}
        news = _news(event, "case_withdrawn", told.case_id, words=words, case_id=told.case_id)
        tell_authority(tx, told.lay_with, news)


@on(SupplementAnswered)
def tell_answer(tx: Tx, event: Received[SupplementAnswered]) -> None:
    told = event.data
    if told.authority_id is not None:
        news = _news(event, "supplement_answered", told.request_id, case_id=told.case_id)
        tell_authority(tx, told.authority_id, news)


@on(DecisionSetAside)
def tell_setting_aside(tx: Tx, event: Received[DecisionSetAside]) -> None:
    told = event.data
    words = {
        "kind": _application(told.application_kind),
        "outcome": OUTCOMES_ZH[told.outcome],
        "doc_no": told.doc_no,
    }
    news = _news(
        event,
        "decision_set_aside",
        told.decision_id,
        words=words,
        application_id=told.application_id,
    )
    tell_institution(tx, told.institution_id, news)


@on(ReviewClockChanged)
def tell_changed_clock(tx: Tx, event: Received[ReviewClockChanged]) -> None:
    """The applicant is owed it (行政许可法 §42, §45)."""
    told = event.data
    step = f"{told.case_id}:{told.step_no}:{told.change}"
    once = f"{step}:{told.ground}:{told.due_on}:{told.expected_until}"
    news = _news(
        event,
        "review_clock_changed",
        once,
        application_id=told.application_id,
        case_id=told.case_id,
    )
    tell_institution(tx, told.institution_id, news)


@on(ReviewOverdue)
def tell_late_review(tx: Tx, event: Received[ReviewOverdue]) -> None:
    told = event.data
    once = f"{told.case_id}:{told.step_no}:{told.light}:{told.due_on}"
    words = {
        "kind": _case(told.kind),
        "day": day_of(told.due_on),
        "light": LIGHTS_ZH[told.light],
    }
    if told.authority_id is not None:
        news = _news(event, "review_overdue", once, words=words, case_id=told.case_id)
        tell_authority(tx, told.authority_id, news)
    if told.escalated_to is not None:
        news = _news(event, "review_escalated", once, words=words, case_id=told.case_id)
        tell_authority(tx, told.escalated_to, news, role="region_admin")


@on(RectificationOpened)
def tell_rectification(tx: Tx, event: Received[RectificationOpened]) -> None:
    told = event.data
    words = {"kind": RECTIFICATIONS_ZH.get(told.kind, "整改"), "day": day_of(told.due_on)}
    once, about = told.rectification_id, {"rectification_id": told.rectification_id}
    tell_institution(
        tx, told.institution_id, _news(event, "rectification_opened", once, words=words, **about)
    )


@on(RectificationClosed)
def tell_end_of_rectification(tx: Tx, event: Received[RectificationClosed]) -> None:
    told = event.data
    words = {"kind": RECTIFICATIONS_ZH.get(told.kind, "整改"), "day": day_of(told.closed_on)}
    once, about = told.rectification_id, {"rectification_id": told.rectification_id}
    tell_institution(
        tx, told.institution_id, _news(event, "rectification_closed", once, words=words, **about)
    )


@on(RectificationDue)
def tell_due_rectification(tx: Tx, event: Received[RectificationDue]) -> None:
    told = event.data
    words = {"kind": RECTIFICATIONS_ZH.get(told.kind, "整改"), "day": day_of(told.due_on)}
    once = f"{told.rectification_id}:{told.due_on}:{told.days_left}"
    news = _news(
        event, "rectification_due", once, words=words, rectification_id=told.rectification_id
    )
    tell_institution(tx, told.institution_id, news)


@on(RectificationReturned)
def tell_returned_rectification(tx: Tx, event: Received[RectificationReturned]) -> None:
    told = event.data
    words = {"kind": RECTIFICATIONS_ZH.get(told.kind, "整改"), "day": day_of(told.due_on)}
    once = f"{told.rectification_id}:{told.version}"
    news = _news(
        event, "rectification_returned", once, words=words, rectification_id=told.rectification_id
    )
    tell_institution(tx, told.institution_id, news)


@on(LicenceExpiring)
def tell_expiring_licence(tx: Tx, event: Received[LicenceExpiring]) -> None:
    told = event.data
    words = {"day": day_of(told.valid_to), "days": told.days_left}
    tell_institution(
        tx, told.institution_id, _news(event, "licence_expiring", told.valid_to, words=words)
    )


@on(LicenceExpired)
def tell_expired_licence(tx: Tx, event: Received[LicenceExpired]) -> None:
    told = event.data
    words = {"day": day_of(told.valid_to)}
    tell_institution(
        tx, told.institution_id, _news(event, "licence_expired", told.valid_to, words=words)
    )


@on(CheckDueSoon)
def tell_due_check(tx: Tx, event: Received[CheckDueSoon]) -> None:
    told = event.data
    once = f"{told.staff_id}:{told.kind}:{told.due_on}"
    words = {"kind": CHECKS_ZH.get(told.kind, "核查"), "day": day_of(told.due_on)}
    tell_institution(
        tx,
        told.institution_id,
        _news(event, "check_due", once, words=words, staff_id=told.staff_id),
    )


@on(BlacklistMatched)
def tell_blacklisted(tx: Tx, event: Received[BlacklistMatched]) -> None:
    told = event.data
    once = f"{told.staff_id}:{told.entry_id}"
    words = {"day": day_of(told.depart_by)}
    tell_institution(
        tx,
        told.institution_id,
        _news(event, "blacklist_matched", once, words=words, staff_id=told.staff_id),
    )


@on(CorrectionRequested)
def tell_correction(tx: Tx, event: Received[CorrectionRequested]) -> None:
    told = event.data
    words = {"day": day_of(told.due_on)}
    news = _news(
        event, "correction_requested", told.request_id, words=words, request_id=told.request_id
    )
    tell_institution(tx, told.institution_id, news)


@on(ExternalReviewRecorded)
def tell_reviewed_material(tx: Tx, event: Received[ExternalReviewRecorded]) -> None:
    told = event.data
    words = {"outcome": "通过" if told.result == "pass" else "不通过"}
    once = f"{told.material_id}:{told.version}"
    news = _news(event, "material_reviewed", once, words=words, material_id=told.material_id)
    tell_institution(tx, told.institution_id, news)


@on(MaterialSuspended)
def tell_suspended_material(tx: Tx, event: Received[MaterialSuspended]) -> None:
    told = event.data
    once = f"{told.material_id}:{told.version}"
    news = _news(event, "material_suspended", once, material_id=told.material_id)
    tell_institution(tx, told.institution_id, news)


@on(PurgeDue)
def tell_due_purge(tx: Tx, event: Received[PurgeDue]) -> None:
    told = event.data
    words = {"day": day_of(told.retain_until)}
    once = f"{told.material_id}:{told.retain_until}"
    news = _news(event, "purge_due", once, words=words, material_id=told.material_id)
    tell_institution(tx, told.institution_id, news)


@on(ListEntryChanged)
def tell_listing(tx: Tx, event: Received[ListEntryChanged]) -> None:
    """Being listed, and no longer being listed; what is only proposed is told to nobody."""
    told = event.data
    if told.institution_id is None or told.list_type not in LISTS_ZH:
        return
    if told.to_state in {"listed", "ended"}:
        kind = "listed" if told.to_state == "listed" else "listing_ended"
        words = {"list": LISTS_ZH[told.list_type]}
        once = f"{told.list_entry_id}:{told.to_state}"
        news = _news(event, kind, once, words=words, list_entry_id=told.list_entry_id)
        tell_institution(tx, told.institution_id, news)


def _news(
    event: Received[Any],
    kind: str,
    once: object,
    *,
    words: Mapping[str, object] | None = None,
    **about: UUID | None,
) -> Told:
    return Told(kind=kind, once=str(once), at=event.time, words=words or {}, about=about)


def _case(kind: str) -> str:
    return CASES_ZH.get(kind, "事项")


def _application(kind: str | None) -> str:
    return APPLICATIONS_ZH.get(kind or "", "申请")
