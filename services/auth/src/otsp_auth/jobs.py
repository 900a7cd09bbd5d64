"""Periodic work of the auth service."""

from datetime import date

from otsp_auth.commands import (
    closing,
    deliveries,
    recovery_retention,
    retention,
    waiting_texts,
)
from otsp_auth.queries.notifications import oldest_queued
from otsp_chassis import clock, metrics
from otsp_chassis.db import Tx, reading
from otsp_chassis.jobs import daily, every


@every(seconds=1)
def send_waiting_texts() -> None:
    waiting_texts.send_waiting_texts()


@every(seconds=2)
def send_notifications() -> None:
    deliveries.send_queued()


@every(seconds=15)
def measure_deliveries() -> None:
    with reading() as tx:
        waiting = oldest_queued(tx)
    age = 0.0 if waiting is None else (clock.now() - waiting).total_seconds()
    metrics.NOTIFICATION_OLDEST_QUEUED.set(age)


@daily
def forget_notifications(tx: Tx, _day: date) -> None:
    deliveries.forget_old(tx)


@every(seconds=600)
def forget_outdated() -> None:
    retention.forget_outdated()


@every(seconds=3600)
def cancel_closed_accounts() -> None:
    """A missed night is made up for: whatever day is over by then."""
    closing.cancel_closed_accounts(clock.today())


@every(seconds=3600)
def erase_legacy_hashes() -> None:
    retention.erase_legacy_hashes()


@every(seconds=3600)
def forget_recoveries() -> None:
    recovery_retention.forget_requests()
