"""Beside a refusal over an object stands what the object is now: 412 tells both versions.

It is told as GET at the same place would tell it to the same caller, read once the refused
transaction is over. Who may not read is told nothing; a list is never told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from otsp_chassis.history.differences import differences
from otsp_chassis.history.reading import Labels
from otsp_chassis.http.validation import Json, Schema
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Conflict, StaleVersion

if TYPE_CHECKING:
    from otsp_chassis.http.operation import BoundOperation

_SAYS_NOTHING: tuple[Json, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields that a request and an answer have in common; those with None are one value."""

    members: Mapping[str, "Shape | None"]

    def cut(self, document: Json) -> Json:
        """The document with these fields only, less those that hold nothing."""
        if isinstance(document, list):
            return [self.cut(each) for each in document]
        if not isinstance(document, Mapping):
            return document
        kept = {
            name: document.get(name) if shape is None else shape.cut(document.get(name))
            for name, shape in self.members.items()
        }
        return {name: value for name, value in kept.items() if value not in _SAYS_NOTHING}


def shape_of(sent: Schema, told: Schema, current: Json) -> Shape:
    """By the schemas of both, and by what the answer says beyond its own.

    What a client never sees again is in no shape: a number that answers leave out or tell as
    `…_masked`.
    """
    fields = told.get("properties", {})
    answers = fields.keys() | (current.keys() if isinstance(current, Mapping) else set())
    return Shape(
        {
            name: _inner(schema, fields.get(name, {}), (current or {}).get(name))
            for name, schema in sent.get("properties", {}).items()
            if name in answers and f"{name}_masked" not in answers
        }
    )


def _inner(sent: Schema, told: Schema, current: Json) -> Shape | None:
    if sent.get("type") == "array":
        sent, told = sent.get("items", {}), told.get("items", {})
        current = {name: each for row in current or () for name, each in _members(row)}
    if "properties" not in sent or not ("properties" in told or current):
        return None
    return shape_of(sent, told, current)


def _members(row: Json) -> Iterable[tuple[str, Json]]:
    return row.items() if isinstance(row, Mapping) else ()


@dataclass(slots=True)
class Readers:
    """The GET operations of one service by their paths; None where one needs more than its path,
    or tells a list. `labels` are those of the parts that they tell.
    """

    labels: Labels = field(default_factory=dict)
    _by_path: dict[str, "BoundOperation | None"] = field(default_factory=dict)

    def add(self, bound: "BoundOperation") -> None:
        self._by_path[bound.path] = bound if bound.needs_only_its_path else None

    def tell_present(
        self,
        refusal: Conflict | StaleVersion,
        refused: "BoundOperation",
        *,
        arguments: Mapping[str, Any],
        principal: Principal | None,
    ) -> None:
        """Add `current` and `current_version`; to a replacement `differences` as well."""
        reader = self._nearest(refused.path)
        present = None if reader is None else reader.read_for(principal, arguments)
        if reader is None or present is None or present.version is None:
            return
        current = orjson.loads(orjson.dumps(present.body))
        refusal.extra |= {"current": current, "current_version": present.version}
        if isinstance(refusal, StaleVersion) and "body" in arguments:
            shape = shape_of(refused.entry_schema, reader.answer_schema, current)
            labels = self.labels.get(reader.part or "", ("", {}))[1]
            refusal.extra["differences"] = [
                {
                    "pointer": each.pointer,
                    "label_zh": labels.get(each.pointer),
                    "yours": each.after,
                    "current": each.before,
                }
                for each in differences(shape.cut(current), shape.cut(arguments["body"]))
            ]

    def _nearest(self, path: str) -> "BoundOperation | None":
        """What an action is upon stands at its path or above it, up to the first that is read."""
        while path and path not in self._by_path:
            path = path.rpartition("/")[0]
        return self._by_path.get(path)
