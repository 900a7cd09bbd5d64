"""Tells institutions of what is due, found or ordered beside any application."""

from otsp_auth.commands.notifications import tell_institution
from otsp_auth.consumers.words import news_of
from otsp_auth.rules.news import CHECKS_ZH, LISTS_ZH, RECTIFICATIONS_ZH, day_of
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_contracts.compliance.rectification import (
    RectificationClosed,
    RectificationDue,
    RectificationOpened,
    RectificationReturned,
)
from otsp_contracts.compliance.register import ListEntryChanged
from otsp_contracts.institution import LicenceExpired, LicenceExpiring, MeasureOrdered
from otsp_contracts.materials import ExternalReviewRecorded, MaterialSuspended, PurgeDue
from otsp_contracts.staff import BlacklistMatched, CheckDueSoon, CorrectionRequested


@on(RectificationOpened)
def tell_rectification(tx: Tx, event: Received[RectificationOpened]) -> None:
    told = event.data
    words = {"kind": RECTIFICATIONS_ZH.get(told.kind, "整改"), "day": day_of(told.due_on)}
    once, about = told.rectification_id, {"rectification_id": told.rectification_id}
    tell_institution(
        tx, told.institution_id, news_of(event, "rectification_opened", once, words=words, **about)
    )


@on(RectificationClosed)
def tell_end_of_rectification(tx: Tx, event: Received[RectificationClosed]) -> None:
    told = event.data
    words = {"kind": RECTIFICATIONS_ZH.get(told.kind, "整改"), "day": day_of(told.closed_on)}
    once, about = told.rectification_id, {"rectification_id": told.rectification_id}
    tell_institution(
        tx, told.institution_id, news_of(event, "rectification_closed", once, words=words, **about)
    )


@on(RectificationDue)
def tell_due_rectification(tx: Tx, event: Received[RectificationDue]) -> None:
    told = event.data
    words = {"kind": RECTIFICATIONS_ZH.get(told.kind, "整改"), "day": day_of(told.due_on)}
    once = f"{told.rectification_id}:{told.due_on}:{told.days_left}"
    news = news_of(
        event, "rectification_due", once, words=words, rectification_id=told.rectification_id
    )
    tell_institution(tx, told.institution_id, news)


@on(RectificationReturned)
def tell_returned_rectification(tx: Tx, event: Received[RectificationReturned]) -> None:
    told = event.data
    words = {"kind": RECTIFICATIONS_ZH.get(told.kind, "整改"), "day": day_of(told.due_on)}
    once = f"{told.rectification_id}:{told.version}"
    news = news_of(
        event, "rectification_returned", once, words=words, rectification_id=told.rectification_id
    )
    tell_institution(tx, told.institution_id, news)


@on(LicenceExpiring)
def tell_expiring_licence(tx: Tx, event: Received[LicenceExpiring]) -> None:
    told = event.data
    words = {"day": day_of(told.valid_to), "days": told.days_left}
    tell_institution(
        tx, told.institution_id, news_of(event, "licence_expiring", told.valid_to, words=words)
    )


@on(LicenceExpired)
def tell_expired_licence(tx: Tx, event: Received[LicenceExpired]) -> None:
    told = event.data
    words = {"day": day_of(told.valid_to)}
    tell_institution(
        tx, told.institution_id, news_of(event, "licence_expired", told.valid_to, words=words)
    )


@on(CheckDueSoon)
def tell_due_check(tx: Tx, event: Received[CheckDueSoon]) -> None:
    told = event.data
    once = f"{told.staff_id}:{told.kind}:{told.due_on}"
    words = {"kind": CHECKS_ZH.get(told.kind, "核查"), "day": day_of(told.due_on)}
    tell_institution(
        tx,
        told.institution_id,
        news_of(event, "check_due", once, words=words, staff_id=told.staff_id),
    )


@on(BlacklistMatched)
def tell_blacklisted(tx: Tx, event: Received[BlacklistMatched]) -> None:
    told = event.data
    once = f"{told.staff_id}:{told.entry_id}"
    words = {"day": day_of(told.depart_by)}
    tell_institution(
        tx,
        told.institution_id,
        news_of(event, "blacklist_matched", once, words=words, staff_id=told.staff_id),
    )


@on(CorrectionRequested)
def tell_correction(tx: Tx, event: Received[CorrectionRequested]) -> None:
    told = event.data
    words = {"day": day_of(told.due_on)}
    news = news_of(
        event, "correction_requested", told.request_id, words=words, request_id=told.request_id
    )
    tell_institution(tx, told.institution_id, news)


@on(ExternalReviewRecorded)
def tell_reviewed_material(tx: Tx, event: Received[ExternalReviewRecorded]) -> None:
    told = event.data
    words = {"outcome": "通过" if told.result == "pass" else "不通过"}
    once = f"{told.material_id}:{told.version}"
    news = news_of(event, "material_reviewed", once, words=words, material_id=told.material_id)
    tell_institution(tx, told.institution_id, news)


@on(MaterialSuspended)
def tell_suspended_material(tx: Tx, event: Received[MaterialSuspended]) -> None:
    told = event.data
    once = f"{told.material_id}:{told.version}"
    news = news_of(event, "material_suspended", once, material_id=told.material_id)
    tell_institution(tx, told.institution_id, news)


@on(PurgeDue)
def tell_due_purge(tx: Tx, event: Received[PurgeDue]) -> None:
    told = event.data
    words = {"day": day_of(told.retain_until)}
    once = f"{told.material_id}:{told.retain_until}"
    news = news_of(event, "purge_due", once, words=words, material_id=told.material_id)
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
        news = news_of(event, kind, once, words=words, list_entry_id=told.list_entry_id)
        tell_institution(tx, told.institution_id, news)


@on(MeasureOrdered)
def tell_measure(tx: Tx, event: Received[MeasureOrdered]) -> None:
    told = event.data
    kind = "training_suspended" if told.kind == "suspension" else "training_resumed"
    words = {"day": day_of(told.ordered_on)}
    news = news_of(event, kind, told.measure_id, words=words, measure_id=told.measure_id)
    tell_institution(tx, told.institution_id, news)
