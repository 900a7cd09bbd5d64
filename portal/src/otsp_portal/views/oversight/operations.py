"""运维: what services gave up, given another chance; nothing about persons (decision D33)."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.words import options

Json = Any
views = Blueprint("operations", __name__, url_prefix="/desk/ops")
REASON: Final = plain(
    "redrive",
    Field(name="reason", label="理由", kind="area_text", is_required=True,
          hint="写明故障原因和如何修复，会留在审计日志中"),
)  # fmt: skip


@views.get("")
@access.roles("operator")
def dead_letters() -> tuple[str, int]:
    """Of all services, asked at once."""
    asked = api()
    services = options("portal.services")
    pages = asked.together(*(_lister(code) for code, _word in services))
    found = [
        {**letter, "service": code, "service_word": word}
        for (code, word), told in zip(services, pages, strict=True)
        for letter in told["items"]
    ]
    more = [word for (_code, word), told in zip(services, pages, strict=True) if told["next"]]
    return page("oversight/operations.html", nav="ops", help_chapter="operations",
                letters=found, more=more)  # fmt: skip


@views.route("/<service>/redrive", methods=["GET", "POST"])
@access.roles("operator")
def redrive(service: str) -> tuple[str, int] | BaseResponse:
    """One letter (`event_id`) or all of its type (`type`), with the reason."""
    if service not in dict(options("portal.services")):
        return redirect("/desk/ops")
    entry = Entry(REASON)
    chosen = {
        name: request.values[name] for name in ("event_id", "type") if request.values.get(name)
    }
    if request.method == "POST" and entry.read(request):
        body = {**chosen, **entry.body()}
        place = f"/api/{service}/v1/dead-letters/redrives"
        done = entry.attempt(lambda: api().post(place, body, key=entry.key))
        if done is not None:
            flash(text("ok.redriven", n=done.body["count"]), "ok")
            return redirect("/desk/ops")
    return page("oversight/redrive.html", status=entry.status, nav="ops",
                help_chapter="operations", entry=entry, service=service,
                chosen=chosen)  # fmt: skip


def _lister(service: str) -> Any:  # noqa: ANN401 - what `together` calls
    def ask() -> Json:
        return api().get(f"/api/{service}/v1/dead-letters", limit=50)

    return ask
