"""What a list brings along to be exported."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy
from sqlalchemy import Select

from otsp_chassis.db import Reader
from otsp_chassis.identity import AuthorityClaim
from otsp_chassis.sheets import Column, Row

Sees = TypeVar("Sees", UUID, AuthorityClaim)

Filters = Mapping[str, Any]
"""Those of the list's own operation, by their names in the contract."""

Note = Callable[..., None]
"""Told how far it is: `rows_total`, `rows_done`, `files_total`, `files_done`."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose an export is: an institution's, or one person's at an `authority`.

    `institution_id` is whose list it is; without one it is the authority's own.
    """

    owner_id: UUID
    institution_id: UUID | None = None
    authority: AuthorityClaim | None = None

    @property
    def is_masked(self) -> bool:
        """An authority's file of an institution's list: masked, a case of it or none."""
        return self.institution_id is not None and self.authority is not None

    @property
    def sees(self) -> UUID | AuthorityClaim:
        """What the query of a list is narrowed to."""
        return self.institution_id or self.authority or self.owner_id


class Archive(Protocol):
    """The list with its files, for lists that have some."""

    def require_room(self, tx: Reader, institution_id: UUID, filters: Filters) -> None:
        """Raises what refuses too many files for one archive."""

    def chunks(
        self, institution_id: UUID, filters: Filters, *, folder: Path, note: Note
    ) -> Iterator[bytes]:
        """The bytes; `folder` is for what must wait."""


@dataclass(frozen=True, slots=True)
class ExportedList(Generic[Sees]):
    """One list. `name_zh` is the sheet's and the file's, `part` what the trail calls its rows.

    `operation` lists it page by page: what narrows it there narrows it here. `query` gives the
    whole list in its order as its institution sees it, or an authority, of each row the columns of
    these names; it raises what the operation does. Where a row of it is not yet what stands in the
    file, `tell` makes it that. `masked` is the same list as the operation tells it to an authority
    without a case; a list without it is not for authorities.
    """

    name_zh: str
    part: str
    operation: str
    columns: Mapping[str, Column]
    query: Callable[[Sees, Filters, Sequence[str]], Select[Any]]
    archive: Archive | None = None
    tell: Callable[[sqlalchemy.Row[Any]], Row] | None = None
    masked: "ExportedList[Sees] | None" = None

    def seen_by(self, asker: Asker) -> "ExportedList[Sees]":
        """Raises LookupError where it is not for authorities."""
        if not asker.is_masked:
            return self
        if self.masked is None:
            raise LookupError(self.name_zh)
        return self.masked

    def rows(self, sees: Sees, filters: Filters) -> Select[Any]:
        return self.query(sees, filters, tuple(self.columns))


Lists = Mapping[str, ExportedList[Any]]
"""Of a service, by the names that its contract has for them."""
