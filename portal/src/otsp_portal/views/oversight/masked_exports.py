"""导出名单: lists of an institution as files for authorities, masked always (docs/exports.md)."""

from typing import Any, Final

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.exchange import export_progress, export_state, export_words, percent_done
from otsp_portal.exported import LISTS, Exported
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.streams import streamed
from otsp_portal.texts import text
from otsp_portal.words import word

Json = Any
views = Blueprint(
    "masked_exports", __name__, url_prefix="/desk/institutions/<uuid:institution_id>/exports"
)
_JOB: Final = "/<any(staff,materials,courses):service>/<uuid:export_id>"
MASKED: Final = {key: of for key, of in LISTS.items() if of.service != "institution"}
_FORM: Final = plain(
    "masked_export",
    Field(name="list", label="名单", kind="choice", is_required=True,
          options=tuple((key, of.word) for key, of in MASKED.items())),
    Field(name="format", label="文件格式", kind="choice", is_required=True,
          options=tuple((each, word(each, "jobs.format")) for each in ("xlsx", "csv"))),
)  # fmt: skip


@views.route("", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def choose(institution_id: object) -> tuple[str, int] | BaseResponse:
    entry = Entry(_FORM)
    entry.typed = {"format": "xlsx"}
    if request.method == "POST" and entry.read(request):
        of = MASKED.get(entry.typed["list"])
        if of is None:
            entry.refuse_with("/list", text("val.required.choose", label="名单"))
        else:
            body = {"list": of.name, "format": entry.body()["format"], "filters": {}}
            place = _place(of.service, institution_id)
            done = entry.attempt(lambda: api().post(place, body, key=entry.key))
            if done is not None:
                return redirect(f"{request.path}/{of.service}/{done.body['export_id']}")
    return page(
        "simple.html", status=entry.status, nav="institutions", help_chapter="institutions",
        title="导出名单", above="机构查询", entry=entry, button="开始导出",
        lead=text("masked_export.lead"), tabs=(), step=None, cancel=_institution(institution_id),
    )  # fmt: skip


@views.get(_JOB)
@access.roles(*access.REVIEWERS)
def job(institution_id: object, service: str, export_id: object) -> tuple[str, int]:
    told = api().get(f"{_place(service, institution_id)}/{export_id}")
    of: Exported = MASKED[f"{service}.{told['list']}"]
    is_there = told["state"] == "done" and told["file_id"]
    return page(
        "exchange/job.html",
        nav="institutions",
        help_chapter="institutions",
        of=of,
        told=told,
        state=export_state(told),
        running=export_words(told),
        value=percent_done(told),
        above=[(_institution(institution_id), "机构查询")],
        again=f"{_institution(institution_id)}/exports",
        file={"name": f"{of.word}（个人信息已隐藏）"} if is_there else None,
        download=f"{request.path}/content",
        link=f"{request.base_url}/content",
        is_wechat="MicroMessenger" in request.user_agent.string,
    )


@views.get(f"{_JOB}/progress")
@access.roles(*access.REVIEWERS)
def progress(institution_id: object, service: str, export_id: object) -> BaseResponse:
    """For progress.js."""
    told = api().get(f"{_place(service, institution_id)}/{export_id}")
    return jsonify(export_progress(told, next_path=request.path.removesuffix("/progress")))


@views.get(f"{_JOB}/content")
@access.roles(*access.REVIEWERS)
def content(institution_id: object, service: str, export_id: object) -> BaseResponse:
    return streamed(f"{_place(service, institution_id)}/{export_id}/content")


def _place(service: str, institution_id: object) -> str:
    return f"/api/{service}/v1/institutions/{institution_id}/masked-exports"


def _institution(institution_id: object) -> str:
    return f"/desk/institutions/{institution_id}"
