"""One complete notice (一次告知): the reviewer's and the institution's side."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.reveals import NEVER_STORED
from otsp_compliance.api.applications import check_exceptions, exceptions_of
from otsp_compliance.commands import notices
from otsp_compliance.commands.corrections import Brought
from otsp_compliance.queries import notices as reads
from otsp_compliance.rules.notices import Item, Place
from otsp_contracts.values import FieldError


def _check_answer(body: dict[str, Any]) -> Iterator[FieldError]:
    if not (body.get("text") or "").strip() and not body.get("file_ids"):
        yield FieldError("/text", "required", "请填写答复说明，或上传材料。")


def request_supplement(case_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = notices.request_supplement(
        principal,
        UUID(case_id),
        [_item(each) for each in body["items"]],
        step_no=body.get("step_no"),
    )
    return Answer(view, 201)


def list_case_notices(
    case_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Answer:
    page = notices.list_case_notices(principal, UUID(case_id), cursor=cursor, limit=limit)
    return Answer(page, headers=NEVER_STORED)


def list_notices(
    application_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[reads.NoticeView]:
    with reading() as tx:
        return reads.list_notices(tx, principal, UUID(application_id), cursor=cursor, limit=limit)


def get_item(application_id: str, notice_id: str, item_id: str, *, principal: Principal) -> Answer:
    with reading() as tx:
        view = reads.get_item(
            tx,
            principal,
            UUID(application_id),
            notice_id=UUID(notice_id),
            item_id=UUID(item_id),
        )
    return Answer(view, version=view.version)


@checked(_check_answer)
def answer_item(
    application_id: str,
    notice_id: str,
    item_id: str,
    *,
    principal: Principal,
    body: dict[str, Any],
    if_match: int | None = None,
) -> Answer:
    view = notices.answer_item(
        principal,
        UUID(application_id),
        UUID(notice_id),
        item_id=UUID(item_id),
        answer=notices.Answer(
            (body.get("text") or "").strip() or None,
            [UUID(each) for each in body.get("file_ids", [])],
        ),
        if_match=if_match,
    )
    return Answer(view, version=view.version)


@checked(check_exceptions)
def resubmit_application(
    application_id: str, principal: Principal, body: dict[str, Any] | None = None
) -> Answer:
    view = notices.resubmit(principal, UUID(application_id), _brought(body or {}))
    location = f"/api/compliance/v1/applications/{application_id}"
    return Answer(view, 202, version=view.version, location=location)


def _item(given: dict[str, Any]) -> Item:
    return Item(
        kind=given["kind"],
        place=Place(given["part"], given.get("object_id"), given.get("pointer") or ""),
        cure_zh=given["cure_zh"],
        rule_id=given.get("rule_id"),
        basis=given.get("basis"),
        file_id=given.get("file_id"),
    )


def _brought(given: dict[str, Any]) -> Brought:
    return Brought(
        closing=given.get("closing", {}),
        exceptions=exceptions_of(given),
        acknowledged_warnings=given.get("acknowledged_warnings", []),
    )
