"""Judging a snapshot by the rules in force: every finding at once, in a stable order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from otsp_compliance.rules.calendar import Calendar
from otsp_compliance.rules.completeness import (
    FOR_REVIEWERS,
    INCOMPLETE,
    UNJUDGEABLE,
    doubts,
    labels_zh,
)
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Datum, MissingData
from otsp_compliance.rules.parameters import Parameters
from otsp_compliance.rules.registry import Catalogue, RuleDefinition, RuleHead, Severity
from otsp_compliance.rules.sources import Citation
from otsp_contracts.snapshots import Snapshot

_NO_EXCEPTIONS: Final[Mapping[str, str]] = MappingProxyType({})
_APART: Final = ("CMP-", "V-")


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule, with every place where it is broken.

    `exception_reason` is why the institution asks to be excused from a B* rule; a reviewer must
    then override it or return the application.
    """

    rule_id: str
    rule_version: int
    severity: Severity
    message_zh: str
    remedy_zh: str
    basis: tuple[Citation, ...]
    breaches: tuple[Breach, ...]
    exception_reason: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether it keeps the application from being filed."""
        if self.severity is Severity.OVERRIDABLE:
            return self.exception_reason is None
        return self.severity is Severity.BLOCKING

    @property
    def object_ids(self) -> tuple[str, ...]:
        """The offending objects, each once, in the order of the snapshot."""
        return tuple(dict.fromkeys(one for breach in self.breaches for one in breach.object_ids))

    @property
    def pointers(self) -> tuple[str, ...]:
        """The places to look at, each once."""
        return tuple(dict.fromkeys(breach.pointer for breach in self.breaches))

    @property
    def found(self) -> tuple[Datum, ...]:
        """What stands there, breach by breach."""
        return tuple(breach.found for breach in self.breaches)

    @property
    def required(self) -> tuple[Datum, ...]:
        """What should stand there, breach by breach."""
        return tuple(breach.required for breach in self.breaches)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All findings on one snapshot, sorted by rule."""

    as_of: date
    findings: tuple[Finding, ...]
    is_for_reviewers: bool = False

    def for_reviewers(self) -> "Evaluation":
        """The same with nothing that blocks or waits for the institution: whoever decides reads it.

        So a closing is judged that the authority itself opens because the licence was revoked. The
        authority winds up what the institution owes (民办教育促进法 §58), and no paper that the
        institution withholds keeps it open.
        """
        told = tuple(replace(one, severity=Severity.WARNING) for one in self.findings)
        return replace(self, findings=told, is_for_reviewers=True)

    @property
    def blocks(self) -> bool:
        """Whether the application may not be filed."""
        return any(finding.blocks for finding in self.findings)

    @property
    def blocking(self) -> tuple[str, ...]:
        """The catalogue rules that block; completeness (CMP-, V-) is told apart."""
        return _rule_ids(one for one in self.findings if one.blocks and not _is_apart(one))

    @property
    def warnings(self) -> tuple[str, ...]:
        """The catalogue rules that only warn."""
        return _rule_ids(
            one for one in self.findings if one.severity is Severity.WARNING and not _is_apart(one)
        )

    @property
    def apart(self) -> tuple[Finding, ...]:
        """What concerns the data themselves: lacking, doubtful, beyond the calendar."""
        return tuple(one for one in self.findings if _is_apart(one))

    @property
    def to_acknowledge(self) -> frozenset[str]:
        """The rule ids that the institution must have read before it files."""
        if self.is_for_reviewers:
            return frozenset()
        warnings = {one.rule_id for one in self.findings if one.severity is Severity.WARNING}
        return frozenset(warnings - FOR_REVIEWERS)

    @property
    def to_override(self) -> frozenset[str]:
        """The rule ids that a reviewer must override with a reason before he approves."""
        return frozenset(one.rule_id for one in self.findings if one.exception_reason is not None)


def evaluate(
    snapshot: Snapshot,
    *,
    as_of: date,
    parameters: Parameters,
    calendar: Calendar,
    catalogue: Catalogue,
    exceptions: Mapping[str, str] = _NO_EXCEPTIONS,
) -> Evaluation:
    """Judge the snapshot as of a day, and tell what its owners find doubtful.

    `exceptions` are the B* rules that the institution asks to be excused from, with its reasons.
    """
    facts = Facts(snapshot, as_of=as_of, parameters=parameters, calendar=calendar)
    judged = judge(facts, catalogue, exceptions)
    doubtful = (_finding(head, breaches) for head, breaches in doubts(facts))
    return Evaluation(as_of, _sorted((*judged.findings, *doubtful)))


def judge(
    facts: Facts, catalogue: Catalogue, exceptions: Mapping[str, str] = _NO_EXCEPTIONS
) -> Evaluation:
    """Judge facts by the rules in force on their day.

    A rule that lacks data neither passes nor stops the others: it is reported as CMP-000.
    """
    found: list[Finding] = []
    told: set[str] = set()
    incomplete: Finding | None = None
    for rule in catalogue.in_force(facts.as_of):
        breaches, gaps = _outcomes(rule, facts)
        if rule.head.id == INCOMPLETE:
            incomplete = _finding(rule.head, breaches) if breaches else None
        elif breaches:
            told.update(breach.pointer for breach in breaches)
            found.append(_finding(rule.head, breaches, exceptions.get(rule.head.id)))
        if gaps:
            found.append(_unjudged(rule.head, gaps))
    found.extend(_without_told(incomplete, told))
    return Evaluation(facts.as_of, _sorted(found))


def examine(rule: RuleDefinition, facts: Facts) -> tuple[Finding | None, Finding | None]:
    """One rule alone: what it finds, and where it lacks data to judge by."""
    breaches, gaps = _outcomes(rule, facts)
    found = _finding(rule.head, breaches) if breaches else None
    return found, _unjudged(rule.head, gaps) if gaps else None


def _outcomes(rule: RuleDefinition, facts: Facts) -> tuple[list[Breach], list[MissingData]]:
    breaches: list[Breach] = []
    gaps: list[MissingData] = []
    for outcome in rule.outcomes(facts):
        if isinstance(outcome, MissingData):
            gaps.append(outcome)
        else:
            breaches.append(outcome)
    return breaches, gaps


def _finding(
    head: RuleHead, breaches: Iterable[Breach], exception_reason: str | None = None
) -> Finding:
    excusable = head.severity is Severity.OVERRIDABLE
    return Finding(
        head.id,
        head.version,
        head.severity,
        head.message_zh,
        head.remedy_zh,
        head.basis,
        tuple(breaches),
        exception_reason if excusable else None,
    )


def _unjudged(head: RuleHead, gaps: Iterable[MissingData]) -> Finding:
    places = tuple(
        Breach(gap.object_ids, gap.pointer, found=None, required={"rule_id": head.id})
        for gap in gaps
    )
    return Finding(
        UNJUDGEABLE.id,
        UNJUDGEABLE.version,
        UNJUDGEABLE.severity,
        f"{UNJUDGEABLE.message_zh}：{head.id}",
        UNJUDGEABLE.remedy_zh,
        head.basis,
        places,
    )


def _without_told(incomplete: Finding | None, told: set[str]) -> Iterator[Finding]:
    """CMP-001 does not repeat a null that another rule reports for the same field."""
    if incomplete is None:
        return
    left = tuple(breach for breach in incomplete.breaches if breach.pointer not in told)
    if left:
        yield Finding(
            incomplete.rule_id,
            incomplete.rule_version,
            incomplete.severity,
            f"{incomplete.message_zh}：{labels_zh(left)}",
            incomplete.remedy_zh,
            incomplete.basis,
            left,
        )


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda one: (one.rule_id, one.message_zh)))


def _rule_ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.rule_id for finding in findings))


def _is_apart(finding: Finding) -> bool:
    return finding.rule_id.startswith(_APART)
