"""What auth learns from others."""

from otsp_auth.commands.accounts import complete_profile
from otsp_auth.commands.references import keep_institution
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_contracts.institution import ProfileChanged, RegistrationSubmitted


@on(RegistrationSubmitted)
def follow_registration(tx: Tx, event: Received[RegistrationSubmitted]) -> None:
    """pending_profile → active; a second submission changes nothing more."""
    complete_profile(tx, event.data.institution_id)


@on(ProfileChanged)
def follow_institution(tx: Tx, event: Received[ProfileChanged]) -> None:
    """Its number and region say whose account is to be recovered, and who is in charge of it."""
    keep_institution(tx, event.data)
