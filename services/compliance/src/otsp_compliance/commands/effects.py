"""What follows from a final decision on an application, in the same transaction."""

from otsp_chassis.db import Tx
from otsp_compliance.model import Application, Decision


def take_effect(tx: Tx, application: Application, decision: Decision) -> None:
    """The application and its case are over; their rows are locked by the caller."""
