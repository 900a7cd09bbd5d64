"""Rules as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from otsp_local.monitoring.alerts import FOREIGN, OWN
from otsp_local.monitoring.dashboards import DASHBOARDS
from otsp_local.monitoring.grafana import panel_numbers
from otsp_local.monitoring.model import Alert, Group, Recorded

RUNBOOKS = "https://otsp.example.cn/docs/runbooks"
"""Where an installation shows docs/runbooks; `--runbooks` names another address."""
FILES = {"otsp.yaml": OWN, "foreign.yaml": FOREIGN}
_HEAD = "# Written by ./dev export-monitoring from local/src/otsp_local/monitoring; do not edit.\n"
_WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks."""


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _as_block)


def rule_files(runbooks: str = RUNBOOKS) -> dict[str, str]:
    """File name → its text."""
    return {name: _HEAD + _dumped(groups, runbooks) for name, groups in FILES.items()}


def _dumped(groups: Iterable[Group], runbooks: str) -> str:
    document = {"groups": [_group(group, runbooks) for group in groups]}
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def _group(group: Group, runbooks: str) -> Mapping[str, Any]:
    rules = [
        _recorded(rule) if isinstance(rule, Recorded) else _alert(rule, runbooks)
        for rule in group.rules
    ]
    return {"name": group.name, "rules": rules}


def _recorded(rule: Recorded) -> Mapping[str, Any]:
    return {"record": rule.name, "expr": _broken(rule.expr)}


def _alert(rule: Alert, runbooks: str) -> Mapping[str, Any]:
    return {
        "alert": rule.name,
        "expr": _broken(rule.expr),
        "for": rule.wait,
        "labels": {"severity": rule.severity, "platform": "otsp"},
        "annotations": {
            "summary": rule.summary,
            "description": rule.description,
            "runbook_url": f"{runbooks.rstrip('/')}/{rule.name}.md",
            "dashboard": _address(rule),
        },
    }


def _address(rule: Alert) -> str:
    """Below Grafana's own address."""
    board = next(each for each in DASHBOARDS if each.uid == rule.place.dashboard)
    number = panel_numbers(board)[rule.place.panel]
    return f"/d/{board.uid}?viewPanel={number}"


def _broken(expr: str) -> str:
    """Long ones over several lines, each beginning with its operator."""
    if len(expr) < _WIDTH - 20:
        return expr
    for word in (" and ", " or ", " unless ", " / "):
        expr = expr.replace(word, f"\n{word[1:]}")
    return expr
