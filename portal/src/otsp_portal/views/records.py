"""Objects of an institution's file, entered, changed, removed: one way for all of them.

A module of pages says which kinds it has (`Kind`) and where its pages lie; what happens between
the button and the platform is here and in `forms.saving`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, ParamSpec

from flask import Blueprint, flash, redirect, request, session
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.displays import read_groups
from otsp_portal.forms.button import press
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Layout, Options
from otsp_portal.forms.saving import Places, fill, save, take_draft
from otsp_portal.gateway_client import Answer, Refusal
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.walk import Walk, read_walk

Json = Any
P = ParamSpec("P")
_LOCKING: Final = frozenset({
    "locking", "gathering", "evaluating", "awaiting_acknowledgement", "submitted", "in_review",
    "closing",
})  # fmt: skip
Shown = "str | tuple[str, int] | BaseResponse"
View = Callable[P, "str | tuple[str, int] | BaseResponse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object. `path` lies below the institution; `{id}` is added for one of many."""

    word: str
    layout: Layout
    service: str
    path: str
    nav: str
    draft: str | None = None
    new_layout: Layout | None = None
    change: str = ""
    """Where a change of what an authority approved is proposed (docs/changes.md)."""
    help_chapter: str | None = None

    @property
    def stands_still_in_review(self) -> bool:
        """Domain §3.8: drafts of materials and courses, counts of classes and what is proposed go
        on while an application is under review.
        """
        return self.service in ("institution", "staff") and not self.path.startswith(
            ("/registration", "/proposed-changes")
        )

    def collection(self) -> str:
        return f"{base(self.service)}{self.path}"

    def place(self, object_id: str | None) -> str:
        return f"{self.collection()}/{object_id}" if object_id else self.collection()

    def places(self, suffix: str = "") -> Places:
        """Where its files and its draft go; `suffix` names the object among many."""
        below = base(self.service)
        section = f"{self.draft}.{suffix}" if suffix else self.draft
        return Places(f"{below}/files", f"{below}/drafts/{section}" if self.draft else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What stands round a form: where it is reached from, and where it leads."""

    title: str
    back: str
    tabs: Sequence[tuple[str, str, int | None, bool]] = ()
    crumb: Sequence[tuple[str, str]] = ()
    options: Mapping[str, Options] | None = None
    button: str = ""
    template: str = "record.html"
    more: Mapping[str, Json] | None = None
    latest_end: str = ""
    reads_from: str = ""
    """Where it is read, if that is another place than where it is written."""
    version: str | None = None
    """Of what is replaced, if that is not what is read."""


def base(service: str) -> str:
    """Where the caller's own institution lies in a service."""
    return f"/api/{service}/v1/institutions/{the_person().institution_id}"


def form_route(
    views: Blueprint, path: str, *, name: str | None = None
) -> Callable[[View[P]], View[P]]:
    """A page with a form: itself, and the way on which its files are sent."""

    def register(view: View[P]) -> View[P]:
        endpoint = name or view.__name__
        views.add_url_rule(path, endpoint, view, methods=["GET", "POST"])
        views.add_url_rule(f"{path}/files", endpoint, view, methods=["POST"])
        views.add_url_rule(f"{path}/files", f"{endpoint}_form", _to_form)
        return view

    return register


@access.roles(*access.INSTITUTION)
def _to_form(**_parts: str) -> BaseResponse:
    """Whoever reloads after a form with files was refused."""
    return redirect(request.path.removesuffix("/files"))


def edit(
    kind: Kind, round_it: Surroundings, object_id: str | None = None
) -> tuple[str, int] | BaseResponse:
    """The page of one object that is there, or of a section that there is one of."""
    entry = _entry(kind.layout, kind, round_it)
    places = kind.places(object_id or "")
    review = None
    if request.method == "POST":
        walk = read_walk(api(), request)
        done = save(
            entry,
            lambda asked, body: asked.put(
                kind.place(object_id), body, of=entry.version or None, key=entry.key
            ),
            then=_saved_and_on(walk, entry.layout) if walk else _saved(round_it.back, entry.layout),
            places=places,
        )
        if done is not None:
            return done
    else:
        read_from = round_it.reads_from or kind.place(object_id)
        walk, review, _ = api().together(
            lambda: read_walk(api(), request),
            lambda: _running_review() if kind.stands_still_in_review else None,
            lambda: fill(entry, lambda: _read(read_from), places),
        )
    if round_it.version is not None and (request.method != "POST" or entry.is_reshown):
        entry.version = round_it.version
    return _show(
        entry,
        kind,
        round_it,
        current=kind.place(object_id),
        walk=walk,
        review=review if not walk else None,
    )


def create(kind: Kind, round_it: Surroundings) -> tuple[str, int] | BaseResponse:
    """The page of one that is not there yet."""
    entry = _entry(kind.new_layout or kind.layout, kind, round_it)
    places = kind.places("new")
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.post(kind.collection(), body, key=entry.key),
            then=_saved(round_it.back, entry.layout),
            places=places,
        )
        if done is not None:
            return done
    elif places.draft:
        entry.fill(None)
        take_draft(entry, api().find(places.draft))
    return _show(entry, kind, round_it, current="")


def remove(
    kind: Kind, object_id: str, *, name: str, back: str, crumb: Sequence[tuple[str, str]] = ()
) -> tuple[str, int] | BaseResponse:
    """Asked once, on a page; undone until midnight."""
    if request.method == "POST":
        version, key = request.form.get("_version") or None, request.form.get("_key")
        place = kind.place(object_id)
        if press(lambda: api().delete(place, of=version, key=key), said="ok.delete", name=name):
            # Its own address, whatever list comes next: there it is brought back until midnight.
            session["removed"] = request.path.removesuffix("/removal")
        return redirect(back)
    stored = api().read(kind.place(object_id))
    return page(
        "confirm.html",
        nav=kind.nav,
        title=text("cf.delete.title", name=name),
        body=text("cf.delete.text"),
        button=text("btn.delete"),
        entry=Entry(kind.layout, version=stored.etag or ""),
        back=back,
        crumb=crumb,
        is_danger=True,
    )


def restore(kind: Kind, object_id: str, *, back: str) -> BaseResponse:
    """The link in the green note: what was removed today stands again."""
    bring_back(kind.place(object_id))
    return redirect(back)


def bring_back(place: str) -> None:
    press(
        lambda: api().post(f"{place}/restoration", key=request.form.get("_key")), said="ok.restore"
    )


def offer(
    views: Blueprint, kind: Kind, path: str, *, listed: tuple[str, str], above: tuple[str, str]
) -> None:
    """The four pages of one of many below `path`: entered, changed, removed, brought back.

    `listed` is the page that lists them and its word, `above` the one above that.
    """
    back, name = listed[0], path.strip("/").replace("-", "_")

    def round_it(verb: str) -> Surroundings:
        return Surroundings(title=f"{verb}{kind.word}", back=back, crumb=[above, listed])

    @form_route(views, f"{path}/new", name=f"new_{name}")
    @access.roles(*access.INSTITUTION)
    def new() -> tuple[str, int] | BaseResponse:
        return create(kind, round_it("新增"))

    @form_route(views, f"{path}/<uuid:object_id>", name=f"edit_{name}")
    @access.roles(*access.INSTITUTION)
    def change(object_id: object) -> tuple[str, int] | BaseResponse:
        return edit(kind, round_it("编辑"), str(object_id))

    @views.route(
        f"{path}/<uuid:object_id>/removal", methods=["GET", "POST"], endpoint=f"remove_{name}"
    )
    @access.roles(*access.INSTITUTION)
    def take_away(object_id: object) -> tuple[str, int] | BaseResponse:
        return remove(kind, str(object_id), name=kind.word, back=back)

    @views.post(f"{path}/<uuid:object_id>/restoration", endpoint=f"restore_{name}")
    @access.roles(*access.INSTITUTION)
    def give_back(object_id: object) -> BaseResponse:
        return restore(kind, str(object_id), back=back)


@dataclass(frozen=True, slots=True)
class Advice:
    """What was saved all the same: fields that filing still needs, and what a rule would say."""

    missing: Sequence[tuple[str, str]]
    """(pointer, label)"""
    said: Sequence[str]

    @staticmethod
    def of(stored: Mapping[str, Json], layout: Layout) -> "Advice":
        warnings = stored.get("warnings", ())
        lacking = [each["pointer"] for each in warnings if each["code"] == "missing"]
        return Advice(
            [(pointer, layout.label_of(pointer)) for pointer in dict.fromkeys(lacking)],
            list(dict.fromkeys(each["detail"] for each in warnings if each["code"] != "missing")),
        )


def tell_warnings(answer: Answer, layout: Layout) -> None:
    """In the platform's words, and what is missing in one sentence."""
    advice = Advice.of(answer.body or {}, layout)
    for words in advice.said:
        flash(words, "warn")
    if advice.missing:
        labels = "、".join(label for _pointer, label in advice.missing)
        flash(text("warn.missing", labels=labels), "warn")


def _saved(back: str, layout: Layout) -> Callable[[Answer], BaseResponse]:
    def then(answer: Answer) -> BaseResponse:
        flash(text("ok.save"), "ok")
        tell_warnings(answer, layout)
        return redirect(back)

    return then


def _saved_and_on(walk: Walk, layout: Layout) -> Callable[[Answer], BaseResponse]:
    """To the next page that cures something that was found, or back to the result."""

    def then(answer: Answer) -> BaseResponse:
        flash(text("ok.save.next", n=walk.left) if walk.next else text("ok.save.last"), "ok")
        tell_warnings(answer, layout)
        return redirect(walk.onward)

    return then


def _entry(layout: Layout, kind: Kind, round_it: Surroundings) -> Entry:
    return Entry(
        layout,
        options=round_it.options or {},
        service=kind.service,
        latest_end=round_it.latest_end,
    )


def _running_review() -> Json | None:
    """The application that keeps the file as it is; None where it may be written, and while a
    notice has opened some of it.
    """
    newest = api().get("/api/compliance/v1/applications", limit=1)["items"]
    return next((each for each in newest if each["state"] in _LOCKING), None)


def _read(path: str) -> Answer:
    """An empty answer for a section that nobody has filled yet."""
    try:
        return api().read(path)
    except Refusal as refusal:
        if refusal.status == 404:
            return Answer(404, None, None, None)
        raise


def _show(
    entry: Entry,
    kind: Kind,
    round_it: Surroundings,
    *,
    current: str,
    walk: Walk | None = None,
    review: Json = None,
) -> tuple[str, int]:
    here = walk.on(request.path.removesuffix("/files")) if walk else ()
    entry.tell_findings([(each.cure.pointer, each) for each in here])
    if walk:
        entry.walk = walk
        entry.carried = {"_from": walk.source, "_finding": str(walk.number)}
    return page(
        round_it.template,
        status=entry.status,
        nav=kind.nav,
        help_chapter=kind.help_chapter,
        entry=entry,
        kind=kind,
        round_it=round_it,
        current=current,
        review=review,
        groups=read_groups(kind.layout, entry.masked) if review else (),
        **(round_it.more or {}),
    )
