"""What auth learns from others: copies that it keeps, and news that it passes on to people."""

from otsp_auth.commands import closing
from otsp_auth.commands.accounts import complete_profile
from otsp_auth.commands.notifications import tell_institution
from otsp_auth.commands.references import keep_institution
from otsp_auth.consumers.affairs import (
    tell_blacklisted,
    tell_correction,
    tell_due_check,
    tell_due_purge,
    tell_due_rectification,
    tell_end_of_rectification,
    tell_expired_licence,
    tell_expiring_licence,
    tell_listing,
    tell_measure,
    tell_rectification,
    tell_returned_rectification,
    tell_reviewed_material,
    tell_suspended_material,
)
from otsp_auth.consumers.reviews import (
    tell_acceptance,
    tell_answer,
    tell_changed_clock,
    tell_decision,
    tell_failed_gathering,
    tell_failed_precheck,
    tell_former_holder,
    tell_late_review,
    tell_notice,
    tell_registration,
    tell_routed_case,
    tell_setting_aside,
)
from otsp_auth.consumers.words import news_of
from otsp_auth.rules.news import day_of
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_chassis.outbox import publish
from otsp_contracts.auth import AuthClosingDone
from otsp_contracts.compliance import DeregistrationApproved, DeregistrationCompleted
from otsp_contracts.institution import ProfileChanged, RegistrationSubmitted

__all__ = [
    "close_accounts",
    "follow_institution",
    "follow_registration",
    "set_last_day",
    "tell_acceptance",
    "tell_answer",
    "tell_blacklisted",
    "tell_changed_clock",
    "tell_correction",
    "tell_decision",
    "tell_due_check",
    "tell_due_purge",
    "tell_due_rectification",
    "tell_end_of_rectification",
    "tell_expired_licence",
    "tell_expiring_licence",
    "tell_failed_gathering",
    "tell_failed_precheck",
    "tell_former_holder",
    "tell_late_review",
    "tell_listing",
    "tell_measure",
    "tell_notice",
    "tell_rectification",
    "tell_registration",
    "tell_returned_rectification",
    "tell_reviewed_material",
    "tell_routed_case",
    "tell_setting_aside",
    "tell_suspended_material",
]


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
        tx, told.institution_id, news_of(event, "deregistered", once, words=words, **about)
    )


@on(ProfileChanged)
def follow_institution(tx: Tx, event: Received[ProfileChanged]) -> None:
    """Its number and region say whose account is to be recovered, and who is in charge of it."""
    keep_institution(tx, event.data)
