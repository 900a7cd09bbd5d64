"""审计日志: the trail of each service, newest first; reading it leaves an entry too."""

from typing import Any, Final

from flask import Blueprint, request

from otsp_portal import access
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.words import options

Json = Any
views = Blueprint("audit", __name__, url_prefix="/desk/audit")
_FILTERS: Final = ("from", "to", "action", "actor_id", "object_id", "institution_id", "cursor")


@views.get("")
@access.roles("auditor")
def entries() -> tuple[str, int]:
    """Filters in the address: ids and days, no names."""
    asked = {name: request.args[name].strip() for name in _FILTERS if request.args.get(name)}
    services = options("portal.services")
    service = request.args.get("service", "compliance")
    if service not in dict(services):
        service = "compliance"
    found: Json = {"items": [], "next": None}
    problem = ""
    try:
        found = api().get(f"/api/{service}/v1/audit-entries", limit=50, **_moments(asked))
    except Refusal as refusal:
        if refusal.status not in (400, 403, 422):
            raise
        problem = refusal.detail
    return page(
        "oversight/audit.html", status=422 if problem else 200, nav="audit",
        help_chapter="audit", entries=found["items"], following=found["next"], asked=asked,
        service=service, services=services, problem=problem,
    )  # fmt: skip


def _moments(asked: dict[str, str]) -> dict[str, str]:
    """A day as typed begins and ends in Shanghai."""
    told = dict(asked)
    if len(told.get("from", "")) == len("2024-10-15"):
        told["from"] += "T00:00:00+08:00"
    if len(told.get("to", "")) == len("2024-10-15"):
        told["to"] += "T23:59:59+08:00"
    return told
