"""What holds in a region on a day: its parameters, and where each of them comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ARRAY, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from otsp_chassis.db import Reader
from otsp_chassis.statements import Read
from otsp_compliance.model import Application, Document, RegionParameterSet
from otsp_compliance.model.region import PARAMETERS
from otsp_compliance.queries.configuration import configuration_version, require_region
from otsp_compliance.queries.routing_rules import routing_rules
from otsp_compliance.rules.inheritance import NATION, Inherited, ParameterSet, inherit, lineage
from otsp_compliance.rules.periods import Period
from otsp_compliance.rules.routing import delegation
from otsp_compliance.rules.settings_in_force import Setting, tell_settings
from otsp_contracts.snapshots import RegionParameters


@dataclass(frozen=True, slots=True)
class ParameterSetRow:
    """The values that a region set of its own."""

    effective_from: date
    effective_to: date | None
    parameters: Document
    basis_doc: str | None


@dataclass(frozen=True, slots=True)
class ParametersInForce:
    """`sources` tells for each field the region that set it; a field not in it is national.

    `settings` tells every single value with the level that it comes from.
    """

    region_code: str
    on: date
    version: int
    parameters: Document
    sources: Mapping[str, str]
    settings: Sequence[Setting]
    own: ParameterSetRow | None


@dataclass(frozen=True, slots=True)
class FiledCases:
    """Applications that were filed under the parameters of some days."""

    count: int
    first: date
    last: date


def parameters_in_force(tx: Reader, region_code: str | None, on: date) -> RegionParameters:
    """What a judgement on that day reads; without a region the national values."""
    return _inherited(tx, region_code or NATION, on=on).parameters


def inherited_from_above(tx: Reader, region_code: str, on: date) -> Inherited:
    """What would hold in the region, had it set nothing of its own."""
    return inherit(region_code, _sets_in_force(tx, lineage(region_code)[:-1], on))


def tell_parameters(tx: Reader, region_code: str, on: date) -> ParametersInForce:
    """The same for people: with where each value comes from."""
    require_region(region_code)
    sets = _sets_in_force(tx, lineage(region_code), on)
    inherited = inherit(region_code, sets)
    delegated = delegation(region_code, routing_rules(tx, region_code), on_date=on)
    own = next((one for one in sets if one.region_code == region_code), None)
    return ParametersInForce(
        region_code=region_code,
        on=on,
        version=configuration_version(tx, region_code, PARAMETERS),
        parameters=inherited.parameters.model_dump(mode="json", exclude={"code"}),
        sources=_by_field(inherited),
        settings=tell_settings(inherited, delegated),
        own=None if own is None else _row(own),
    )


def own_sets(tx: Reader, region_code: str) -> list[ParameterSet]:
    """Everything that the region ever set or will set, by first day."""
    query = select(*_COLUMNS).where(RegionParameterSet.region_code == region_code)
    rows = tx.execute(query.order_by(RegionParameterSet.effective_from))
    return [ParameterSet(*row) for row in rows]


def find_filed_cases(tx: Reader, region_code: str, days: Period) -> FiledCases | None:
    """Applications of the region that were filed and judged as of these days."""
    prefix = region_code.rstrip("0") if region_code.endswith("00") else region_code
    prefix += "0" * (len(prefix) % 2)
    query = select(
        func.count().label("count"),
        func.min(Application.as_of).label("first"),
        func.max(Application.as_of).label("last"),
    ).where(
        Application.submitted_at.is_not(None),
        Application.region_code.startswith(prefix, autoescape=True),
        Application.as_of >= days.effective_from,
    )
    if days.effective_to is not None:
        query = query.where(Application.as_of < days.effective_to)
    row = tx.execute(query).one()
    return FiledCases(row[0], row[1], row[2]) if row[0] else None


def _inherited(tx: Reader, region_code: str, *, on: date) -> Inherited:
    return inherit(region_code, _sets_in_force(tx, lineage(region_code), on))


def _sets_in_force(tx: Reader, codes: Iterable[str], on: date) -> list[ParameterSet]:
    """Each region's set of that day, from the nation down; one that has ended is none."""
    order = list(codes)
    rows = _IN_FORCE.rows(tx, {"codes": order, "day": on})
    newest = {row.region_code: ParameterSet(*row) for row in rows}
    sets = (newest[code] for code in order if code in newest)
    return [one for one in sets if one.effective_to is None or on < one.effective_to]


def _row(own: ParameterSet) -> ParameterSetRow:
    return ParameterSetRow(own.effective_from, own.effective_to, dict(own.values), own.basis_doc)


def _by_field(inherited: Inherited) -> dict[str, str]:
    """The lowest region that set a field, or a member of it."""
    found: dict[str, ParameterSet] = {}
    order = lineage(inherited.parameters.code)
    for setting, source in inherited.sources.items():
        field = setting.partition("/")[0]
        known = found.get(field)
        if known is None or order.index(source.region_code) > order.index(known.region_code):
            found[field] = source
    return {field: source.region_code for field, source in found.items()}


_COLUMNS = (
    RegionParameterSet.region_code,
    RegionParameterSet.effective_from,
    RegionParameterSet.effective_to,
    RegionParameterSet.parameters,
    RegionParameterSet.basis_doc,
)
_IN_FORCE = Read(
    select(*_COLUMNS)
    .where(
        RegionParameterSet.region_code == any_(bindparam("codes", type_=ARRAY(Text))),
        RegionParameterSet.effective_from <= bindparam("day"),
    )
    .ext(distinct_on(RegionParameterSet.region_code))
    .order_by(RegionParameterSet.region_code, RegionParameterSet.effective_from.desc())
)
"""Made once, like the other statements that every judgement runs."""
