"""A table of fields (domain specification §2) held against where they stand in a service."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from otsp_testkit.specifications import specification_of

_PERSONAL = 2
"""The first class that is told to those alone who have a reason."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: by which pointer it is entered, told and kept, and its privacy class.

    `asked` names the circumstances in which CMP-001 asks for it. `shown` says whether an authority
    without a case reads it as it is where the class alone does not. Where pointers and columns
    differ they are named: `told` is None for what no answer tells, `entered` for what the platform
    finds by itself, `column` for what is kept nowhere or in a row of JSON. `by` gives the reason.
    """

    pointer: str
    label_zh: str
    privacy: int
    asked: frozenset[str] = frozenset()
    shown: bool | None = None
    entered: str | None = ""
    told: str | None = ""
    column: str | None = ""
    by: str = ""

    def __str__(self) -> str:
        return self.pointer

    @property
    def is_shown(self) -> bool:
        return self.privacy < _PERSONAL if self.shown is None else self.shown

    @property
    def entered_at(self) -> str | None:
        return self.pointer if self.entered == "" else self.entered

    @property
    def told_at(self) -> str | None:
        return self.pointer if self.told == "" else self.told

    @property
    def kept_in(self) -> str | None:
        return self.pointer.strip("/").replace("/", "_") if self.column == "" else self.column


@dataclass(frozen=True, slots=True)
class Part:
    """Where a table of fields should stand: its schemas, its table and its Chinese names."""

    service: str
    entry: str
    answer: str
    table: Table
    labels: Mapping[str, str]

    def lacks_of(self, field: Field) -> list[str]:
        """Where the field does not stand, in words."""
        entered, told, column = field.entered_at, field.told_at, field.kept_in
        label = self.labels.get(told or field.pointer)
        places = {
            f"{self.entry}{entered}": entered is None or entered in self._pointers(self.entry),
            f"{self.answer}{told}": told is None or told in self._pointers(self.answer),
            f"{self.table.name}.{column}": column is None or column in self.table.c,
            f"label {label}": label == (field.label_zh or None),
        }
        return [place for place, stands in places.items() if not stands]

    def beyond(self, fields: Iterable[Field], *, besides: Iterable[str] = ()) -> set[str]:
        """What stands there and in no table: `besides` are the ways of the house."""
        known = list(fields)
        pointers = {each for field in known for each in (field.entered_at, field.told_at)}
        columns = {field.kept_in for field in known}
        found = self._pointers(self.entry) | self._pointers(self.answer) | self.labels.keys()
        outside = found - pointers | {each.name for each in self.table.c} - columns
        return outside - set(besides)

    def _pointers(self, schema: str) -> set[str]:
        components: dict[str, Any] = specification_of(self.service)["components"]["schemas"]
        return set(_leaves(components[schema], components, ""))


def _leaves(schema: dict[str, Any], components: dict[str, Any], place: str) -> Iterable[str]:
    """Pointers of what has no fields of its own; of the rows of a list as `/list/*/field`."""
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    if "items" in schema:
        yield place
        schema, place = schema["items"], f"{place}/*"
        while "$ref" in schema:
            schema = components[schema["$ref"].rpartition("/")[2]]
        if "properties" not in schema:
            return
    if "properties" not in schema:
        yield place
        return
    for name, child in schema["properties"].items():
        yield from _leaves(child, components, f"{place}/{name}")
