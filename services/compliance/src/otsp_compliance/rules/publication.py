"""Putting rule versions in force by publication: what of it holds when, and what is refused.

A version is written in code and has its days there; a publication puts a version in force from a
day on, in place of what would hold. It may change the severity, never the text or the check.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from otsp_compliance.rules.registry import Catalogue, RuleDefinition, Severity
from otsp_contracts.values import FieldError


@dataclass(frozen=True, slots=True)
class Publication:
    """One version of one rule, in force from a day on until the next one begins."""

    rule_id: str
    version: int
    severity: Severity
    effective_from: date


def amended(catalogue: Catalogue, publications: Iterable[Publication]) -> Catalogue:
    """The catalogue in which every period ends when the next one of its rule begins.

    On one day a publication goes before what is written in code. One whose version is written no
    longer changes nothing.
    """
    published: dict[str, list[RuleDefinition]] = defaultdict(list)
    for publication in publications:
        for written in _written(catalogue, publication):
            published[publication.rule_id].append(_in_force_from(written, publication))
    if not published:
        return catalogue
    rules: list[RuleDefinition] = []
    for rule_id in dict.fromkeys(one.head.id for one in catalogue.rules):
        versions = catalogue.versions(rule_id)
        rules += _in_turn(versions, published[rule_id]) if rule_id in published else versions
    return Catalogue(tuple(rules))


def refusals(
    catalogue: Catalogue, wanted: Publication, *, others: Sequence[Publication], today: date
) -> Iterator[FieldError]:
    """Why it cannot be published, all reasons at once. `others` are already published."""
    if wanted.effective_from < today:
        yield FieldError("/effective_from", "in_past", "施行日期不能早于今天。")
    versions = catalogue.versions(wanted.rule_id)
    if not versions:
        yield FieldError("/rule_id", "unknown_rule", "没有这条规则，请核对规则编号。")
        return
    if not any(_written(catalogue, wanted)):
        known = "、".join(str(one) for one in sorted({rule.head.version for rule in versions}))
        yield FieldError("/version", "unknown_version", f"该规则没有此版本，现有版本：{known}。")
        return
    begun = [one.head for one in amended(catalogue, others).versions(wanted.rule_id)]
    later = [head for head in begun if (head.effective_from or date.min) > wanted.effective_from]
    same_day = [one for one in others if _same_day(one, wanted)]
    if later or same_day:
        yield FieldError(
            "/effective_from", "overlapping", "该规则已有同日或更晚施行的版本，施行期不能重叠。"
        )
    elif any(
        head.in_force(wanted.effective_from)
        and (head.version, head.severity) == (wanted.version, wanted.severity)
        for head in begun
    ):
        yield FieldError("/version", "already_in_force", "该版本以相同的严重程度已经施行。")


def _written(catalogue: Catalogue, publication: Publication) -> Iterator[RuleDefinition]:
    for one in catalogue.versions(publication.rule_id):
        if one.head.version == publication.version:
            yield one


def _in_force_from(written: RuleDefinition, publication: Publication) -> RuleDefinition:
    head = dataclasses.replace(
        written.head,
        severity=publication.severity,
        effective_from=publication.effective_from,
        effective_to=None,
    )
    return RuleDefinition(head, written.check)


def _in_turn(
    written: Iterable[RuleDefinition], published: Sequence[RuleDefinition]
) -> Iterator[RuleDefinition]:
    """The periods by their first day, each cut where the next begins; undated versions last."""
    first_days = {one.head.effective_from for one in published}
    dated = [one for one in written if one.head.effective_from not in {None, *first_days}]
    undated = [one for one in written if one.head.effective_from is None]
    periods = sorted((*dated, *published), key=lambda one: one.head.effective_from or date.max)
    for number, one in enumerate(periods):
        following = periods[number + 1].head.effective_from if number + 1 < len(periods) else None
        ends = [day for day in (one.head.effective_to, following) if day is not None]
        until = min(ends, default=None)
        yield RuleDefinition(dataclasses.replace(one.head, effective_to=until), one.check)
    yield from undated


def _same_day(one: Publication, other: Publication) -> bool:
    return (one.rule_id, one.effective_from) == (other.rule_id, other.effective_from)
