"""How far an import or an export is, in words and for scripts."""

from collections.abc import Mapping
from typing import Any, Final

from otsp_portal.casework import Tag
from otsp_portal.texts import Tone, text
from otsp_portal.words import word

Json = Any

RUNNING_IMPORTS: Final = frozenset({"checking", "applying"})
RUNNING_EXPORTS: Final = frozenset({"waiting", "running"})

_IMPORT_TONES: Final[Mapping[str, Tone]] = {
    "checking": "info",
    "checked": "warn",
    "applying": "info",
    "applied": "ok",
    "refused": "bad",
    "failed": "bad",
    "expired": "neutral",
}
_EXPORT_TONES: Final[Mapping[str, Tone]] = {
    "waiting": "info",
    "running": "info",
    "done": "ok",
    "failed": "bad",
    "expired": "neutral",
}


def import_state(told: Json) -> Tag:
    return Tag(word(told["state"], "jobs.import_state"), _IMPORT_TONES[told["state"]])


def export_state(told: Json) -> Tag:
    return Tag(word(told["state"], "jobs.export_state"), _EXPORT_TONES[told["state"]])


def import_words(told: Json) -> str:
    """One sentence about an import that runs."""
    if told["rows_total"] is None:
        return text("prog.import.begin")
    key = "prog.import" if told["state"] == "checking" else "prog.import.apply"
    return text(key, n=told["rows_done"], m=told["rows_total"])


def export_words(told: Json) -> str:
    """One sentence about an export that runs."""
    if told["state"] == "waiting":
        return text("prog.export.wait")
    return text("prog.export", p=percent_done(told))


def percent_done(told: Json) -> int:
    """Of rows, and of the files that an archive takes up besides."""
    total = (told.get("rows_total") or 0) + (told.get("files_total") or 0)
    done = (told.get("rows_done") or 0) + (told.get("files_done") or 0)
    return min(100, done * 100 // total) if total else 0


def import_progress(told: Json, *, next_path: str) -> dict[str, Json]:
    """For progress.js."""
    is_final = told["state"] not in RUNNING_IMPORTS
    return _progress(told, next_path if is_final else None, words=import_words(told))


def export_progress(told: Json, *, next_path: str) -> dict[str, Json]:
    """For progress.js."""
    is_final = told["state"] not in RUNNING_EXPORTS
    return _progress(told, next_path if is_final else None, words=export_words(told))


def _progress(told: Json, next_path: str | None, *, words: str) -> dict[str, Json]:
    return {
        "final": next_path is not None,
        "next": next_path,
        "value": percent_done(told),
        "text": words,
        "stages": [],
    }
