"""Rules and dashboards ask for what the platform exports, and lead whoever is woken somewhere."""

import json
import re
from types import SimpleNamespace

import pytest
import yaml
from prometheus_client import Gauge

from otsp_chassis import metrics
from otsp_local.environment import ROOT
from otsp_local.monitoring.alerts import ALERTS, FOREIGN, OWN
from otsp_local.monitoring.dashboards import DASHBOARDS
from otsp_local.monitoring.foreign_metrics import EXPORTERS, GIVEN_BY_PROMETHEUS, LABELS
from otsp_local.monitoring.grafana import dashboard_file
from otsp_local.monitoring.model import Alert, Panel
from otsp_local.monitoring.page import with_parts
from otsp_local.monitoring.rule_files import rule_files
from otsp_local.prometheus import promtool
from otsp_testkit.promql import asked_by, filled_in
from otsp_testkit.series import KNOWN, exported, faults_of, own_metrics

MONITORING = ROOT / "deploy" / "monitoring"
HEADINGS = ["Meaning", "Impact", "First look", "Commands", "Verify", "When to escalate"]


RULES = [rule for group in (*OWN, *FOREIGN) for rule in group.rules]
PANELS = [
    (f"{board.uid}: {panel.title}", panel)
    for board in DASHBOARDS
    for panel in board.panels
    if isinstance(panel, Panel)
]
EXPRESSIONS = [(rule.name, rule.expr) for rule in RULES] + [
    (name, query.expr) for name, panel in PANELS for query in panel.queries
]


def test_committed_rules_and_dashboards_are_what_the_code_writes():
    wanted = {f"rules/{name}": text for name, text in rule_files().items()} | {
        f"dashboards/{board.uid}.json": dashboard_file(board) for board in DASHBOARDS
    }
    found = {
        str(file.relative_to(MONITORING)): file.read_text(encoding="utf-8")
        for folder in ("rules", "dashboards")
        for file in (MONITORING / folder).iterdir()
    }
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")

    assert found == wanted, "run ./dev export-monitoring"
    assert page == with_parts(page), "run ./dev export-monitoring"


def test_prometheus_takes_the_rules_and_the_example_of_a_configuration():
    rules = promtool("check", "rules", *map(str, sorted((MONITORING / "rules").iterdir())))
    config = promtool("check", "config", str(MONITORING / "prometheus.yml"))

    assert rules.returncode == 0, rules.stderr
    assert config.returncode == 0, config.stderr + config.stdout


def test_prometheus_takes_every_query_of_a_panel(tmp_path):
    rules = []
    for number, (_, expr) in enumerate(EXPRESSIONS):
        rules.append({"record": f"panel:{number}", "expr": filled_in(expr)})
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    told = promtool("check", "rules", str(file))

    assert told.returncode == 0, told.stderr + told.stdout


@pytest.mark.parametrize(("name", "expr"), EXPRESSIONS)
def test_queries_ask_for_what_is_exported(name, expr):
    assert list(faults_of(expr)) == []


@pytest.mark.parametrize(
    ("expr", "fault"),
    [
        ("otsp_dead_leters", "nobody exports otsp_dead_leters"),
        ('sum(otsp_dead_letters{queue="x"})', "otsp_dead_letters has no label queue"),
        ("sum by (stage) (otsp_dead_letters)", "nothing here has the label stage"),
    ],
)
def test_a_slip_in_a_query_is_found(expr, fault):
    assert list(faults_of(expr)) == [fault]


def test_values_that_queries_compare_with_are_written_somewhere_in_the_code():
    sources = "\n".join(
        file.read_text(encoding="utf-8")
        for folder in ("libs", "services", "portal")
        for file in (ROOT / folder).rglob("src/**/*.py")
        if "testkit" not in file.parts
    )
    compared = {
        (label, value)
        for _, expr in EXPRESSIONS
        for metric, labels in asked_by(expr).metrics.items()
        if metric in exported()
        for label, values in labels.items()
        if label not in {"le", "method", "service", "code", *GIVEN_BY_PROMETHEUS}
        for value in values
        if not re.search(r"[.*+\[]", value.replace(".v1", "").replace(".snapshot", ""))
    }

    assert len(compared) > 15
    assert [pair for pair in sorted(compared) if f'"{pair[1]}"' not in sources] == []


def test_limits_of_buckets_exist():
    asked = [
        (metric, float(value))
        for _, expr in EXPRESSIONS
        for metric, labels in asked_by(expr).metrics.items()
        for value in labels.get("le", ())
    ]
    limits = {
        f"{metric._name}_bucket": set(metric._kwargs.get("buckets", ()))
        for metric in own_metrics()
        if metric._type == "histogram"
    }

    assert asked
    assert [pair for pair in asked if pair[1] not in limits[pair[0]]] == []


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_alert_leads_to_a_runbook_and_to_a_panel_of_the_same_figures(alert):
    runbook = (ROOT / "docs" / "runbooks" / f"{alert.name}.md").read_text(encoding="utf-8")
    board = next(board for board in DASHBOARDS if board.uid == alert.place.dashboard)
    panel = next(panel for panel in board.panels if panel.title == alert.place.panel)
    shown = {name for query in panel.queries for name in stems(query.expr)}

    assert runbook.startswith(f"# {alert.name}\n")
    assert re.findall(r"^## (.*)$", runbook, re.MULTILINE) == HEADINGS
    assert shown & stems(alert.expr)


def stems(expr):
    """Metrics without what only tells sum, count and window apart."""
    found = set()
    for metric in asked_by(expr).metrics:
        if metric.startswith("otsp:"):
            found.add(metric.partition(":ratio")[0])
        found.add(re.sub(r"_(bucket|count|sum)$", "", metric))
    return found


def test_alerts_say_who_is_meant_and_what_is_wrong():
    names = [alert.name for alert in ALERTS]

    assert len(names) == len(set(names))
    for alert in ALERTS:
        assert alert.summary, alert.name
        assert alert.description.endswith("."), alert.name
        told = re.findall(r"\$labels\.(\w+)", alert.summary + alert.description)
        asked = asked_by(alert.expr)
        labels = asked.groups | {"instance", "metric"}
        labels = labels.union(*(KNOWN[metric] for metric in asked.metrics))
        assert set(told) <= labels, alert.name


def test_figures_of_a_promise_vanish_loudly():
    text = next(alert.expr for alert in ALERTS if alert.name == "MetricAbsent")
    for metric in (
        "otsp_http_failures_total",
        "otsp_submission_oldest_age_seconds",
        "otsp_outbox_oldest_age_seconds",
        "otsp_dead_letters",
        "otsp_job_last_success_timestamp",
    ):
        assert f"absent({metric}" in text


def test_committed_dashboards_name_no_data_source_and_explain_every_panel():
    for file in (MONITORING / "dashboards").iterdir():
        board = json.loads(file.read_text(encoding="utf-8"), object_hook=of_dict)
        sources = {one.name for one in board.templating.list if one.type == "datasource"}
        panels = [panel for panel in board.panels if panel.type != "row"]
        ids = [panel.id for panel in board.panels]

        assert len(ids) == len(set(ids))
        for panel in panels:
            assert panel.description.strip(), panel.title
            for place in (panel, *panel.targets):
                assert place.datasource.uid.strip("${}") in sources, panel.title
            if panel.type in {"timeseries", "stat", "table"}:
                assert panel.fieldConfig.defaults.unit, panel.title
                assert all(target.legendFormat for target in panel.targets), panel.title


def of_dict(members):
    return SimpleNamespace(**members) if all(key.isidentifier() for key in members) else members


def test_panels_do_not_lie_over_each_other():
    for file in (MONITORING / "dashboards").iterdir():
        taken = set()
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            place = panel["gridPos"]
            squares = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not squares & taken, (file.name, panel["title"])
            assert place["x"] + place["w"] <= 24
            taken |= squares


def test_every_metric_of_the_platform_is_shown_somewhere():
    shown = {metric for _, expr in EXPRESSIONS for metric in asked_by(expr).metrics}
    series = {name for name in exported() if not name.endswith(("_bucket", "_count", "_sum"))}
    series |= {name.removesuffix("_bucket") for name in exported() if name.endswith("_bucket")}
    shown |= {re.sub(r"_(bucket|count)$", "", name) for name in shown}

    assert sorted(series - shown) == sorted(NOT_SHOWN)


NOT_SHOWN = {
    "otsp_build_info": "no process sets it yet",
    "otsp_calendar_covers_until_timestamp": "otsp_calendar_days_left tells the same",
}


def test_page_tells_every_figure():
    page = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")

    assert [metric._name for metric in own_metrics() if f"`{metric._name}" not in page] == []


def test_foreign_metrics_are_told_with_their_exporter_and_are_not_ours():
    assert all(exporter.version for exporter in EXPORTERS)
    assert not LABELS.keys() & exported().keys()
    asked = {metric for _, expr in EXPRESSIONS for metric in asked_by(expr).metrics}
    assert LABELS.keys() - asked == set(), "listed, and nobody asks for it"


OF_EACH_PROCESS = {"otsp_db_pool_in_use", "otsp_db_pool_size", "otsp_http_in_flight"}
"""Gauges that add up. All others are of the database, and every replica of a worker tells them."""


@pytest.mark.parametrize(("name", "expr"), EXPRESSIONS)
def test_what_every_replica_tells_alike_is_not_added_up(name, expr):
    shared = {
        each._name for each in vars(metrics).values() if isinstance(each, Gauge)
    } - OF_EACH_PROCESS

    added = re.findall(r"sum(?: by \([^)]*\))? ?\((\w+)", expr)
    assert shared.isdisjoint(added)


def test_alerts_are_alerts():
    assert all(isinstance(alert, Alert) for alert in ALERTS)
    assert {alert.severity for alert in ALERTS} == {"page", "ticket", "business"}


@pytest.mark.parametrize(
    "file",
    [
        "deploy/monitoring/prometheus.yml",
        "deploy/compose/prometheus.yml",
        "docs/deployment/examples/prometheus-scrape.yaml",
    ],
)
def test_whoever_scrapes_us_leaves_our_labels_their_names(file):
    told = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    jobs = told if isinstance(told, list) else told["scrape_configs"]
    ours = [job for job in jobs if job["job_name"].startswith("otsp") and "params" not in job]

    assert ours
    assert all(job.get("honor_labels") is True for job in ours)
