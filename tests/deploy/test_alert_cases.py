"""Every alert fires when it should, and not when something merely looks like it."""

import re
from pathlib import Path

import pytest
import yaml

from otsp_local.monitoring.alerts import ALERTS, FOREIGN, OWN
from otsp_local.monitoring.model import Recorded
from otsp_local.prometheus import promtool

CASES = {
    name: cases
    for file in sorted(Path(__file__).with_name("alert_cases").glob("*.yaml"))
    for name, cases in yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader).items()
}
"""As texts, all of them: to YAML `0x20` is a number."""
RECORDED = {
    rule.name: rule.expr
    for group in (*OWN, *FOREIGN)
    for rule in group.rules
    if isinstance(rule, Recorded)
}
OURS = re.compile(r"otsp:\w+:\w+")


def needed_by(expr):
    """The recorded series it asks for, those first that others are computed from."""
    names = []
    for name in OURS.findall(expr):
        names += [*needed_by(RECORDED[name]), name]
    return list(dict.fromkeys(names))


def rules_of(alert):
    recorded = [{"record": name, "expr": RECORDED[name]} for name in needed_by(alert.expr)]
    told = {"alert": alert.name, "expr": alert.expr, "for": alert.wait}
    return {"groups": [{"name": "tried", "rules": [*recorded, told]}]}


def trial(alert, word):
    case = CASES[alert.name][word]
    firing = f'count(ALERTS{{alertname="{alert.name}", alertstate="firing"}}) > bool 0'
    wanted = [{"labels": "{}", "value": 1}] if word == "fires" else []
    return {
        "interval": case.get("every", "1m"),
        "input_series": [
            {"series": series, "values": values} for series, values in case["with"].items()
        ],
        "promql_expr_test": [{"expr": firing, "eval_time": case["at"], "exp_samples": wanted}],
        "name": f"{alert.name} {word}",
    }


def test_every_alert_has_a_case_that_fires_and_one_that_rests():
    assert sorted(CASES) == sorted(alert.name for alert in ALERTS)
    assert all(set(cases) == {"fires", "rests"} for cases in CASES.values())


@pytest.mark.parametrize("word", ["fires", "rests"])
def test_alerts_fire_and_rest_as_their_cases_say(word, tmp_path):
    files = []
    for alert in ALERTS:
        rules, trials = tmp_path / f"{alert.name}.rules", tmp_path / f"{alert.name}.yaml"
        rules.write_text(yaml.safe_dump(rules_of(alert)), encoding="utf-8")
        document = {
            "rule_files": [rules.name],
            "evaluation_interval": CASES[alert.name][word].get("every", "1m"),
            "tests": [trial(alert, word)],
        }
        trials.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        files.append(str(trials))

    told = promtool("test", "rules", *files)

    assert told.returncode == 0, told.stdout + told.stderr
