"""Tells others how a request for recovery stands: for their statistics, without a person in it."""

from otsp_auth.model import RecoveryRequest
from otsp_chassis import clock
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_contracts.auth import RecoveryRequestChanged


def publish_standing(tx: Tx, request: RecoveryRequest) -> None:
    """A draft is nobody's business yet."""
    tx.flush()  # the event carries the version after the change
    told = as_standing(request)
    if told is not None:
        publish(tx, told)


def as_standing(request: RecoveryRequest) -> RecoveryRequestChanged | None:
    if request.submitted_at is None:
        return None
    handled = request.handled_at
    return RecoveryRequestChanged(
        request_id=request.request_id,
        version=request.version,
        region_code=request.region_code,
        delivery=request.delivery,
        status=request.status,
        submitted_on=clock.business_day_of(request.submitted_at),
        handled_on=None if handled is None else clock.business_day_of(handled),
    )
