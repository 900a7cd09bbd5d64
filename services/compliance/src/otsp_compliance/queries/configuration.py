"""The root of what a region configures, and the history of its changes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_compliance.model import ConfigurationChange, Document, RegionConfiguration
from otsp_compliance.rules.inheritance import NATION
from otsp_contracts import regions


class UnknownRegion(NotFound):
    slug: ClassVar[str] = "unknown-region"
    title: ClassVar[str] = "No such region"
    detail_zh: ClassVar[str] = "行政区划代码不存在，请核对六位代码（全国为 000000）。"


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change: who, when, of which days, from what to what, and why.

    `before` is null when there was nothing for those days.
    """

    change_id: UUID
    changed_at: datetime
    changed_by: UUID
    role: str
    authority_id: UUID | None
    effective_from: date | None
    effective_to: date | None
    before: Document | None
    after: Document
    reason: str | None


def require_region(region_code: str) -> None:
    """Refuse a code that no division and not the nation has."""
    if region_code != NATION and regions.find_region(region_code) is None:
        raise UnknownRegion(region_code=region_code)


def configuration_version(tx: Reader, region_code: str, topic: str) -> int:
    """0 while the region has configured nothing."""
    query = select(RegionConfiguration.version).where(
        RegionConfiguration.region_code == region_code, RegionConfiguration.topic == topic
    )
    return tx.execute(query).scalar() or 0


def list_changes(
    tx: Reader, region_code: str, topic: str, *, cursor: str | None, limit: int
) -> Page[ChangeView]:
    """Newest first."""
    require_region(region_code)
    query = select(*_COLUMNS).where(
        ConfigurationChange.region_code == region_code, ConfigurationChange.topic == topic
    )
    if cursor is not None:
        query = query.where(ConfigurationChange.change_id < decode_id(cursor))
    rows = tx.execute(query.order_by(ConfigurationChange.change_id.desc()).limit(limit + 1))
    return make_page(
        [ChangeView(**row._asdict()) for row in rows], limit, key=lambda one: [one.change_id]
    )


_COLUMNS = (
    ConfigurationChange.change_id,
    ConfigurationChange.changed_at,
    ConfigurationChange.changed_by,
    ConfigurationChange.role,
    ConfigurationChange.authority_id,
    ConfigurationChange.effective_from,
    ConfigurationChange.effective_to,
    ConfigurationChange.before,
    ConfigurationChange.after,
    ConfigurationChange.reason,
)
