"""地区参数与路由: what is in force here and from whom; changes are tried before they are made."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.saving import save
from otsp_portal.gateway_client import Answer
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.oversight.region_forms import (
    PARAMETERS,
    ROUTING,
    parameters_body,
    parameters_shown,
    place_of,
    routing_body,
)
from otsp_portal.words import region_name

Json = Any
views = Blueprint("region", __name__, url_prefix="/desk/region")
_COMPLIANCE: Final = "/api/compliance/v1"
_NATION: Final = "000000"
_HOME: Final = "/desk/region"


@views.get("")
@access.roles(*access.ADMINISTRATORS)
def parameters() -> tuple[str, int]:
    """Every figure with where it comes from; routing rules below."""
    asked, code = api(), _region()
    told, routing = asked.together(
        lambda: asked.get(f"{_COMPLIANCE}/region-parameters/{code}", on=request.args.get("on")),
        lambda: asked.get(f"{_COMPLIANCE}/routing-rules/{code}"),
    )
    return page(
        "oversight/region.html", nav="region", help_chapter="region", settings=told["settings"],
        on=told["on"], own=told["own"], routing=routing["rules"], place=region_name(code),
    )  # fmt: skip


@views.route("/parameters", methods=["GET", "POST"])
@access.roles(*access.ADMINISTRATORS)
def set_parameters() -> tuple[str, int] | BaseResponse:
    """A region may only be stricter than what is above it; the refusal says where it is not."""
    place, on = f"{_COMPLIANCE}/region-parameters/{_region()}", request.args.get("on")
    entry = Entry(PARAMETERS, place_of=place_of)
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.put(
                place, parameters_body(body), of=entry.version, key=entry.key
            ),
            then=_published,
        )
        if done is not None:
            return done
    else:
        told = api().get(place, on=on)
        entry.fill(parameters_shown(told["own"]), told["version"])
    return page(
        "simple.html", status=entry.status, nav="region", help_chapter="region",
        title="修改地区参数", above="地区参数与路由", entry=entry, button="发布",
        lead=text("region.parameters.lead"), tabs=(), step=None, cancel=_HOME,
    )  # fmt: skip


@views.route("/routing", methods=["GET", "POST"])
@access.roles(*access.ADMINISTRATORS)
def set_routing() -> tuple[str, int] | BaseResponse:
    """预演 tells whose cases would go where and stores nothing; 发布 makes it so."""
    entry, found = Entry(ROUTING), None
    place = f"{_COMPLIANCE}/routing-rules/{_region()}"
    if "_simulate" in request.form:
        found = _tried(entry)
    elif request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.put(
                place, routing_body(body), of=entry.version, key=entry.key
            ),
            then=_published,
        )
        if done is not None:
            return done
    else:
        told = api().get(place)
        entry.fill({"rules": told["rules"], "reason": None}, told["version"])
    return page(
        "oversight/routing.html", status=entry.status, nav="region", help_chapter="region",
        entry=entry, found=found,
    )  # fmt: skip


def _tried(entry: Entry) -> Json | None:
    """What the rules would come to; None where they are refused, at their fields."""
    entry.read(request)
    trial = {"region_code": _region(), "rules": routing_body(entry.body())["rules"]}
    answer = entry.attempt(lambda: api().post(f"{_COMPLIANCE}/routing-simulations", trial))
    return answer.body if answer else None


def _published(_answer: Answer) -> BaseResponse:
    flash(text("ok.done"), "ok")
    return redirect(_HOME)


def _region() -> str:
    return the_person().region_code or _NATION
