"""The catalogue as it can be read: what each rule demands, of whom, since when, by which law."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.page import Page, decode_cursor, make_page
from otsp_chassis.problems import NotFound
from otsp_compliance.queries.region import tell_parameters
from otsp_compliance.queries.rulebook import Rulebook, load_rulebook
from otsp_compliance.rules.inheritance import NATION
from otsp_compliance.rules.registry import RuleHead
from otsp_compliance.rules.settings_in_force import Setting
from otsp_compliance.rules.sources import Citation


@dataclass(frozen=True, slots=True)
class BasisView:
    """One place in one document; `number` only where it is confirmed."""

    text_zh: str
    document: str
    number: str | None
    article: str | None
    standing: str


@dataclass(frozen=True, slots=True)
class PublicationView:
    """By whose word a version holds; its re-evaluation has the same id."""

    re_evaluation_id: UUID
    published_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One version of one rule. Without effective_from it waits for its publication."""

    rule_id: str
    family: str
    version: int
    severity: str
    applies_zh: str
    dimensions: Sequence[str]
    message_zh: str
    remedy_zh: str
    basis: Sequence[BasisView]
    effective_from: date | None
    effective_to: date | None
    parameters: Sequence[str]
    publication: PublicationView | None


@dataclass(frozen=True, slots=True)
class RuleDetail:
    """A rule with all its versions, and the figures that its version of the day compares with."""

    rule_id: str
    on: date
    region_code: str
    in_force: RuleView | None
    settings: Sequence[Setting]
    versions: Sequence[RuleView]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFilter:
    """What is left out is not asked for."""

    on: date
    family: str | None = None
    dimension: str | None = None
    severity: str | None = None

    def matches(self, head: RuleHead) -> bool:
        return (
            head.in_force(self.on)
            and self.family in {None, head.family}
            and self.severity in {None, head.severity.value}
            and (self.dimension is None or self.dimension in head.applies.dimensions)
        )


def list_rules(tx: Reader, wanted: RuleFilter, *, cursor: str | None, limit: int) -> Page[RuleView]:
    """The version of that day of each rule, in order of their ids."""
    after = decode_cursor(cursor, 1)[0] if cursor is not None else ""
    book = load_rulebook(tx)
    heads = (one.head for one in book.everything.rules)
    views = [_view(book, head) for head in heads if head.id > after and wanted.matches(head)]
    return make_page(views[: limit + 1], limit, key=lambda one: [one.rule_id])


def get_rule(tx: Reader, rule_id: str, *, on: date, region_code: str | None) -> RuleDetail:
    """Without a region the national figures are told."""
    book = load_rulebook(tx)
    heads = [one.head for one in book.everything.versions(rule_id)]
    if not heads:
        raise NotFound
    in_force = next((head for head in heads if head.in_force(on)), None)
    region = region_code or NATION
    figures = tell_parameters(tx, region, on).settings
    return RuleDetail(
        rule_id=rule_id,
        on=on,
        region_code=region,
        in_force=_view(book, in_force) if in_force else None,
        settings=[one for one in figures if in_force and one.parameter in in_force.parameters],
        versions=[_view(book, head) for head in heads],
    )


def _view(book: Rulebook, head: RuleHead) -> RuleView:
    return RuleView(
        rule_id=head.id,
        family=head.family,
        version=head.version,
        severity=head.severity.value,
        applies_zh=head.applies.text_zh,
        dimensions=[one.value for one in head.applies.dimensions],
        message_zh=head.message_zh,
        remedy_zh=head.remedy_zh,
        basis=list(_basis(head.basis)),
        effective_from=head.effective_from,
        effective_to=head.effective_to,
        parameters=head.parameters,
        publication=_publication(book, head),
    )


def _basis(citations: Sequence[Citation]) -> Iterator[BasisView]:
    for one in citations:
        yield BasisView(one.text_zh, one.document, one.number, one.article, one.standing.value)


def _publication(book: Rulebook, head: RuleHead) -> PublicationView | None:
    one = book.published(head.id, head.effective_from)
    return PublicationView(one.publication_id, one.published_at, one.reason) if one else None
