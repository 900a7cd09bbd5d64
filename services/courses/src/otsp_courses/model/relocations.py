"""Sites that are to move: as the institution proposes it, and as it applied for it."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_courses.model.schema import Base
from otsp_courses.rules.rows import Place


class _Moving:
    """`sites` has, by the id of the site, where it is to be."""

    sites: Mapped[dict[str, Place]] = mapped_column(JSONB)


class ProposedRelocation(_Moving, Stamped, Base):
    """办学点迁址: one row an institution; it stays without sites when nothing is proposed now."""

    __tablename__ = "proposed_relocation"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)

    def propose(self, site_id: UUID, place: Place | None) -> None:
        """None: the site is to stay where it is."""
        sites = {key: value for key, value in self.sites.items() if key != str(site_id)}
        self.sites = sites if place is None else {**sites, str(site_id): place}


class FiledRelocation(_Moving, Base):
    """What an open application asks, as it stands in the snapshot that is judged; gone after it."""

    __tablename__ = "filed_relocation"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(index=True)
