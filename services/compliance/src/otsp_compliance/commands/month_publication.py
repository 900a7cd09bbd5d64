"""Lets everybody who reads statistics see what a month that is over was like in a province."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Conflict, Forbidden
from otsp_compliance.model import MonthPublication, StatisticMonth
from otsp_compliance.queries.visibility import NATIONAL_ADMIN, REGION_ADMIN
from otsp_compliance.rules.inheritance import NATION


class MonthNotFrozen(Conflict):
    slug: ClassVar[str] = "statistics-month-not-frozen"
    title: ClassVar[str] = "The month is not over, or its figures are not frozen"
    detail_zh: ClassVar[str] = (
        "该月统计数据尚未固化，不能发布：每月数据于次月首日固化，请在固化后再发布。"
    )


@dataclass(frozen=True, slots=True)
class PublishedMonth:
    """`published_on` is the first day, however often it is asked for."""

    month: str
    region_code: str
    published_on: date


def publish_month(principal: Principal, month: str) -> PublishedMonth:
    """Of one's own province, or of the nation. For good: whoever saw a figure has it.

    Of two at once one publishes; asked again, nothing changes. Raises MonthNotFrozen.
    """
    region_code = _region_of(principal)
    with transaction() as tx:
        if tx.get(StatisticMonth, month) is None:
            raise MonthNotFrozen(month=month)
        _publish(tx, principal, month=month, region_code=region_code)
        published = select(MonthPublication.published_on).where(
            MonthPublication.month == month, MonthPublication.region_code == region_code
        )
        return PublishedMonth(month, region_code, tx.execute(published).scalar_one())


def _publish(tx: Tx, principal: Principal, *, month: str, region_code: str) -> None:
    row = {
        "month": month,
        "region_code": region_code,
        "published_on": clock.today(),
        "published_by": principal.account_id,
    }
    once = insert(MonthPublication).values(row).on_conflict_do_nothing()
    if tx.execute(once.returning(MonthPublication.month)).first() is not None:
        audit.record(
            tx,
            "statistics.month_published",
            object_type="statistic_month",
            object_id=month,
            after={"region_code": region_code},
        )


def _region_of(principal: Principal) -> str:
    """The national administrator's and the ministry's is the nation; that of the education
    authority's administrator of a province is the province. Cities and counties publish nothing.
    """
    if principal.role == NATIONAL_ADMIN:
        return NATION
    authority = principal.authority
    if principal.role != REGION_ADMIN or authority is None or authority.department != "education":
        raise Forbidden
    if authority.level == "national":
        return NATION
    if authority.level != "province":
        raise Forbidden
    return authority.region_code
