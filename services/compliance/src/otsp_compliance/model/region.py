"""What regions configure: rule parameters and the routing of reviews, with effective dates."""

from datetime import date
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


class RegionParameterSet(Base):
    """The values that a region sets of its own from one day on, until its next set."""

    __tablename__ = "region_parameter_set"
    region_code: Mapped[str] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
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
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    basis_doc: Mapped[str | None]
