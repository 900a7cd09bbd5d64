"""The school licence, those it took the place of, and the other certificates."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_institution.model.schema import Base, Fen, Item, Sheet


class LicenceContent:
    """What a school licence says; the same for the current one and for those before it."""

    licence_no: Mapped[str | None]
    name_on_licence: Mapped[str | None]
    address_on_licence: Mapped[str | None]
    principal_on_licence: Mapped[str | None]
    issuer_name: Mapped[str | None]
    issuer_level: Mapped[str | None]
    issuer_region_code: Mapped[str | None]
    scope_text: Mapped[str | None]
    scope_categories: Mapped[list[str] | None]
    scope_delivery: Mapped[list[str] | None]
    scope_stages: Mapped[list[str] | None]
    scope_subject_codes: Mapped[list[str] | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    issued_on: Mapped[date | None]
    replaces_licence_no: Mapped[str | None]
    scan_file_id: Mapped[UUID | None]
    status: Mapped[str | None]


class SchoolLicence(LicenceContent, Sheet):
    """The current licence: one row an institution, so there is never a second."""

    __tablename__ = "school_licence"
    __table_args__ = (
        Index(
            "ix_school_licence_licence_no",
            "licence_no",
            postgresql_ops={"licence_no": "text_pattern_ops"},
        ),
        Index("ix_school_licence_valid_to", "valid_to"),
        Index("ix_school_licence_scan_file_id", "scan_file_id"),
    )

    @property
    def delivery_covered(self) -> list[str]:
        """Which ways of teaching it permits; one that was handed back or revoked, none."""
        return [] if self.status in {"returned", "revoked"} else list(self.scope_delivery or ())

    def is_another(self, licence_no: str | None, valid_from: date | None) -> bool:
        """Another number or another first day is another document; all else is a correction."""
        told = ((self.licence_no, licence_no), (self.valid_from, valid_from))
        return any(None not in (old, new) and old != new for old, new in told)


class FormerLicence(LicenceContent, Base):
    """A licence as it last stood before another one took its place; never changed."""

    __tablename__ = "former_licence"

    former_licence_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(
        ForeignKey("institution.institution_id"), index=True
    )
    replaced_on: Mapped[date]


class Certificate(Item):
    """A certificate; the rules read the primary one, of which there is at most one."""

    __tablename__ = "certificate"
    __table_args__ = (
        Index(
            "uq_certificate_primary",
            "institution_id",
            unique=True,
            postgresql_where=text("is_primary AND deleted_at IS NULL"),
        ),
    )

    certificate_id: Mapped[UUID] = mapped_column(primary_key=True)
    is_primary: Mapped[bool]
    cert_type: Mapped[str | None]
    cert_no: Mapped[str | None]
    uscc: Mapped[str | None]
    name_on_cert: Mapped[str | None]
    registrar: Mapped[str | None]
    legal_rep_on_cert: Mapped[str | None]
    business_scope: Mapped[str | None]
    capital_fen: Mapped[Fen | None]
    issued_on: Mapped[date | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    scan_file_id: Mapped[UUID | None]
