"""What a newly published version means for an institution that is compliant.

Only what the version itself brings is held against it: the same facts on the same day are judged
by the version before, so that what time has done to a sealed snapshot is not mistaken for a breach.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from otsp_compliance.rules.engine import Finding, examine
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach
from otsp_compliance.rules.registry import RuleDefinition, Severity
from otsp_compliance.rules.wording import found_zh, required_zh

_WEIGHT: Final[Mapping[Severity, int]] = {
    Severity.WARNING: 0,
    Severity.OVERRIDABLE: 1,
    Severity.BLOCKING: 2,
}
_PLACES_TOLD: Final = 5


class Outcome(StrEnum):
    """`unaffected` also where a breach is no news: it was one of equal weight before."""

    UNAFFECTED = "unaffected"
    BREACHED = "breached"
    UNJUDGED = "unjudged"
    NO_SNAPSHOT = "no_snapshot"


@dataclass(frozen=True, slots=True)
class Reexamined:
    """The finding has the new breaches only, or the places where data are lacking."""

    outcome: Outcome
    finding: Finding | None = None

    @property
    def needs_task(self) -> bool:
        """Whether the institution must put something right; a warning asks for nothing."""
        return (
            self.outcome is Outcome.BREACHED
            and self.finding is not None
            and self.finding.severity is not Severity.WARNING
        )


def re_examine(new: RuleDefinition, old: RuleDefinition | None, facts: Facts) -> Reexamined:
    """`old` is the version that would hold without the publication; None when none would."""
    found, unjudged = examine(new, facts)
    known = examine(old, facts)[0] if old is not None else None
    if (
        found is not None
        and known is not None
        and _WEIGHT[known.severity] >= _WEIGHT[found.severity]
    ):
        told = {(breach.object_ids, breach.pointer) for breach in known.breaches}
        left = tuple(one for one in found.breaches if (one.object_ids, one.pointer) not in told)
        found = replace(found, breaches=left) if left else None
    if found is not None:
        return Reexamined(Outcome.BREACHED, found)
    return Reexamined(Outcome.UNJUDGED, unjudged) if unjudged else Reexamined(Outcome.UNAFFECTED)


def task_text_zh(new: RuleDefinition, finding: Finding, *, sealed_on: str) -> str:
    """Why a rectification task is opened, for the institution to read."""
    head = new.head
    places = "；".join(_place_zh(one) for one in finding.breaches[:_PLACES_TOLD])
    more = "等" if len(finding.breaches) > _PLACES_TOLD else ""
    basis = "、".join(citation.text_zh for citation in head.basis)
    return (
        f"规则{head.id}第{head.version}版自{head.effective_from}起施行，按{sealed_on}封存的填报信息"
        f"重新检查发现：{finding.message_zh}（共{len(finding.breaches)}处：{places}{more}）。"
        f"整改要求：{finding.remedy_zh}。依据：{basis}。"
    )


def _place_zh(breach: Breach) -> str:
    where = "、".join(breach.object_ids) or breach.pointer
    return f"{where}现为“{found_zh(breach)}”，应为“{required_zh(breach)}”"
