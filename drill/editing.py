"""How a client edits: reads, changes one field that snapshots show, writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

Json = Any
MASKED = frozenset({"id_no", "mobile", "political_status", "prohibited_kind", "work_permit_no"})
"""Answers do not show them; what is left out is kept."""
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Kind:
    """A list of one service, and the field of its rows that carries the drill's mark."""

    service: str
    id_name: str
    field: str
    writable: frozenset[str]

    def value(self, number: int) -> str:
        """The mark, as such a field may have it."""
        if self.service == "staff":
            return "示例" + "".join(_DIGITS[int(digit)] for digit in str(number))
        return f"示例 {number}"

    def list_of(self, institution_id: str) -> str:
        return f"/api/{self.service}/v1/institutions/{institution_id}/{self.service}"

    def body(self, stored: dict[str, Json], number: int) -> dict[str, Json]:
        """What is stored, with another mark."""
        told = {name: value for name, value in stored.items() if name in self.writable}
        return told | {self.field: self.value(number)}


def _kind(service: str, singular: str, field: str) -> Kind:
    text = files(f"otsp_{service}").joinpath("openapi.yaml").read_text(encoding="utf-8")
    schemas = yaml.safe_load(text)["components"]["schemas"]
    writable = frozenset(schemas[f"{singular.capitalize()}Update"]["properties"]) - MASKED
    return Kind(service, f"{singular}_id", field, writable)


def kinds() -> Sequence[Kind]:
    return (
        _kind("staff", "staff", "name"),
        _kind("materials", "material", "title"),
        _kind("courses", "course", "name"),
    )
