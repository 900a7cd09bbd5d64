"""What the checker finds, and the one line that it comes to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["lost", "duplicated", "stuck", "mismatched", "out_of_order"]
KINDS: tuple[Kind, ...] = ("lost", "duplicated", "stuck", "mismatched", "out_of_order")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be; `invariant` as docs/drill.md numbers them."""

    kind: Kind
    invariant: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """One drill's outcome. The first four count submissions, the last two are seconds."""

    attempted: int
    acknowledged: int
    unknown: int
    """Submissions of which an attempt was not answered."""
    recovered: int
    """Those of them of which the same key told in the end what had become of them."""
    refused: int
    commands: int
    """Everything that was asked for: submissions, edits, withdrawals, decisions."""
    kills: int
    faults: int
    findings: Sequence[Finding]
    max_settle_s: float
    """The longest from an acknowledgement to the end of the gathering."""
    quiet_after_s: float
    """From the last answer, or the end of the last fault, until nothing moved any more."""
    looked_at: dict[str, int] = field(default_factory=dict)
    """How much of everything was compared: a check of nothing proves nothing."""

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(each.kind for each in self.findings)
        return {kind: found[kind] for kind in KINDS}

    @property
    def is_well(self) -> bool:
        return not self.findings and self.acknowledged > 0

    def __str__(self) -> str:
        parts = [
            ("attempted", self.attempted), ("acknowledged", self.acknowledged),
            ("unknown", self.unknown), ("recovered", self.recovered), ("refused", self.refused),
            *self.counts.items(), ("kills", self.kills), ("faults", self.faults),
            ("max_settle_s", round(self.max_settle_s, 1)),
            ("quiet_after_s", round(self.quiet_after_s, 1)),
        ]  # fmt: skip
        return " ".join(f"{name} {value}" for name, value in parts)

    def as_dict(self) -> dict[str, object]:
        told = {
            name: getattr(self, name)
            for name in ("attempted", "acknowledged", "unknown", "recovered", "refused", "commands",
                         "kills", "faults", "max_settle_s", "quiet_after_s", "looked_at")
        }  # fmt: skip
        findings = [
            {"kind": each.kind, "invariant": each.invariant, "what": each.what}
            for each in self.findings
        ]
        return told | self.counts | {"is_well": self.is_well, "findings": findings}
