"""A form while somebody fills it: what was typed, what is wrong with it, what goes to the API.

Nothing typed is ever thrown away: whatever the platform answers, the same form comes back with the
same texts, all faults at once, each at its field (product §1.5; WCAG 2.2 3.3.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from flask import Request
from flask import request as flask_request
from werkzeug.datastructures import FileStorage, MultiDict

from otsp_chassis.ids import new_id
from otsp_portal.forms.fields import MANY, Field, Group, Layout, Options
from otsp_portal.forms.kinds import NotRight, read
from otsp_portal.forms.typed import is_blank, put_at, rows_at, shown_all, typed_all
from otsp_portal.gateway_client import Refusal, SessionEnded, Unreachable
from otsp_portal.texts import text

Json = Any
Typed = Any
T = TypeVar("T")
Upload = Callable[[FileStorage], Mapping[str, Json]]

_ELSEWHERE = frozenset({401, 403, 404})
"""Answers that are a page of their own and not a fault of what was typed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field at one place of one form, as a template draws it."""

    field: Field
    pointer: str
    value: Typed
    faults: Sequence[str]
    options: Options
    cells: Sequence[Cell] = ()
    rows: Sequence[Sequence[Cell]] = ()

    @property
    def name(self) -> str:
        return self.pointer.removeprefix("/").replace("/", ".")

    @property
    def id(self) -> str:
        return "f-" + self.pointer.removeprefix("/").replace("/", "-")


@dataclass(slots=True)
class Entry:
    """One form of one request. `options` by pointer: of fields whose answers only a page knows."""

    layout: Layout
    options: Mapping[str, Options] = field(default_factory=dict)
    service: str = ""
    """Whose files its attachments are."""
    typed: dict[str, Typed] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    version: str = ""
    key: str = field(default_factory=lambda: str(new_id()))
    note: str = ""
    conflict: Sequence[Mapping[str, Json]] = ()
    conflict_with: Mapping[str, Json] | None = None
    file_names: dict[str, str] = field(default_factory=dict)
    draft_saved_at: str | None = None
    is_draft: bool = False
    is_reshown: bool = False
    is_refused: bool = False
    slug: str = ""
    """Of the problem with which it was refused."""
    masked: Mapping[str, Json] = field(default_factory=dict)
    latest_end: str = ""
    """By when lessons must be over, where the form has lessons (static/lessons.js)."""
    findings: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    """By pointer of a field, what a check found there: shown above it."""
    homeless: Sequence[Json] = ()
    """What was found on the page and is at none of its fields."""
    walk: Json = None
    """The way through the findings on which somebody came here."""
    place_of: Callable[[str], str] = str
    """Pointer of the API's body → that of the field, where the form is built in another way."""
    carried: Mapping[str, str] = field(default_factory=dict)
    """Hidden members that travel with the form: where it was opened from."""
    _wish: str = ""

    # ── what stands in it ────────────────────────────────────────────────────────────────────

    def fill(self, stored: Mapping[str, Json] | None, version: object = None) -> None:
        """With what the API has; `version` is its ETag or number."""
        self.typed = shown_all(self.layout.all(), stored or {})
        self.masked = stored or {}
        self.version = "" if version is None else str(version)

    def fill_typed(self, content: Mapping[str, Json], saved_at: str | None) -> None:
        """With a draft, over what the API has."""
        self.typed = {**self.typed, **content}
        self.is_draft, self.draft_saved_at = True, saved_at

    def read(self, request: Request) -> bool:
        """Take what the browser sent. True when it is to be saved, False when it only changes the
        form (a row more, a draft, what was typed before a session ended).
        """
        form = request.form
        self.typed = typed_all(self.layout.all(), form, "")
        self.version, self.key = form.get("_version", ""), form.get("_key") or self.key
        self.file_names = {
            name.removeprefix("_file."): value
            for name, value in form.items()
            if name.startswith("_file.")
        }
        self.is_reshown = "_reshow" in form
        self._wish = next(
            (each for each in ("_add", "_remove", "_draft", "_discard") if each in form), ""
        )
        if self._wish == "_add":
            rows_at(self.typed, form["_add"]).append({})
        if self._wish == "_remove":
            at, _, index = form["_remove"].rpartition(".")
            del rows_at(self.typed, at)[int(index)]
        return not (self._wish or self.is_reshown)

    @property
    def wants_draft(self) -> bool:
        """Whether what was typed is to be kept without being judged."""
        return self._wish == "_draft"

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed or chosen at all."""
        return is_blank(self.typed)

    @property
    def wants_discarding(self) -> bool:
        return self._wish == "_discard"

    def take_files(self, files: MultiDict[str, FileStorage], upload: Upload) -> None:
        """Store what was chosen, its id where the file belongs; a refusal is a fault there."""
        for chosen, storage in files.items(multi=True):
            if not storage.filename or not chosen.endswith(".file"):
                continue
            pointer = "/" + chosen.removesuffix(".file").replace(".", "/")
            try:
                stored = upload(storage)
            except Refusal as refusal:
                if refusal.status in _ELSEWHERE:
                    raise
                self._fault(pointer, _words(refusal))
                continue
            self.file_names[stored["file_id"]] = stored["name"]
            put_at(self.typed, pointer, stored["file_id"])

    def take_current(self, current: Mapping[str, Json], pointers: Sequence[str]) -> None:
        """At these members of the body, what is stored instead of what was typed."""
        theirs = shown_all(self.layout.all(), current)
        for pointer in pointers:
            name = pointer.split("/")[1]
            self.typed[name] = theirs.get(name, "")

    # ── what goes out, what comes back ───────────────────────────────────────────────────────

    def body(self) -> dict[str, Json]:
        """For the API. What cannot be read goes as it was typed, and is a fault already."""
        return cast("dict[str, Json]", self._body_of(self.layout.all(), self.typed, ""))

    def drafted(self) -> dict[str, Typed]:
        """As typed, for a draft."""
        return dict(self.typed)

    def attempt(self, send: Callable[[], T]) -> T | None:
        """Do it. What is refused stands in the form, which is shown again: then None."""
        try:
            return send()
        except Unreachable:
            self.is_refused, self.note = True, text("err.unreachable")
        except Refusal as refusal:
            if refusal.status in _ELSEWHERE or isinstance(refusal, SessionEnded):
                raise
            self.refuse(refusal)
        return None

    def refuse(self, refusal: Refusal) -> None:
        """Take over all faults that the platform told. Of a field that was left blank it tells the
        type or the codes it wanted: people are told to fill it in.
        """
        self.is_refused, self.slug = True, refusal.slug
        known = set(self.faults)
        lacking = {each.pointer: each.field for each in self._all_cells() if _is_lacking(each)}
        for error in refusal.errors:
            pointer = self.place_of(_without_mask(error["pointer"]))
            if pointer not in known:
                words = lacking[pointer].asked_for() if pointer in lacking else error["detail"]
                self._fault(pointer, words)
        if refusal.status == 412 or refusal.problem.get("differences"):
            self.conflict = refusal.problem.get("differences", ())
            self.conflict_with = refusal.problem.get("current")
            self.version = str(refusal.problem.get("current_version", self.version))
        if not refusal.errors:
            self.note = refusal.detail
        if refusal.status < 500 and refusal.status != 429:
            self.key = str(new_id())

    def refuse_with(self, pointer: str, words: str) -> None:
        """A fault that only the page can see: two passwords that differ."""
        self.is_refused = True
        self._fault(pointer, words)

    @property
    def status(self) -> int:
        """Of the page that shows it: 422 where something is wrong."""
        return 422 if self.is_refused or self.faults else 200

    def tell_findings(self, told: Sequence[tuple[str, Json]]) -> None:
        """Let findings stand above their fields, or above the closest one that is there; those
        for which the form has no field stand above it.
        """
        there = {cell.pointer for cell in self._all_cells()}
        placed: dict[str, list[Json]] = {}
        homeless = []
        for pointer, finding in told:
            at = pointer
            while at and at not in there:
                at = at.rpartition("/")[0]
            if at:
                placed.setdefault(at, []).append(finding)
            else:
                homeless.append(finding)
        self.findings, self.homeless = placed, homeless

    # ── for templates ────────────────────────────────────────────────────────────────────────

    def cells(self, group: Group) -> list[Cell]:
        return [self._cell(each, self.typed, "") for each in self.layout.of(group)]

    def summary(self) -> list[tuple[str, str]]:
        """(id of the field, words) of all faults, in the order of the fields."""
        told: list[tuple[str, str]] = []
        rest = dict(self.faults)
        for cell in self._all_cells():
            told += [(cell.id, words) for words in cell.faults]
            for pointer in self._pointers(cell.field, cell.pointer):
                rest.pop(pointer, None)
        return told + [("", words) for faults in rest.values() for words in faults]

    def action(self) -> str:
        """Where it is sent: the page itself, by the way that takes large bodies if it has files."""
        path = flask_request.path.removesuffix("/files")
        return f"{path}/files" if self.has_files else path

    @property
    def has_files(self) -> bool:
        return any(_has_file(each) for each in self.layout.all())

    def _all_cells(self) -> Iterator[Cell]:
        def of(cells: Sequence[Cell]) -> Iterator[Cell]:
            for cell in cells:
                yield cell
                yield from of(cell.cells)
                for row in cell.rows:
                    yield from of(row)

        for group in self.layout.groups:
            yield from of(self.cells(group))

    def _cell(self, asked: Field, typed: Mapping[str, Typed], above: str) -> Cell:
        pointer = f"{above}/{asked.name}"
        value = typed.get(asked.name)
        inner = value if isinstance(value, Mapping) else {}
        rows = value if isinstance(value, list) and asked.kind == "rows" else []
        return Cell(
            field=asked,
            pointer=pointer,
            value=value if value is not None else ([] if asked.kind in MANY else ""),
            faults=[
                words for each in self._pointers(asked, pointer) for words in self.faults[each]
            ],
            options=self.options.get(asked.pointer, asked.choices()),
            cells=[self._cell(each, inner, pointer) for each in asked.fields]
            if asked.kind == "group"
            else (),
            rows=[
                [self._cell(each, row, f"{pointer}/{index}") for each in asked.fields]
                for index, row in enumerate(rows)
            ],
        )

    def _pointers(self, asked: Field, pointer: str) -> list[str]:
        """Of the faults that stand at a field: of a set of boxes those of every member."""
        below = f"{pointer}/" if asked.kind in MANY else None
        return [
            each for each in self.faults if each == pointer or (below and each.startswith(below))
        ]

    def _body_of(self, fields: Iterator[Field], typed: Mapping[str, Typed], above: str) -> Json:
        body: dict[str, Json] = {}
        for each in fields:
            value = self._value(each, typed.get(each.name), f"{above}/{each.name}")
            if not (each.is_kept and value in (None, "", [])):
                body[each.name] = value
        return body

    def _value(self, asked: Field, typed: Typed, pointer: str) -> Json:
        if asked.kind == "group":
            body = self._body_of(iter(asked.fields), typed or {}, pointer)
            return None if all(value in (None, [], "") for value in body.values()) else body
        if asked.kind == "rows":
            return [
                self._body_of(iter(asked.fields), row, f"{pointer}/{index}")
                for index, row in enumerate(typed or [])
            ]
        try:
            return read(typed if typed is not None else ([] if asked.kind in MANY else ""), asked)
        except NotRight as wrong:
            self._fault(pointer, str(wrong))
            return typed

    def _fault(self, pointer: str, words: str) -> None:
        known = self.faults.setdefault(pointer, [])
        if words not in known:
            known.append(words)


def _is_lacking(cell: Cell) -> bool:
    return cell.field.is_required and not cell.value


def _has_file(asked: Field) -> bool:
    return asked.kind in ("file", "files") or any(_has_file(each) for each in asked.fields)


def _without_mask(pointer: str) -> str:
    """Faults and findings over a masked value are at the field in which it is typed."""
    return pointer.replace("id_masked", "id_no").replace("_masked", "")


def _words(refusal: Refusal) -> str:
    return refusal.errors[0]["detail"] if refusal.errors else refusal.detail
