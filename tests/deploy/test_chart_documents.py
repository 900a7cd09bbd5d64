"""What stands beside the chart is true: README, copies, images, examples, the roles' SQL."""

import re
import shutil
import subprocess

import psycopg
import pytest
import yaml

from otsp_local.chart import CHART, generated, superfluous
from otsp_local.environment import ROOT
from otsp_local.postgres import LocalPostgres
from otsp_local.programs import SERVICES
from otsp_local.servers import find_postgres
from otsp_testkit.chart import VALUES, defaults, flat, render, rendered

EXAMPLES = ROOT / "docs" / "deployment" / "examples"
PAGE = ROOT / "docs" / "deployment" / "helm.md"
RULE = """\
groups:
  - name: otsp
    rules:
      - alert: OutboxStalled
        expr: otsp_outbox_oldest_age_seconds > 300
        annotations:
          summary: "{{ $labels.service }} is late by {{ $value }}"
"""


@pytest.mark.parametrize("path", sorted(generated()))
def test_what_is_generated_is_as_it_would_be_written_now(path):
    assert (CHART / path).read_text(encoding="utf-8") == generated()[path], "./dev export-chart"


def test_no_copy_is_left_of_what_is_gone():
    assert superfluous() == []


def test_the_table_names_every_value():
    table = (CHART / "README.md").read_text(encoding="utf-8")
    alike = ("worker", "portal", "gateway", "services", "jobs")

    for path, _ in flat(defaults()):
        if path[0] not in alike and not {"requests", "limits"} & set(path):
            parent = ".".join(path[:-1])
            assert f"| `{'.'.join(path)}` |" in table or f"| `{parent}` | `" in table, path


def test_rules_and_dashboards_come_along_unchanged(tmp_path):
    chart = tmp_path / "otsp"
    shutil.copytree(CHART, chart)
    for folder in ("rules", "dashboards"):
        (chart / "files" / folder).mkdir(parents=True, exist_ok=True)
    (chart / "files/rules/outbox.yaml").write_text(RULE, encoding="utf-8")
    dashboard = '{"title": "{{service}}", "panels": []}'
    (chart / "files/dashboards/messaging.json").write_text(dashboard, encoding="utf-8")

    operated = render({"monitoring": {"enabled": True}}, chart)
    plain = render({"monitoring": {"enabled": True, "operator": False}}, chart)

    assert operated.named("PrometheusRule", "otsp-rules-outbox")["spec"] == yaml.safe_load(RULE)
    assert plain.of_kind("PrometheusRule") == plain.of_kind("ServiceMonitor") == []
    copied = plain.named("ConfigMap", "otsp-rules")["data"]["outbox.yaml"]
    assert yaml.safe_load(copied) == yaml.safe_load(RULE)
    for each in (operated, plain):
        board = each.named("ConfigMap", "otsp-dashboard-messaging")
        assert board["data"]["messaging.json"].strip() == dashboard
        assert board["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_the_operators_job_is_the_one_that_rules_ask_for_whatever_the_chart_is_called():
    (monitor,) = render({"nameOverride": "training", "monitoring": {"enabled": True}}).of_kind(
        "ServiceMonitor"
    )

    (endpoint,) = monitor["spec"]["endpoints"]
    assert {"targetLabel": "job", "replacement": "otsp"} in endpoint["relabelings"]


def test_a_prometheus_without_the_operator_finds_every_process():
    pods = render({"monitoring": {"enabled": True, "operator": False}}).pods()
    marked = {
        pod.name: pod.annotations["prometheus.io/port"]
        for pod in pods
        if pod.annotations.get("prometheus.io/scrape") == "true"
    }

    assert set(marked) == {pod.name for pod in pods if pod.kind == "Deployment"} - {"otsp-gateway"}
    assert set(marked.values()) == {"9090"}


def test_every_image_that_is_rendered_is_in_the_list():
    listed = (CHART / "images.txt").read_text(encoding="utf-8").split()

    for variant in ("default", "demo", "ha"):
        for pod in rendered(variant).pods():
            for container in pod.containers():
                assert container["image"] in listed


def test_examples_and_values_files_are_named_where_somebody_looks():
    page = PAGE.read_text(encoding="utf-8")
    readme = (CHART / "README.md").read_text(encoding="utf-8")

    for file in EXAMPLES.iterdir():
        assert f"examples/{file.name}" in page, file.name
        if file.suffix == ".yaml":
            assert list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    for file in VALUES.values():
        assert f"values/{file.name}" in readme, file.name


def test_values_in_the_page_are_values_of_the_chart():
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)

    assert blocks
    for block in blocks:
        render({"database": {"maxConnections": 2_000}} | yaml.safe_load(block))


@pytest.fixture
def server(tmp_path):
    postgres = LocalPostgres(tmp_path / "postgres", fsync=False)
    postgres.start()
    yield postgres
    postgres.erase()


def roles_of_the_demonstration(folder):
    return rendered("demo").named("Secret", "otsp-demo")["stringData"]["roles.sql"]


def roles_of_the_example(folder):
    script = EXAMPLES / "databases.sh"
    subprocess.run([script, "pg.example:5432"], cwd=folder, check=True)
    env = dict(line.split("=", 1) for line in (folder / "databases.env").read_text().splitlines())
    assert set(env) == {f"{name}-{kind}" for name in SERVICES for kind in ("url", "migration-url")}
    return (folder / "databases.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("roles", [roles_of_the_demonstration, roles_of_the_example])
def test_the_roles_are_those_that_the_services_need(server, tmp_path, roles):
    binaries = find_postgres()
    assert binaries is not None
    command = [binaries.folder / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]

    subprocess.run([*command, server.superuser_dsn()], input=roles(tmp_path), text=True, check=True)

    for name in SERVICES:
        with psycopg.connect(server.superuser_dsn(f"otsp_{name}")) as connection:
            connection.execute(f"SET ROLE otsp_{name}_owner")
            connection.execute("CREATE TABLE kept (id serial PRIMARY KEY, told text)")
            connection.execute(f"RESET ROLE; SET ROLE otsp_{name}_app")
            connection.execute("INSERT INTO kept (told) VALUES ('row')")
            assert connection.execute("SELECT told FROM kept").fetchall() == [("row",)]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE other (id int)")
