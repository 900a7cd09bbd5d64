"""docs/rules.md: every rule that is written, with its law, printed from the registry."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from otsp_compliance.rules.catalogue import all_rules
from otsp_compliance.rules.completeness import UNJUDGEABLE
from otsp_compliance.rules.registry import RuleHead
from otsp_compliance.rules.sources import Citation, Standing
from otsp_compliance.rules.strictness import LABELS_ZH

_FAMILIES: Final = {
    "CMP": "Completeness 数据完整性 — told apart from the 98",
    "LIC": "Licence and registration 证照",
    "PTY": "Party building 党建",
    "STF": "Staff 从业人员",
    "TIM": "Time 培训时间",
    "CRS": "Courses 课程",
    "MAT": "Materials 培训材料",
    "FND": "Funds 资金",
    "SIT": "Sites and safety 场所安全",
    "NET": "Online systems 线上系统",
    "DER": "Deregistration 注销 — judged of those who close",
}
_STANDINGS: Final = {
    Standing.SEEN: "",
    Standing.LOCAL: " [local]",
    Standing.RECALLED: " [recalled]",
    Standing.OWN: " [own]",
}
_COLUMNS: Final = (
    "rule",
    "version",
    "severity",
    "for",
    "what it says when broken",
    "what to do",
    "basis",
    "from",
    "to",
    "parameters",
)
_HEAD: Final = """# Rules

What an institution is judged by, printed by `./dev export-docs` from the registry in
`services/compliance`. Severities: **B** blocks; **B\\*** blocks unless an exception is asked for,
which a reviewer must then override with a reason; **W** must be read. A version holds while
`from <= day < to`; `GET /api/compliance/v1/rules` tells what holds today, with what has been
published since. Without data a rule is never kept: CMP-000 or CMP-001 says what lacks.

Each rule is shown kept, broken and at its boundary in process
(`./dev test services/compliance/tests/rules`), and broken by a dossier that goes through the
gateway (`./dev test tests/e2e/test_every_rule_end_to_end.py -k TIM-005`).

Basis: a document's number stands only where it is confirmed. [local] is said by some provinces or
cities only, [recalled] is known but not yet read at the source, [own] is what the platform asks.
"""


def rules_page() -> str:
    """One table for each family, in the order in which findings are told."""
    heads = [UNJUDGEABLE, *(one.head for one in all_rules().rules)]
    by_family = {
        family: list(rows)
        for family, rows in groupby(sorted(heads, key=_order), key=lambda head: head.family)
    }
    lines = [_HEAD]
    for family, title in _FAMILIES.items():
        lines += _table(f"{family} · {title}", by_family[family])
    return "\n".join([*lines, *_parameters()])


def _order(head: RuleHead) -> tuple[str, int]:
    return head.id, head.version


def _table(title: str, heads: Sequence[RuleHead]) -> Iterator[str]:
    rules = len({head.id for head in heads})
    yield f"## {title} ({rules})\n"
    yield f"| {' | '.join(_COLUMNS)} |"
    yield "|---" * len(_COLUMNS) + "|"
    for head in heads:
        cells = (
            head.id,
            str(head.version),
            head.severity.value.replace("*", r"\*"),
            head.applies.text_zh,
            head.message_zh,
            head.remedy_zh,
            "; ".join(_told(citation) for citation in head.basis),
            head.effective_from.isoformat() if head.effective_from else "when published",
            head.effective_to.isoformat() if head.effective_to else "",
            ", ".join(f"`{name}`" for name in head.parameters),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _told(citation: Citation) -> str:
    return citation.text_zh + _STANDINGS[citation.standing]


def _parameters() -> Iterator[str]:
    users: dict[str, list[str]] = {name: [] for name in LABELS_ZH}
    for one in all_rules().rules:
        for name in one.head.parameters:
            if one.head.id not in users[name]:
                users[name].append(one.head.id)
    yield "## Parameters\n"
    yield "Their values in a region: `GET /api/compliance/v1/region-parameters/{region_code}`.\n"
    yield "| parameter | 中文 | read by |"
    yield "|---|---|---|"
    for name, label in LABELS_ZH.items():
        yield f"| `{name}` | {label} | {', '.join(users[name])} |"
    yield ""
