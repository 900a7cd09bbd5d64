"""Deregistrations (注销): an application of its own kind, filed with what only closing has."""

from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_compliance.api.applications import check_exceptions, exceptions_of
from otsp_compliance.commands import deregistration_filing as filing
from otsp_compliance.queries.applications import ApplicationView
from otsp_compliance.rules.closing import Closing


@checked(check_exceptions)
def file_deregistration(principal: Principal, body: dict[str, Any]) -> Answer:
    view = filing.file_deregistration(
        principal,
        filing.NewDeregistration(
            institution_id=UUID(body["institution_id"]),
            closing=Closing.of(body["closing"]),
            acknowledged_warnings=body.get("acknowledged_warnings", []),
            exceptions=exceptions_of(body),
            withdraw_open=body.get("withdraw_open", False),
        ),
    )
    return _begun(view)


def open_for_revoked(principal: Principal, body: dict[str, Any]) -> Answer:
    revoked_on = date.fromisoformat(body["revoked_on"])
    closing = Closing(
        reason="revoked",
        stop_on=revoked_on,
        revoked_on=revoked_on,
        revocation_doc_no=body["revocation_doc_no"],
        archive_keeper=body.get("archive_keeper"),
    )
    view = filing.open_for_revoked(principal, UUID(body["institution_id"]), closing=closing)
    return _begun(view)


def _begun(view: ApplicationView) -> Answer:
    location = f"/api/compliance/v1/applications/{view.application_id}"
    return Answer(view, 202, version=view.version, location=location)
