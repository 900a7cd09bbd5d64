"""Periodic work of the auth service."""

from otsp_auth.commands import closing, recovery_retention, retention, waiting_texts
from otsp_chassis import clock
from otsp_chassis.jobs import every


@every(seconds=1)
def send_waiting_texts() -> None:
    waiting_texts.send_waiting_texts()


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
