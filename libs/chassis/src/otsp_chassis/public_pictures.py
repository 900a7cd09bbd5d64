"""Pictures that everybody may see (domain specification §5.2).

Shown is a small picture that the confined process drew, never the file that was uploaded, and only
of files that the public register names, while the institution is on it. Another service tells
which these are; the file and the operation are its owner's.
"""

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Uuid, any_, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis import previews
from otsp_chassis.copies import keep_newer
from otsp_chassis.db import Reader, Tx, reading
from otsp_chassis.file_scope import FileScope
from otsp_chassis.files import open_attachment
from otsp_chassis.http import Download
from otsp_chassis.problems import NotFound
from otsp_chassis.references import shows_sensitive

WIDTH: Final = 320
_CACHED: Final = "public, max-age=600"
"""Who leaves the register is seen ten minutes longer at most by whoever looked before."""


class KeptPictures:
    """Mixin for `public_picture_ref`: which of a service's files the register names."""

    __tablename__ = "public_picture_ref"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    file_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


@dataclass(frozen=True, slots=True)
class PublicPictures:
    """Of one service: its copy, its files, and the condition that the institution of a row of the
    copy is on the register. `name` is that of every picture: files are called after people.
    """

    kept: type[Any]
    scope: FileScope
    is_on_register: ColumnElement[bool]
    name: str

    def keep(self, tx: Tx, institution_id: UUID, *, version: int, file_ids: list[UUID]) -> None:
        told = {"institution_id": institution_id, "version": version, "file_ids": file_ids}
        keep_newer(tx, self.kept, key="institution_id", values=told)

    def get(self, institution_id: str, file_id: str) -> Download:
        """The picture; raises NotFound for whatever is not public, and what previews raise."""
        owner_id, asked = UUID(institution_id), UUID(file_id)
        with reading() as tx:
            if not self._is_public(tx, owner_id, asked):
                raise NotFound
            info, stream = open_attachment(tx, owner_id, asked)
        drawn = previews.preview(info, stream, page=1, width=WIDTH, mark=None)
        return replace(drawn, name=self.name, cache=_CACHED)

    def _is_public(self, tx: Reader, institution_id: UUID, file_id: UUID) -> bool:
        """A scan that is sensitive to another row stays so, whatever else names it."""
        copy = inspect(self.kept).columns
        named = select(copy.institution_id).where(
            copy.institution_id == institution_id,
            any_(copy.file_ids) == file_id,
            self.is_on_register,
        )
        if tx.execute(named).first() is None:
            return False
        return not shows_sensitive(
            tx, self.scope.references, institution_id=institution_id, file_id=file_id
        )
