"""What auth learns from others."""

from otsp_auth.commands import closing
from otsp_auth.commands.accounts import complete_profile
from otsp_auth.commands.references import keep_institution
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_chassis.outbox import publish
from otsp_contracts.auth import AuthClosingDone
from otsp_contracts.compliance import DeregistrationApproved, DeregistrationCompleted
from otsp_contracts.institution import ProfileChanged, RegistrationSubmitted


@on(RegistrationSubmitted)
def follow_registration(tx: Tx, event: Received[RegistrationSubmitted]) -> None:
    """pending_profile → active; a second submission changes nothing more."""
    complete_profile(tx, event.data.institution_id)


@on(DeregistrationApproved)
def close_accounts(tx: Tx, event: Received[DeregistrationApproved]) -> None:
    """Asked again, nobody is left to close, and it is answered again."""
    asked = event.data
    if AuthClosingDone.owner() in asked.services:
        done = AuthClosingDone(
            institution_id=asked.institution_id,
            application_id=asked.application_id,
            ended=closing.close_accounts(tx, asked.institution_id),
        )
        publish(tx, done)


@on(DeregistrationCompleted)
def set_last_day(tx: Tx, event: Received[DeregistrationCompleted]) -> None:
    closing.set_last_day(tx, event.data)


@on(ProfileChanged)
def follow_institution(tx: Tx, event: Received[ProfileChanged]) -> None:
    """Its number and region say whose account is to be recovered, and who is in charge of it."""
    keep_institution(tx, event.data)
