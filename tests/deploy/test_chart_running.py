"""What would only show in a running cluster: uploads, busy processes, restarts, two stores."""

import re

import pytest
import yaml

from otsp_gateway.routes import load_routes
from otsp_local.environment import ROOT
from otsp_testkit.chart import VARIANTS, render, rendered, values_of

_SIZES = {"k": 2**10, "m": 2**20, "Mi": 2**20, "Gi": 2**30}
_NGINX = "nginx.ingress.kubernetes.io/"
BACKUP = {"jobs": {"backup": {"enabled": True}}}
variants = pytest.mark.parametrize("variant", VARIANTS)


def size(text):
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()
    return int(number) * _SIZES[unit]


def largest_upload():
    table = load_routes()
    bodies = [table.portal.upload_body, *(each.body for each in table.routes if each.body)]
    return max(size(told) for told in bodies)


@variants
def test_the_portal_has_room_for_an_upload_in_every_thread(variant):
    """Flask lays a form's files down in /tmp before they go on to the API."""
    for pod in rendered(variant).pods():
        if pod.component == "portal":
            told = next(each for each in pod.spec["volumes"] if each["name"] == "tmp")["emptyDir"]
            threads = int(rendered(variant).environment_of(pod.containers()[0])["OTSP_THREADS"])

            assert told.get("medium") != "Memory"
            assert size(told["sizeLimit"]) >= threads * largest_upload()


@variants
def test_an_ingress_of_nginx_takes_what_the_gateway_takes(variant):
    """ingress-nginx itself refuses bodies of more than 1 MB."""
    for each in rendered(variant).of_kind("Ingress"):
        if each["spec"]["ingressClassName"] == "nginx":
            told = each["metadata"].get("annotations", {})
            assert size(told[f"{_NGINX}proxy-body-size"]) >= largest_upload()
            assert told[f"{_NGINX}proxy-request-buffering"] == "off"


@variants
def test_a_busy_process_is_not_taken_for_a_dead_one(variant):
    """Eight slow uploads hold eight threads; metrics are answered by a thread of their own."""
    for pod in rendered(variant).pods():
        if pod.component in ("api", "portal", "worker"):
            for each in pod.containers():
                if "livenessProbe" in each:
                    assert each["livenessProbe"]["httpGet"]["port"] == "metrics", pod.name


def test_servers_of_the_demonstration_keep_the_modes_that_they_gave_their_files():
    """Erlang refuses a cookie that its group may read, and `Always` lets it at every mount."""
    for pod in rendered("demo").pods():
        if pod.kind == "StatefulSet":
            assert pod.spec["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"


def rules(ours, name, direction):
    """The pods of that name, which have the same policies, and all that these let in or out."""
    pod, *others = (each for each in ours.pods() if each.name == name)
    policies = [each["spec"] for each in ours.of_kind("NetworkPolicy")]
    of_it, *of_others = (
        [each for each in policies if selects(each["podSelector"], one.labels)]
        for one in (pod, *others)
    )
    assert all(each == of_it for each in of_others), name
    return pod, [rule for each in of_it for rule in each.get(direction, ())]


def selects(selector, labels):
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ())
    )


def egress(ours, name, port):
    """Peers that a pod may speak to at that port; [] for nobody, None for everybody."""
    found = []
    for rule in rules(ours, name, "egress")[1]:
        if port in [each["port"] for each in rule["ports"]]:
            if "to" not in rule:
                return None
            found += rule["to"]
    return found


def is_let_through(ours, source, target):
    """From one pod to the other's http, by what both may do."""
    sender, out = rules(ours, source, "egress")
    receiver, into = rules(ours, target, "ingress")

    def is_met(rule, peers, pod):
        named = {"port": "http"} in rule["ports"]
        told = [each.get("podSelector", {"matchLabels": {"": ""}}) for each in rule.get(peers, ())]
        return named and (peers not in rule or any(selects(each, pod.labels) for each in told))

    return any(is_met(each, "to", receiver) for each in out) and any(
        is_met(each, "from", sender) for each in into
    )


@variants
def test_just_what_flows_between_our_pods_is_let_through(variant):
    ours = rendered(variant)
    names = [pod.name for pod in ours.pods()]
    apis = [each["metadata"]["labels"] for each in ours.of_kind("Deployment")]
    apis = [
        f"otsp-{each['otsp-service']}"
        for each in apis
        if each["app.kubernetes.io/component"] == "api"
    ]
    serving = [*apis, "otsp-portal", "otsp-gateway"]
    asking = {("otsp-gateway", each) for each in [*apis, "otsp-portal"]}
    jobs = [pod.name for pod in ours.pods() if pod.component in ("job", "probe")]
    asking |= {(each, "otsp-gateway") for each in ["otsp-portal", *jobs]}

    let_through = {
        (source, target)
        for source in names
        for target in serving
        if source != target and is_let_through(ours, source, target)
    }

    assert let_through == asking


@variants
def test_texts_and_mails_go_out_of_auth_alone(variant):
    ours = rendered(variant)
    mail = ours.environment_of(
        ours.named("Deployment", "otsp-auth")["spec"]["template"]["spec"]["containers"][0]
    ).get("OTSP_AUTH_SMTP_PORT", "587")
    sending = {pod.name for pod in ours.pods() if egress(ours, pod.name, int(mail)) != []}

    assert sending == {"otsp-auth", "otsp-auth-worker"}


@variants
def test_prometheus_reaches_every_process_and_the_collector_is_reached(variant):
    ours = rendered(variant)
    settings = ours.named("ConfigMap", "otsp-settings")["data"]
    for pod in ours.pods():
        ports = [port["name"] for each in pod.containers() for port in each.get("ports", ())]
        if "metrics" in ports:
            _, into = rules(ours, pod.name, "ingress")
            assert any(
                {"port": "metrics"} in each["ports"] and "namespaceSelector" in each["from"][0]
                for each in into
            ), pod.name
        if pod.component in ("api", "worker", "portal") and "OTSP_OTLP_ENDPOINT" in settings:
            assert egress(ours, pod.name, 4318) is None, pod.name


def test_a_backup_reaches_its_own_store_where_files_lie_in_a_volume():
    ours = render({**values_of("demo"), **BACKUP})

    assert egress(ours, "otsp-backup", 443) is None
    assert egress(ours, "otsp-staff", 443) == []


def test_the_store_of_backups_is_named_apart_and_open_to_backups_alone():
    platform, kept = ({"ipBlock": {"cidr": f"10.20.{each}.0/28"}} for each in (2, 4))
    ours = render(
        {
            **values_of("minimal"),
            **BACKUP,
            "networkPolicy": {
                "egress": {"s3": {"to": [platform]}, "backup": {"to": [kept], "ports": [443]}}
            },
        }
    )

    assert egress(ours, "otsp-backup", 443) == [platform, kept]
    assert egress(ours, "otsp-staff", 443) == [platform]
    assert egress(ours, "otsp-verify-audit", 443) == []


def test_migrations_and_jobs_that_only_read_reach_the_databases_and_nothing_else():
    database = {"ipBlock": {"cidr": "10.20.1.0/28"}}
    ours = render(
        {**values_of("ha"), "networkPolicy": {"egress": {"database": {"to": [database]}}}}
    )
    migrations = [pod.name for pod in ours.pods() if pod.component == "migrate"]

    assert migrations
    for name in ("otsp-verify-audit", "otsp-retention-report", *migrations):
        assert egress(ours, name, 5432) == [database]
        assert egress(ours, name, 443) == egress(ours, name, 5671) == []


def test_jobs_that_open_files_reach_the_store_too():
    database, store = ({"ipBlock": {"cidr": f"10.20.{each}.0/28"}} for each in (1, 2))
    job = {"enabled": True, "access": "services", "schedule": "30 5 * * 0", "args": ["stuck"]}
    told = {"database": {"to": [database]}, "s3": {"to": [store]}}
    ours = render(
        {**values_of("minimal"), "jobs": {"ours": job}, "networkPolicy": {"egress": told}}
    )

    assert egress(ours, "otsp-ours", 5432) == [database]
    assert egress(ours, "otsp-ours", 443) == [store]
    assert egress(ours, "otsp-ours", 5671) == []


@variants
def test_keys_are_read_by_the_processes_group_and_by_nobody_else(variant):
    """A volume of secrets is root's, and of the group that the pod names."""
    for pod in rendered(variant).pods():
        for volume in pod.spec.get("volumes", ()):
            told = volume.get("projected") or volume.get("secret")
            if told is not None and pod.component not in ("postgres", "rabbitmq"):
                assert told["defaultMode"] & 0o777 == 0o440, (pod.name, volume["name"])
                assert "fsGroup" in pod.spec["securityContext"] or variant == "openshift", pod.name


@variants
def test_no_process_goes_before_its_successor_is_ready(variant):
    for each in rendered(variant).of_kind("Deployment"):
        assert each["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_whoever_comes_from_outside_is_led_to_the_gateways_http():
    values = {
        **values_of("ha"),
        "ingress": {"enabled": True},
        "httpRoute": {"enabled": True, "parentRefs": [{"name": "edge"}]},
    }
    ours = render(values)
    (ingress,) = ours.of_kind("Ingress")
    (route,) = ours.of_kind("HTTPRoute")
    service = ours.named("Service", "otsp-gateway")
    (number,) = (each["port"] for each in service["spec"]["ports"] if each["name"] == "http")

    for rule in ingress["spec"]["rules"]:
        (path,) = rule["http"]["paths"]
        told = path["backend"]["service"]
        assert told == {"name": "otsp-gateway", "port": {"name": "http"}}
    assert route["spec"]["rules"] == [{"backendRefs": [{"name": "otsp-gateway", "port": number}]}]


def test_prometheus_keeps_the_service_that_a_worker_speaks_for():
    """Metrics have a label `service` of their own; the target's would take its place."""
    ours = render({**values_of("ha"), "monitoring": {"enabled": True, "operator": True}})

    monitors = ours.of_kind("ServiceMonitor")
    assert monitors
    for each in monitors:
        assert all(endpoint["honorLabels"] for endpoint in each["spec"]["endpoints"])


def test_apis_and_workers_reach_the_scanner_where_there_is_one():
    scanner = {"ipBlock": {"cidr": "10.20.3.0/28"}}
    values = {**values_of("ha"), "networkPolicy": {"egress": {"scanner": {"to": [scanner]}}}}
    without = render({**values, "scanner": {"address": ""}})
    ours = render({**values, "scanner": {"address": "clamd.example:3310"}})

    for name in ("otsp-staff", "otsp-staff-worker"):
        assert egress(ours, name, 3310) == [scanner]
        assert egress(without, name, 3310) == []
    assert egress(ours, "otsp-gateway", 3310) == []


def test_the_page_tells_of_the_ingress_what_it_needs():
    page = (ROOT / "docs" / "deployment" / "helm.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (told,) = (each["ingress"] for each in blocks if "ingress" in each)

    assert size(told["annotations"][f"{_NGINX}proxy-body-size"]) >= largest_upload()
