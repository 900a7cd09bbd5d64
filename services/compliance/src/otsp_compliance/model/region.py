"""What regions configure: rule parameters and the routing of reviews, with effective dates."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_compliance.model.schema import Base, Document

PARAMETERS = "parameters"
ROUTING = "routing"


class RegionConfiguration(Stamped, Base):
    """The root of one region's parameters, or of its routing: what If-Match compares."""

    __tablename__ = "region_configuration"

    region_code: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    changed_by: Mapped[UUID]


class WorkingYear(Stamped, Base):
    """A year whose working days were imported; the days themselves are in `working_day`."""

    __tablename__ = "working_year"

    year_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(unique=True)


class ConfigurationChange(Base):
    """One change of a region's parameters or routing: who, when, of which days, from what to what.

    `before` is null for the first one of those days. The application role may only insert and read.
    """

    __tablename__ = "configuration_change"
    __table_args__ = (
        Index(
            "ix_configuration_change_region_code_topic_change_id",
            "region_code",
            "topic",
            "change_id",
        ),
    )

    change_id: Mapped[UUID] = mapped_column(primary_key=True)
    region_code: Mapped[str]
    topic: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]
    role: Mapped[str]
    authority_id: Mapped[UUID | None]
    effective_from: Mapped[date | None]
    effective_to: Mapped[date | None]
    before: Mapped[Document | None]
    after: Mapped[Document]
    reason: Mapped[str | None]


class RegionParameterSet(Base):
    """The values that a region sets of its own.

    In force while effective_from <= day < effective_to; without an end until its next set begins.
    No set with an end reaches into another.
    """

    __tablename__ = "region_parameter_set"
    region_code: Mapped[str] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    effective_to: Mapped[date | None]
    parameters: Mapped[Document]
    basis_doc: Mapped[str | None]


class RoutingRuleRow(Base):
    """One routing rule of a region, in force while effective_from <= day < effective_to."""

    __tablename__ = "routing_rule"
    __table_args__ = (Index("ix_routing_rule_region_code", "region_code"),)

    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    region_code: Mapped[str]
    category: Mapped[str]
    delivery: Mapped[str]
    nonsubject_type: Mapped[str | None]
    mode: Mapped[str]
    level: Mapped[str]
    delegate_level: Mapped[str | None]
    drops_when_mixed: Mapped[bool]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    basis_doc: Mapped[str | None]
