"""What follows from a final decision on an application, in the same transaction."""

from otsp_chassis.db import Tx
from otsp_compliance.commands import deregistration, receipts, rectification, register
from otsp_compliance.model import Application, Decision
from otsp_compliance.queries.examination import get_examination
from otsp_compliance.rules.states import DEREGISTRATION


def take_effect(tx: Tx, application: Application, decision: Decision) -> None:
    """The application and its case are over; their rows are locked by the caller."""
    receipts.issue_decision(tx, decision)
    _put_right(tx, decision)
    if application.kind != DEREGISTRATION:
        _publish(tx, decision)
    elif decision.outcome == "approved":
        deregistration.begin_closing(tx, application, decision)


def _put_right(tx: Tx, decision: Decision) -> None:
    """An approval verifies the rectifications that were handed in, a return asks for more."""
    if decision.outcome == "approved":
        rectification.close_verified(tx, decision.institution_id, decision)
    elif decision.outcome == "returned":
        rectification.send_back(tx, decision.institution_id, decision)
        findings = get_examination(tx, decision.request_id).findings
        rectification.open_for_return(tx, decision, findings.excused)


def _publish(tx: Tx, decision: Decision) -> None:
    """What was approved is on the register; what was approved wrongly no longer is."""
    if decision.outcome == "approved":
        register.enter(tx, decision)
    elif decision.replaces is not None:
        register.restate(tx, decision.institution_id)
