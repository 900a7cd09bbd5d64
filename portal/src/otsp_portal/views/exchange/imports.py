"""批量导入: template, upload, what rows would become, the rows entered (docs/imports.md)."""

from dataclasses import dataclass
from typing import Any, BinaryIO, Final, cast

from flask import Blueprint, jsonify, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.exchange import import_progress, import_state, import_words, percent_done
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.streams import streamed
from otsp_portal.texts import text
from otsp_portal.views.records import base

Json = Any
views = Blueprint("imports", __name__, url_prefix="/import")

_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORM: Final = plain(
    "import",
    Field(name="workbook", label="填好的工作簿", kind="file", is_required=True,
          hint=text("hint.import.workbook")),
    title="第2步　上传并预检",
)  # fmt: skip
_APPLY: Final = plain(
    "import_application", Field(name="skip_faulty", label="跳过有错误的行", kind="yesno")
)


@dataclass(frozen=True, slots=True)
class List:
    """What rows are of, and where those that were entered are found."""

    name: str
    word: str
    service: str
    nav: str
    back: str
    kind: str | None = None

    @property
    def path(self) -> str:
        return f"/import/{self.name}"

    def place(self) -> str:
        return f"{base(self.service)}/imports"


LISTS: Final = {
    each.name: each
    for each in (
        List("staff", "人员", "staff", "staff", "/staff/employed"),
        List("materials", "材料", "materials", "materials", "/materials"),
        List("courses", "培训课程", "courses", "courses", "/courses", "courses"),
        List("classes", "班级", "courses", "courses", "/courses", "classes"),
    )
}
_LIST: Final = f"/<any({','.join(LISTS)}):name>"
_ONE: Final = f"{_LIST}/<uuid:import_id>"


@views.get(_LIST)
@access.roles(*access.INSTITUTION)
def begin(name: str) -> tuple[str, int]:
    return _beginning(LISTS[name], Entry(_FORM))


@views.post(f"{_LIST}/files")
@access.roles(*access.INSTITUTION)
def upload(name: str) -> tuple[str, int] | BaseResponse:
    """The workbook goes on as it comes; where it is refused, the page says why."""
    of = LISTS[name]
    entry = Entry(_FORM)
    chosen = request.files.get("workbook.file")
    if chosen is None or not chosen.filename:
        entry.refuse_with("/workbook", text("val.required.file", label="填好的工作簿"))
        return _beginning(of, entry)
    done = entry.attempt(lambda: _hand_in(of, chosen))
    if done is None:
        return _beginning(of, entry)
    return redirect(f"{of.path}/{done['import_id']}")


@views.get(f"{_LIST}/files")
@access.roles(*access.INSTITUTION)
def reloaded(name: str) -> BaseResponse:
    """Whoever reloads after a workbook was refused."""
    return redirect(LISTS[name].path)


@views.get(f"{_LIST}/template")
@access.roles(*access.INSTITUTION)
def template(name: str) -> BaseResponse:
    of = LISTS[name]
    query = f"?kind={of.kind}" if of.kind else ""
    return streamed(f"{of.place()}/template{query}")


@views.get(_ONE)
@access.roles(*access.INSTITUTION)
def one(name: str, import_id: object) -> tuple[str, int]:
    of = LISTS[name]
    told = api().get(f"{of.place()}/{import_id}")
    return _showing(of, told, Entry(_APPLY))


@views.get(f"{_ONE}/progress")
@access.roles(*access.INSTITUTION)
def progress(name: str, import_id: object) -> BaseResponse:
    """For progress.js: how far the check or the entering is."""
    of = LISTS[name]
    told = api().get(f"{of.place()}/{import_id}")
    return jsonify(import_progress(told, next_path=f"{of.path}/{import_id}"))


@views.get(f"{_ONE}/report")
@access.roles(*access.INSTITUTION)
def report(name: str, import_id: object) -> BaseResponse:
    return streamed(f"{LISTS[name].place()}/{import_id}/report")


@views.post(f"{_ONE}/application")
@access.roles(*access.INSTITUTION)
def apply(name: str, import_id: object) -> tuple[str, int] | BaseResponse:
    of = LISTS[name]
    entry = Entry(_APPLY)
    entry.read(request)
    body = {"skip_faulty": request.form.get("skip_faulty") == "true"}
    place = f"{of.place()}/{import_id}"
    done = entry.attempt(lambda: api().post(f"{place}/application", body, key=entry.key))
    if done is None:
        return _showing(of, api().get(place), entry)
    return redirect(f"{of.path}/{import_id}")


def _hand_in(of: List, chosen: FileStorage) -> Json:
    name = (chosen.filename or "").replace("\\", "/").rsplit("/", 1)[-1][-200:]
    query = {"kind": of.kind} if of.kind else None
    content = cast("BinaryIO", chosen.stream)
    return api().upload(of.place(), content, name=name, kind=_WORKBOOK, query=query)


def _beginning(of: List, entry: Entry) -> tuple[str, int]:
    earlier = api().get(of.place(), limit=10)["items"]
    return page(
        "exchange/import.html",
        status=entry.status,
        nav=of.nav,
        help_chapter=of.nav,
        of=of,
        tabs=_tabs(of),
        entry=entry,
        earlier=[
            (each, import_state(each)) for each in earlier if each["kind"] in (of.kind, of.name)
        ],
    )


def _tabs(of: List) -> list[tuple[str, str, int | None, bool]]:
    """The courses have two lists; the others one."""
    offered = [each for each in LISTS.values() if each.service == of.service]
    if len(offered) == 1:
        return []
    return [(each.path, each.word, None, each is of) for each in offered]


def _showing(of: List, told: Json, entry: Entry) -> tuple[str, int]:
    return page(
        "exchange/import_one.html",
        status=entry.status,
        nav=of.nav,
        help_chapter=of.nav,
        of=of,
        told=told,
        state=import_state(told),
        running=import_words(told),
        value=percent_done(told),
        importable=sum(told["counts"].get(each, 0) for each in ("added", "changed")),
        entry=entry,
    )
