"""The public register as everybody looks things up in it; what it shows was sealed and approved.

A look-up ends at the LOOKED_THROUGH-th hit: more is for the open data, not for paging.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, any_, func, or_, select

from otsp_chassis import clock
from otsp_chassis.db import Reader, row_class
from otsp_chassis.problems import BadParameter, NotFound
from otsp_chassis.search import matching
from otsp_compliance.model import Document, InstitutionRef, ListEntry, RegisterEntry
from otsp_compliance.model.register import BLACK, CLOSED, GREY, LISTED
from otsp_compliance.rules.register import logo_path
from otsp_contracts import regions
from otsp_contracts.institution import ON_REGISTER
from otsp_contracts.values import FieldError
from otsp_contracts.values.lookup import sought

LOOKED_THROUGH: Final = 1_000

_E = RegisterEntry.__table__.c
_L = ListEntry.__table__.c
_I = InstitutionRef.__table__.c


class NotOnRegister(NotFound):
    slug: ClassVar[str] = "not-on-register"
    title: ClassVar[str] = "The institution is not on the register"
    detail_zh: ClassVar[str] = (
        "该机构目前不在白名单内。可在预警、黑名单和已注销名单中继续查询，"
        "或向机构所在地主管部门咨询。"
    )


@row_class
class RegisterLine:
    """One line of the look-up.

    `region_names` begin with the province; a municipality has no city between. `also_on` are the
    lists, grey or black, that the institution is on at the same time, `logo` the path of a picture.
    """

    institution_id: UUID
    name: str
    logo: str | None
    uscc: str | None
    licence_no: str | None
    licence_valid_to: date | None
    region_code: str
    region_names: Sequence[str]
    categories: Sequence[str]
    nonsubject_types: Sequence[str]
    delivery_modes: Sequence[str]
    stages: Sequence[str]
    approved_on: date
    also_on: Sequence[str]


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """`count` is that of all hits; where it `is_least`, there are more, which are not shown."""

    page_no: int
    page_size: int
    count: int
    is_least: bool
    items: Sequence[RegisterLine]


@dataclass(frozen=True, slots=True)
class RegisterDetail:
    """An institution with everything that is public of it."""

    entry: RegisterLine
    detail: Document


def look_up(
    tx: Reader, filters: Mapping[str, str], *, page_no: int, page_size: int
) -> RegisterPage:
    """Region by region; raises BadParameter where too little or too much is asked."""
    first = (page_no - 1) * page_size
    _require_within(first + page_size)
    found = _found(filters).limit(LOOKED_THROUGH + 1).cte("found")
    counted = select(func.count()).select_from(found).scalar_subquery()
    page = (
        select(*_columns(), counted.label("count"))
        .join(found, found.c.institution_id == _E.institution_id)
        .order_by(_E.region_code, _E.institution_id)
        .offset(first)
        .limit(page_size)
    )
    rows = tx.execute(page).mappings().all()
    if rows or page_no == 1:
        count: int = rows[0]["count"] if rows else 0
    else:
        count = tx.execute(select(counted)).scalar_one()
    return RegisterPage(
        page_no=page_no,
        page_size=page_size,
        count=min(count, LOOKED_THROUGH),
        is_least=count > LOOKED_THROUGH,
        items=[_line(row) for row in rows],
    )


def get_detail(tx: Reader, institution_id: UUID) -> RegisterDetail:
    """Raises NotOnRegister for who was never approved, and while the approval does not stand."""
    query = select(*_columns(), _E.detail).where(_E.institution_id == institution_id, is_shown())
    row = tx.execute(query).mappings().first()
    if row is None:
        raise NotOnRegister
    return RegisterDetail(_line(row), row["detail"])


def count_shown(tx: Reader) -> dict[str, int]:
    """How many the register shows, and how many entries each list has in force."""
    shown = select(func.count()).select_from(RegisterEntry).where(is_shown())
    listed = (
        select(_L.list_type, func.count()).where(in_force(clock.today())).group_by(_L.list_type)
    )
    counted: dict[str, int] = {"register": tx.execute(shown).scalar_one()}
    counted |= dict.fromkeys((GREY, BLACK, CLOSED), 0)
    return counted | {row.list_type: row[1] for row in tx.execute(listed)}


def in_force(today: date) -> ColumnElement[bool]:
    """Entries of the lists that everybody is shown."""
    is_begun = and_(_L.state == LISTED, _L.from_on <= today)
    return and_(is_begun, or_(_L.to_on.is_(None), _L.to_on >= today))


def lies_in(region_code: ColumnElement[str], region: str) -> ColumnElement[bool]:
    """A range, which the index of regions serves; raises BadParameter for no such region."""
    if regions.find_region(region) is None:
        told = "没有这个行政区划代码，请从省、市、县（区）中选择。"
        raise BadParameter(errors=[FieldError("/region", "unknown_region", told)])
    prefix = region
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return region_code.between(prefix.ljust(6, "0"), prefix.ljust(6, "9"))


def _found(filters: Mapping[str, str]) -> Select[tuple[UUID]]:
    wanted = [_FILTERS[name](value) for name, value in filters.items()]
    return (
        select(_E.institution_id)
        .where(is_shown(), *wanted)
        .order_by(_E.region_code, _E.institution_id)
    )


def is_shown() -> ColumnElement[bool]:
    """Whose approval stands, as the institution's owner last told."""
    standing = select(_I.institution_id).where(
        _I.institution_id == _E.institution_id, _I.compliance_status.in_(ON_REGISTER)
    )
    return standing.exists()


def _named_by(q: str) -> ColumnElement[bool]:
    wanted = sought(q)
    match wanted.by:
        case "uscc":
            return _E.uscc == wanted.text
        case "licence_no":
            return _E.licence_no.startswith(wanted.text)
        case _:
            return matching(_E, q)


def _require_within(last: int) -> None:
    if last > LOOKED_THROUGH:
        told = (
            f"只能翻看前 {LOOKED_THROUGH} 条结果，请补充条件缩小范围；"
            "需要全部数据时请下载开放数据。"
        )
        raise BadParameter(errors=[FieldError("/page_no", "too_far", told)])


def _columns() -> list[ColumnElement[Any]]:
    also_on = (
        select(func.array_agg(_L.list_type))
        .where(_L.institution_id == _E.institution_id, in_force(clock.today()))
        .scalar_subquery()
    )
    return [*(_E[name] for name in _STORED), _E.logo_file_id, also_on.label("also_on")]


def _line(row: RowMapping) -> RegisterLine:
    return RegisterLine(
        **{name: row[name] for name in _STORED},
        logo=logo_path(row["institution_id"], row["logo_file_id"]),
        region_names=_names(row["region_code"]),
        also_on=sorted(row["also_on"] or ()),
    )


def _names(region_code: str) -> list[str]:
    above = regions.parent(region_code)
    return [*(_names(above) if above else ()), regions.name_of(region_code)]


_STORED: Final = tuple(RegisterLine.__annotations__.keys() - {"logo", "region_names", "also_on"})
_FILTERS: Mapping[str, Callable[[str], ColumnElement[bool]]] = {
    "q": _named_by,
    "region": lambda region: lies_in(_E.region_code, region),
    "category": lambda code: any_(_E.categories) == code,
    "delivery": lambda code: any_(_E.delivery_modes) == code,
    "stage": lambda code: any_(_E.stages) == code,
}
