"""回执与历史: everything that was filed, what was decided, what differs, the signed receipts."""

from functools import partial
from typing import Any, Final

from flask import Blueprint, request
from flask.wrappers import Response
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.gateway_client import Api
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.streams import streamed
from otsp_portal.views.applications import state_of
from otsp_portal.views.desk.case import changes_of

Json = Any
views = Blueprint("own_history", __name__)

_PATH: Final = "/api/compliance/v1"
_A_PAGE: Final = 10
_PARTS: Final = ("institution", "materials", "courses", "rectifications", "decision_text")


@views.get("/history")
@access.roles(*access.INSTITUTION)
def history() -> tuple[str, int]:
    """Filings, newest first, each with its receipts and decisions."""
    asked = api()
    cursor = request.args.get("cursor")
    found = asked.get(f"{_PATH}/applications", limit=_A_PAGE, cursor=cursor)
    return page(
        "history/list.html",
        nav="history",
        help_chapter="history",
        filings=_with_receipts(asked, found["items"]),
        first="/history" if cursor else None,
        next=f"/history?cursor={found['next']}" if found["next"] else None,
    )


@views.get("/history/<uuid:application_id>/diff")
@access.roles(*access.INSTITUTION)
def differences(application_id: object) -> tuple[str, int]:
    """What was filed beside what was approved before, field by field."""
    asked = api()
    cursor = request.args.get("cursor")
    place = f"{_PATH}/applications/{application_id}"
    told, found = asked.together(
        lambda: asked.get(place),
        lambda: asked.get(f"{place}/differences", limit=100, cursor=cursor),
    )
    here = f"/history/{application_id}/diff"
    return page(
        "history/differences.html",
        nav="history",
        help_chapter="history",
        told=told,
        differences=found,
        changes=changes_of(found),
        first=here if cursor else None,
        next=f"{here}?cursor={found['next']}" if found["next"] else None,
    )


@views.get("/receipts/<receipt_no>")
@access.roles(*access.INSTITUTION)
def receipt(receipt_no: str) -> tuple[str, int]:
    """What it says, whether it still holds, and how it is handed on."""
    asked = api()
    held, statement = asked.together(
        lambda: asked.get(f"{_PATH}/receipts/{receipt_no}"),
        lambda: asked.get(f"{_PATH}/public/receipts/{receipt_no}"),
    )
    return page(
        "history/receipt.html",
        nav="history",
        help_chapter="history",
        told=held["payload"],
        statement=statement,
        parts=[each for each in _PARTS if each in held["disclosures"]],
    )


@views.get("/receipts/<receipt_no>/file")
@access.roles(*access.INSTITUTION)
def receipt_file(receipt_no: str) -> BaseResponse:
    """The signed file, as anybody verifies it."""
    return _download(receipt_no, "", f"{receipt_no}.json")


@views.get("/receipts/<receipt_no>/pdf")
@access.roles(*access.INSTITUTION)
def receipt_pdf(receipt_no: str) -> BaseResponse:
    return _download(receipt_no, "/pdf", f"{receipt_no}.pdf")


def _download(receipt_no: str, suffix: str, name: str) -> BaseResponse:
    answer = streamed(f"{_PATH}/receipts/{receipt_no}{suffix}")
    if isinstance(answer, Response) and answer.status_code < 400:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _with_receipts(asked: Api, filings: list[Json]) -> list[Json]:
    """Each with what was issued for it; all are asked for at once."""
    submitted = [each["application_id"] for each in filings if each["submitted_at"]]
    calls = [partial(asked.get, f"{_PATH}/applications/{each}/receipts") for each in submitted]
    answers = asked.together(*calls) if calls else []
    receipts = {each: answer["items"] for each, answer in zip(submitted, answers, strict=True)}
    return [
        {
            **each,
            "tag": state_of({**each, "routed_steps": []}),
            "receipts": receipts.get(each["application_id"], []),
        }
        for each in filings
    ]
