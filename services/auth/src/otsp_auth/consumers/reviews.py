"""Tells people of applications, cases and their clocks."""

from otsp_auth.commands.notifications import tell_account, tell_authority, tell_institution
from otsp_auth.consumers.words import application_zh, case_zh, news_of
from otsp_auth.queries.account_rows import find_name
from otsp_auth.rules.news import LIGHTS_ZH, OUTCOMES_ZH, day_of
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_contracts.compliance import (
    ApplicationAccepted,
    CaseDecided,
    CaseRouted,
    DecisionSetAside,
    GatheringFailed,
    PrecheckFailed,
    ReviewClockChanged,
    ReviewOverdue,
    SupplementAnswered,
    SupplementRequested,
)
from otsp_contracts.compliance.casework import CaseTakenOver
from otsp_contracts.institution import RegistrationDecided


@on(RegistrationDecided)
def tell_registration(tx: Tx, event: Received[RegistrationDecided]) -> None:
    told = event.data
    if told.decision in OUTCOMES_ZH:
        words = {"outcome": OUTCOMES_ZH[told.decision]}
        news = news_of(
            event, "registration_decided", told.case_id, words=words, case_id=told.case_id
        )
        tell_institution(tx, told.institution_id, news)


@on(ApplicationAccepted)
def tell_acceptance(tx: Tx, event: Received[ApplicationAccepted]) -> None:
    told = event.data
    kind = "application_deemed_accepted" if told.is_deemed else "application_accepted"
    words = {"day": day_of(told.accepted_on)}
    news = news_of(
        event, kind, told.application_id, words=words, application_id=told.application_id
    )
    tell_institution(tx, told.institution_id, news)


@on(PrecheckFailed)
def tell_failed_precheck(tx: Tx, event: Received[PrecheckFailed]) -> None:
    told = event.data
    words = {"count": len(told.blocking)}
    news = news_of(
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
    news = news_of(
        event, "gathering_failed", told.application_id, application_id=told.application_id
    )
    tell_institution(tx, told.institution_id, news)


@on(SupplementRequested)
def tell_notice(tx: Tx, event: Received[SupplementRequested]) -> None:
    told = event.data
    once = f"{told.application_id}:{told.round}:{told.version}"
    words = {"day": day_of(told.due_on)}
    news = news_of(
        event, "supplement_requested", once, words=words, application_id=told.application_id
    )
    tell_institution(tx, told.institution_id, news)


@on(CaseRouted)
def tell_routed_case(tx: Tx, event: Received[CaseRouted]) -> None:
    """A case that is told again for the sake of copies was told of before."""
    told = event.data
    if told.state == "open":
        once = f"{told.case_id}:{told.step_no}:{told.authority_id}"
        words = {"kind": case_zh(told.kind)}
        news = news_of(event, "case_routed", once, words=words, case_id=told.case_id)
        tell_authority(tx, told.authority_id, news)


@on(CaseDecided)
def tell_decision(tx: Tx, event: Received[CaseDecided]) -> None:
    """Of applications; other cases are told by the owner of what they are about."""
    told = event.data
    if told.doc_no is not None and told.decision in OUTCOMES_ZH:
        words = {
            "kind": application_zh(told.application_kind),
            "outcome": OUTCOMES_ZH[told.decision],
            "doc_no": told.doc_no,
        }
        news = news_of(
            event, "application_decided", told.case_id, words=words, application_id=told.subject_id
        )
        tell_institution(tx, told.institution_id, news)
    elif told.decision == "lapsed":
        news = news_of(event, "application_lapsed", told.case_id, application_id=told.subject_id)
        tell_institution(tx, told.institution_id, news)
    elif told.decision == "withdrawn" and told.lay_with is not None:
        words = {"kind": case_zh(told.kind)}
        news = news_of(event, "case_withdrawn", told.case_id, words=words, case_id=told.case_id)
        tell_authority(tx, told.lay_with, news)


@on(CaseTakenOver)
def tell_former_holder(tx: Tx, event: Received[CaseTakenOver]) -> None:
    """Who held it: by whom it was taken and why, in the inbox alone."""
    told = event.data
    kind = "case_reassigned" if told.how == "assigned" else "case_taken_over"
    words = {
        "kind": case_zh(told.kind),
        "who": find_name(tx, told.actor) or "同事",
        "to": find_name(tx, told.account_id) or "同事",
        "reason": told.reason or ("替班" if told.how == "covered" else "未说明"),
    }
    news = news_of(event, kind, told.assignment_id, words=words, case_id=told.case_id)
    tell_account(tx, told.former_account_id, news)


@on(SupplementAnswered)
def tell_answer(tx: Tx, event: Received[SupplementAnswered]) -> None:
    told = event.data
    if told.authority_id is not None:
        news = news_of(event, "supplement_answered", told.request_id, case_id=told.case_id)
        tell_authority(tx, told.authority_id, news)


@on(DecisionSetAside)
def tell_setting_aside(tx: Tx, event: Received[DecisionSetAside]) -> None:
    told = event.data
    words = {
        "kind": application_zh(told.application_kind),
        "outcome": OUTCOMES_ZH[told.outcome],
        "doc_no": told.doc_no,
    }
    news = news_of(
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
    news = news_of(
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
        "kind": case_zh(told.kind),
        "day": day_of(told.due_on),
        "light": LIGHTS_ZH[told.light],
    }
    if told.authority_id is not None:
        news = news_of(event, "review_overdue", once, words=words, case_id=told.case_id)
        tell_authority(tx, told.authority_id, news)
    if told.escalated_to is not None:
        news = news_of(event, "review_escalated", once, words=words, case_id=told.case_id)
        tell_authority(tx, told.escalated_to, news, role="region_admin")
