"""Account recovery (账号找回): by the applicant with a secret, by the authority in charge."""

from typing import Any, BinaryIO
from uuid import UUID

from otsp_auth.commands import recovery, recovery_decisions
from otsp_auth.queries import recovery_rows
from otsp_auth.rules.bearers import bearer_token
from otsp_chassis import previews
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, Download
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page

PREFIX = "/api/auth/v1/recovery-requests"


def send_recovery_code(body: dict[str, Any]) -> Answer:
    return Answer(recovery.send_code(body["applicant_mobile"]), 201)


def open_request(body: dict[str, Any]) -> Answer:
    opened = recovery.open_request(body)
    return Answer(opened, 201, location=f"{PREFIX}/{opened.request_id}/status")


def upload_proof(
    request_id: str,
    *,
    kind: str,
    name: str,
    content_type: str,
    stream: BinaryIO,
    authorization: str | None = None,
) -> Answer:
    info = recovery.store_proof(
        UUID(request_id),
        bearer_token(authorization),
        kind=kind,
        name=name,
        content_type=content_type,
        stream=stream,
    )
    return Answer({"file_id": info.file_id, "kind": kind, "sha256": info.sha256}, 201)


def submit_request(request_id: str, authorization: str | None = None) -> Answer:
    return Answer(recovery.submit_request(UUID(request_id), bearer_token(authorization)))


def get_request_status(request_id: str, authorization: str | None = None) -> Answer:
    return Answer(recovery.status_of(UUID(request_id), bearer_token(authorization)))


def list_requests(
    principal: Principal, *, limit: int, cursor: str | None = None, status: str | None = None
) -> Page[recovery_rows.RecoveryRow]:
    with reading() as tx:
        return recovery_rows.list_requests(tx, principal, status=status, cursor=cursor, limit=limit)


def get_request(request_id: str, principal: Principal) -> Answer:
    found = recovery_decisions.read_request(principal, UUID(request_id))
    return Answer(found, version=found.request.version)


def get_proof(
    request_id: str, file_id: str, principal: Principal, *, page: int, width: int
) -> Download:
    """A picture of one page under the authority's mark; the scan itself goes to nobody."""
    info, stream = recovery_decisions.open_proof(principal, UUID(request_id), UUID(file_id))
    mark = previews.mark_of(principal)
    return previews.preview(info, stream, page=page, width=width, mark=mark)


def approve_request(request_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    row = recovery_decisions.approve(
        principal,
        UUID(request_id),
        account_id=UUID(body["account_id"]),
        reason=body["reason"],
    )
    return Answer(row, version=row.version)


def reject_request(request_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    row = recovery_decisions.reject(principal, UUID(request_id), reason=body["reason"])
    return Answer(row, version=row.version)


def send_link_again(request_id: str, principal: Principal, *, body: dict[str, Any]) -> Answer:
    row = recovery_decisions.send_link_again(principal, UUID(request_id), reason=body["reason"])
    return Answer(row, version=row.version)
