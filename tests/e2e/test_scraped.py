"""A true Prometheus over the demonstration: every panel shows something, no rule fails."""

import json

import httpx
import pytest

from otsp_local.environment import ROOT
from otsp_local.monitoring.dashboards import DASHBOARDS
from otsp_local.monitoring.model import Panel
from otsp_local.processes import wait_until
from otsp_local.prometheus import prometheus
from otsp_testkit.promql import filled_in
from otsp_testkit.schools import filed_school

RULES = sorted((ROOT / "deploy" / "monitoring" / "rules").glob("*.yaml"))
BROKER = "the demonstration's bus is inside its worker"
ELSEWHERE = "exported by others, who do not run here"
NOTHING_SUCH = "has not happened in the demonstration, unless another test made it happen"
EMPTY = {
    ("otsp-messaging", "Consumers with their queue"): BROKER,
    ("otsp-messaging", "Told again"): NOTHING_SUCH,
    ("otsp-messaging", "Ready in the queues"): BROKER,
    ("otsp-messaging", "Readers of the queues"): BROKER,
    ("otsp-messaging", "Alarms of the broker"): BROKER,
    ("otsp-messaging", "Through the broker"): BROKER,
    ("otsp-messaging", "Memory and disk of the broker"): BROKER,
    ("otsp-messaging", "Connections to the broker"): BROKER,
    ("otsp-services", "Restarts of containers"): ELSEWHERE,
    ("otsp-services", "CronJobs since they succeeded"): ELSEWHERE,
    ("otsp-services", "Failing operations"): NOTHING_SUCH,
    ("otsp-services", "Answers against the contract"): NOTHING_SUCH,
    ("otsp-services", "Spans that no collector got"): NOTHING_SUCH,
    ("otsp-database", "Servers that answer"): ELSEWHERE,
    ("otsp-database", "Connections"): ELSEWHERE,
    ("otsp-database", "Longest transaction"): ELSEWHERE,
    ("otsp-database", "Transactions"): ELSEWHERE,
    ("otsp-database", "Found in memory"): ELSEWHERE,
    ("otsp-database", "Deadlocks"): ELSEWHERE,
    ("otsp-database", "Locks"): ELSEWHERE,
    ("otsp-database", "Replication lag"): ELSEWHERE,
    ("otsp-database", "Size of databases"): ELSEWHERE,
    ("otsp-database", "Disk space left"): ELSEWHERE,
    ("otsp-database", "Clocks off by"): ELSEWHERE,
    ("otsp-database", "Age of the last backup"): NOTHING_SUCH,
    ("otsp-messaging", "Delivered again"): NOTHING_SUCH,
    ("otsp-people", "Exports"): NOTHING_SUCH,
    ("otsp-people", "Looks in clear"): NOTHING_SUCH,
    ("otsp-people", "Previews, 95th percentile"): NOTHING_SUCH,
    ("otsp-people", "Imports"): NOTHING_SUCH,
    ("otsp-people", "Let go of"): NOTHING_SUCH,
    ("otsp-people", "Mails"): NOTHING_SUCH,
    ("otsp-people", "Uploads refused"): NOTHING_SUCH,
    ("otsp-gateway", "Probes from outside"): ELSEWHERE,
    ("otsp-gateway", "Duration of probes"): ELSEWHERE,
    ("otsp-gateway", "Certificates, days left"): ELSEWHERE,
    ("otsp-gateway", "Gateways that answer"): ELSEWHERE,
    ("otsp-gateway", "Requests at the edge"): ELSEWHERE,
    ("otsp-gateway", "Connections at the edge"): ELSEWHERE,
}


NOT_MEASURED_YET = (
    "count(otsp_job_period_seconds <= 60 unless on (service, job) otsp_job_last_success_timestamp)"
    " or vector(0)"
)
"""Jobs of a minute or less that have not run since the workers started; some set the figures."""


class Asked:
    """Prometheus by its API."""

    def __init__(self, client):
        self._client = client

    def query(self, expr):
        answer = self._client.get("/query", params={"query": expr})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["result"]

    def number(self, expr):
        return float(next(iter(self.query(expr)), {"value": (0, "0")})["value"][1])

    def rules(self):
        groups = self._client.get("/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="module")
def asked(demo, tmp_path_factory):
    """Once it has seen each process a few times and computed what rules record."""
    ports = json.loads((demo.run_dir / "ports.json").read_text(encoding="utf-8"))
    targets = {
        f"otsp-{kind}": [
            f"127.0.0.1:{port}"
            for name, port in ports.items()
            if name.startswith(f"metrics-{kind}")
        ]
        for kind in ("api", "worker", "portal")
    }
    expected = sum(map(len, targets.values()))
    assert expected == 8
    meet_everybody(demo)
    with filed_school(demo.run_dir, gateway_url=demo.url):
        pass  # what its filing leaves in the figures; others may have started the workers anew
    folder = tmp_path_factory.mktemp("prometheus")
    with (
        prometheus(folder, targets, rules=RULES, every="1s") as url,
        httpx.Client(base_url=f"{url}/api/v1", timeout=30) as client,
    ):
        asked = Asked(client)

        def has_seen_all():
            scraped = asked.number("count(count_over_time(up[5m]) >= 4) or vector(0)")
            judged = asked.number("count(otsp:freshness_budget_left:ratio_30d) or vector(0)")
            return scraped >= expected and judged >= 6 and asked.number(NOT_MEASURED_YET) == 0

        assert wait_until(has_seen_all, seconds=120)
        yield asked


def meet_everybody(demo):
    """What leaves a trace in each part: a page, a look-up, a wrong key, a login."""
    public = f"{demo.url}/api/compliance/v1/public/register"
    pages = {f"{demo.url}/": 200, public: 200}
    told = {page: httpx.get(page, follow_redirects=True, timeout=30) for page in pages}
    assert {page: answer.status_code for page, answer in told.items()} == pages
    guessed = {"Authorization": f"Bearer otsp_{'x' * 43}"}
    refused = httpx.get(f"{demo.url}/api/auth/v1/api-keys", headers=guessed, timeout=30)
    assert refused.status_code == 401
    with demo.login("reviewer-330106-education") as reviewer:
        assert reviewer.get("/api/compliance/v1/cases").status_code == 200


def test_every_panel_shows_something_or_says_why_not(asked):
    empty = {
        (board.uid, panel.title)
        for board in DASHBOARDS
        for panel in board.panels
        if isinstance(panel, Panel)
        and not any(asked.query(filled_in(query.expr)) for query in panel.queries)
    }

    assert empty <= set(EMPTY), f"without a reason: {sorted(empty - set(EMPTY))}"
    never = {panel for panel, reason in EMPTY.items() if reason != NOTHING_SUCH}
    assert never <= empty, f"show something all the same: {sorted(never - empty)}"


def test_our_own_labels_keep_their_names(asked):
    assert asked.query('{__name__=~"otsp_.+", exported_job!=""}') == []
    assert len(asked.query("count by (job) (otsp_job_period_seconds)")) > 30


def test_all_rules_can_be_evaluated_and_nobody_is_woken(asked):
    rules = asked.rules()

    assert len(rules) > 90
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    firing = {
        rule["name"]
        for rule in rules
        if rule["type"] == "alerting" and rule["state"] == "firing"
        if rule["labels"]["severity"] == "page"
    }
    assert firing == set()


def test_processes_are_known_by_the_jobs_that_rules_ask_for(asked):
    assert len(asked.query('up{job=~"otsp|otsp-(api|worker|portal)"} == 1')) == 8
