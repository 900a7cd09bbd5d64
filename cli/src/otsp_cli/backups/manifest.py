"""What a backup says of itself; written last, so a set without one is none."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import orjson

FORMAT = 1
NAME = "%Y%m%dT%H%M%SZ"
"""Of a set: its instant, in UTC."""
NOT_IN_IT = (
    "the keys: OTSP_PII_KEYS, audit, receipt and identity keys are kept apart; without the first"
    " personal data stay sealed for ever"
)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the set, with its SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Dumped:
    """One database. `tables` are rows by table, `grants` what the application role may do."""

    revision: str
    server_version: int
    dump: File
    tables: Mapping[str, int]
    grants: Mapping[str, Sequence[str]]
    sequence_grants: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """The store. `missing` and `altered` are named by a row and were not there, or not the same.

    `erased_since` were let go of between the instant and their turn.
    """

    files: int
    bytes: int
    copied: int
    erased_since: int
    missing: Sequence[str]
    altered: Sequence[str]
    index: File

    @property
    def is_whole(self) -> bool:
        return not self.missing and not self.altered


@dataclass(frozen=True, slots=True)
class Manifest:
    """`undelivered` are messages that the broker held at the instant, by queue; -1: unknown."""

    name: str
    instant: datetime
    paused_ms: float
    undelivered: Mapping[str, int]
    databases: Mapping[str, Dumped]
    store: Kept | None
    format: int = FORMAT
    not_in_it: str = field(default=NOT_IN_IT)

    def to_bytes(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Manifest":
        """Raises ValueError for what is no manifest of a format that is known here."""
        try:
            told: dict[str, Any] = orjson.loads(raw)
            if told["format"] != FORMAT:
                message = f"format {told['format']} is not known here"
                raise ValueError(message)
            store = told.pop("store")
            databases = {name: _dumped(each) for name, each in told.pop("databases").items()}
            instant = datetime.fromisoformat(told.pop("instant"))
            kept = Kept(**store | {"index": File(**store["index"])}) if store else None
            return cls(**told, instant=instant, databases=databases, store=kept)
        except (KeyError, TypeError) as error:
            message = "this is no manifest of a backup"
            raise ValueError(message) from error


def _dumped(told: dict[str, Any]) -> Dumped:
    return Dumped(**told | {"dump": File(**told["dump"])})
