"""地区参数与路由: what is in force here and from whom; changes are tried before they are made.

Parameters and routing rules are structures that a province maintains a few times a year; they are
entered as the documents (JSON) that docs/regions.md describes, and answered line by line.
"""

from typing import Any, Final

import orjson
from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.words import region_name

Json = Any
views = Blueprint("region", __name__, url_prefix="/desk/region")
_COMPLIANCE: Final = "/api/compliance/v1"
_NATION: Final = "000000"

DOCUMENT: Final = plain(
    "document",
    Field(name="document", label="内容", kind="area_text", is_required=True,
          hint="按使用手册写明的格式，可以在现有内容上修改"),
)  # fmt: skip


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
    place = f"{_COMPLIANCE}/region-parameters/{_region()}"
    return _edit(place, "修改地区参数", lambda told: (told["own"] or {}, told["version"]))


@views.route("/routing", methods=["GET", "POST"])
@access.roles(*access.ADMINISTRATORS)
def set_routing() -> tuple[str, int] | BaseResponse:
    place = f"{_COMPLIANCE}/routing-rules/{_region()}"

    def own(told: Json) -> tuple[Json, int]:
        rules = [{key: value for key, value in rule.items() if key != "rule_id"}
                 for rule in told["rules"]]  # fmt: skip
        return {"reason": "", "rules": rules}, told["version"]

    return _edit(place, "修改路由规则", own)


@views.route("/simulate", methods=["GET", "POST"])
@access.roles(*access.ADMINISTRATORS)
def simulate() -> tuple[str, int]:
    """预演: whose cases would go where, before anything is published. Nothing is stored."""
    entry, found = Entry(DOCUMENT), None
    if request.method == "POST" and entry.read(request):
        document = _document(entry)
        if document is not None:
            body = {"region_code": _region(), "rules": document.get("rules", document)}
            answer = entry.attempt(lambda: api().post(f"{_COMPLIANCE}/routing-simulations", body))
            found = answer.body if answer else None
    elif request.method == "GET":
        routing = api().get(f"{_COMPLIANCE}/routing-rules/{_region()}")["rules"]
        rules = [{k: v for k, v in rule.items() if k != "rule_id"} for rule in routing]
        entry.typed = {"document": _written({"rules": rules})}
    return page(
        "oversight/simulation.html", status=entry.status, nav="region", help_chapter="region",
        entry=entry, found=found,
    )  # fmt: skip


def _edit(place: str, title: str, own: Any) -> tuple[str, int] | BaseResponse:  # noqa: ANN401
    entry = Entry(DOCUMENT)
    if request.method == "POST" and entry.read(request):
        document = _document(entry)
        if document is not None:
            done = entry.attempt(
                lambda: api().put(place, document, of=entry.version, key=entry.key)
            )
            if done is not None:
                flash(text("ok.done"), "ok")
                return redirect("/desk/region")
    elif request.method == "GET":
        content, version = own(api().get(place))
        entry.typed, entry.version = {"document": _written(content)}, str(version)
    return page(
        "simple.html", status=entry.status, nav="region", help_chapter="region", title=title,
        above="地区参数与路由", entry=entry, button="发布",
        lead="发布后立即留痕，按写明的日期生效。路由规则建议先预演。", tabs=(), step=None,
        cancel="/desk/region",
    )  # fmt: skip


def _document(entry: Entry) -> Json | None:
    try:
        return orjson.loads(entry.typed["document"])
    except orjson.JSONDecodeError as error:
        entry.refuse_with("/document", text("val.document", n=error.lineno))
        return None


def _written(content: Json) -> str:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def _region() -> str:
    return the_person().region_code or _NATION
