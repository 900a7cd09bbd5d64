"""What stands in a form's fields: values of the API as texts, and the texts that a browser sent."""

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from otsp_portal.forms.fields import MANY, Field
from otsp_portal.forms.kinds import shown

Json = Any
Typed = Any


def shown_all(fields: Iterator[Field], stored: Mapping[str, Json]) -> dict[str, Typed]:
    """What the API has, as the fields show it."""
    return {each.name: _shown(each, stored.get(each.name)) for each in fields}


def _shown(asked: Field, value: Json) -> Typed:
    if asked.kind == "group":
        return shown_all(iter(asked.fields), value or {})
    if asked.kind == "rows":
        return [shown_all(iter(asked.fields), row) for row in value or ()]
    return shown(value, asked)


def typed_all(fields: Iterator[Field], form: MultiDict[str, str], above: str) -> dict[str, Typed]:
    """What a browser sent for the fields whose names begin with `above`; blank rows fall away."""
    return {each.name: _typed(each, form, f"{above}{each.name}") for each in fields}


def _typed(asked: Field, form: MultiDict[str, str], name: str) -> Typed:
    if asked.kind == "group":
        return typed_all(iter(asked.fields), form, f"{name}.")
    if asked.kind == "rows":
        rows = (
            typed_all(iter(asked.fields), form, f"{name}.{index}.")
            for index in _indexes(form, name)
        )
        return [row for row in rows if not is_blank(row)]
    if asked.kind in MANY:
        return [value for value in form.getlist(name) if value]
    return form.get(name, "")


def _indexes(form: MultiDict[str, str], name: str) -> list[int]:
    head = f"{name}."
    found = {key[len(head) :].split(".", 1)[0] for key in form if key.startswith(head)}
    return sorted(int(each) for each in found if each.isdecimal())


def is_blank(typed: Typed) -> bool:
    if isinstance(typed, Mapping):
        return all(is_blank(value) for value in typed.values())
    return not typed


def rows_at(typed: dict[str, Typed], name: str) -> list[dict[str, Typed]]:
    """The rows of the field of that name, to be changed in place."""
    at: Typed = typed
    for step in name.split("."):
        at = at[int(step)] if isinstance(at, list) else at[step]
    rows: list[dict[str, Typed]] = at
    return rows


def put_at(typed: dict[str, Typed], pointer: str, value: str) -> None:
    """At the pointer, in place of a text or behind what a list has."""
    *above, last = pointer.split("/")[1:]
    at: Typed = typed
    for step in above:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if isinstance(at.get(last), list):
        at[last].append(value)
    else:
        at[last] = value
