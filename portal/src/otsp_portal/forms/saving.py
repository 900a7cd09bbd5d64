"""From the button to the platform and back: files, body, refusal, draft. One way for every form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from flask import flash, jsonify, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal.formatters import clock_time
from otsp_portal.forms.entry import Entry
from otsp_portal.gateway_client import Answer, Api, Refusal
from otsp_portal.identity import api

Json = Any


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a form go that are not its body; None where it has none of them."""

    files: str | None = None
    draft: str | None = None
    belongs_to: Mapping[str, Json] = field(default_factory=dict)
    """What a draft of something new says beside what was typed: the course of a class."""


def fill(entry: Entry, read: Callable[[], Answer], places: Places) -> None:
    """With what is stored, and with the draft over it; both are asked for at once."""
    asked = api()
    draft_path = places.draft
    if draft_path is None:
        stored = read()
        entry.fill(stored.body, stored.etag)
        return
    stored, draft = asked.together(read, lambda: asked.find(draft_path))
    entry.fill(stored.body, stored.etag)
    take_draft(entry, draft)


def take_draft(entry: Entry, draft: Json | None) -> None:
    if draft is not None:
        entry.fill_typed(draft["content"], draft["saved_at"])
        entry.version = str(draft["based_on_version"] or entry.version)


def save(
    entry: Entry,
    send: Callable[[Api, Json], Answer],
    *,
    then: Callable[[Answer], BaseResponse],
    places: Places | None = None,
) -> BaseResponse | None:
    """Read the request into the form and save it.

    The answer is where the browser goes next, or None where the form is to be shown once more:
    with faults, with another row, with what somebody typed before a session ended.
    """
    at = places or Places()
    wants_saving = entry.read(request)
    if entry.wants_draft and at.draft:
        return _keep(entry, at)
    if entry.wants_discarding and at.draft:
        api().delete(at.draft)
        return redirect(request.path.removesuffix("/files"))
    if entry.is_reshown or not wants_saving:
        return None
    asked = api()
    if at.files:
        entry.take_files(request.files, _uploader(asked, at.files))
    if entry.faults:
        entry.is_refused = True
        return None
    _choose(entry)
    answer = entry.attempt(lambda: send(asked, entry.body()))
    if answer is None:
        return None
    if at.draft:
        asked.delete(at.draft)
    return then(answer)


def _choose(entry: Entry) -> None:
    """After a conflict: the members at which what is stored was preferred to what was typed."""
    theirs = [
        name.removeprefix("_choose.")
        for name, value in request.form.items()
        if name.startswith("_choose.") and value == "theirs"
    ]
    current = request.form.get("_current")
    if theirs and current:
        entry.take_current(api().get(current), theirs)


def keep_draft(entry: Entry, places: Places) -> Json:
    """What was typed, right or wrong, and the files that were chosen; when it was kept."""
    if places.files and request.files:
        entry.take_files(request.files, _uploader(api(), places.files))
    version = entry.version.strip('"')
    body = {
        "content": {**entry.drafted(), **places.belongs_to},
        "based_on_version": int(version) if version.isdecimal() else None,
    }
    return api().put(cast("str", places.draft), body).body


def _keep(entry: Entry, places: Places) -> BaseResponse:
    wants_json = request.accept_mimetypes.best == "application/json"
    try:
        kept = keep_draft(entry, places)
    except Refusal as refusal:
        if not wants_json:
            raise
        response = jsonify(detail=refusal.detail)
        response.status_code = refusal.status
        return response
    for _field, words in entry.summary():
        flash(words, "warn")
    if wants_json:
        return jsonify(saved_at=clock_time(kept["saved_at"]))
    return redirect(request.path.removesuffix("/files"))


def _uploader(asked: Api, place: str) -> Callable[[FileStorage], Json]:
    def upload(storage: FileStorage) -> Json:
        name = (storage.filename or "").replace("\\", "/").rsplit("/", 1)[-1][-200:]
        return asked.upload(
            place,
            cast("BinaryIO", storage.stream),
            name=name,
            kind=storage.mimetype or "application/octet-stream",
        )

    return upload
