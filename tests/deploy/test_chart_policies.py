"""What holds for every pod that any of the values files brings in."""

import re

import pytest

from otsp_local.chart import CHART
from otsp_testkit.chart import VARIANTS, render, rendered, values_of

PLATFORM = ("api", "worker", "portal", "gateway")
variants = pytest.mark.parametrize("variant", VARIANTS)


def containers(variant):
    return [
        (f"{pod.name}/{each['name']}", pod, each)
        for pod in rendered(variant).pods()
        for each in pod.containers()
    ]


def selects(selector, labels):
    wanted = selector.get("matchLabels", {}).items() <= labels.items()
    return wanted and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ())
    )


@variants
def test_every_container_is_limited(variant):
    for name, _, each in containers(variant):
        assert each["resources"]["limits"]["memory"], name
        assert {"cpu", "memory"} <= each["resources"]["requests"].keys(), name


@variants
def test_every_container_is_restricted(variant):
    for name, pod, each in containers(variant):
        security = each["securityContext"]
        assert security["readOnlyRootFilesystem"] is True, name
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["runAsNonRoot"] is True, name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert pod.spec["securityContext"]["runAsNonRoot"] is True, name
        assert pod.spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys(), name
        assert [each for each in pod.spec["volumes"] if "hostPath" in each] == [], name


@variants
def test_users_are_ours_but_on_openshift(variant):
    for pod in rendered(variant).pods():
        user = pod.spec["securityContext"].get("runAsUser")
        ours = 10001 if pod.component not in ("postgres", "rabbitmq") else 999
        assert user == (None if variant == "openshift" else ours), pod.name


@variants
def test_no_pod_has_a_token_or_settings_out_of_service_links(variant):
    accounts = {
        each["metadata"]["name"]: each for each in rendered(variant).of_kind("ServiceAccount")
    }

    for pod in rendered(variant).pods():
        assert pod.spec["automountServiceAccountToken"] is False, pod.name
        assert pod.spec["enableServiceLinks"] is False, pod.name
        assert accounts[pod.spec["serviceAccountName"]]["automountServiceAccountToken"] is False


@variants
def test_images_are_pinned(variant):
    for name, _, each in containers(variant):
        assert re.search(r"(:[\w.-]+|@sha256:[0-9a-f]{64})$", each["image"]), name
        assert not each["image"].endswith(":latest"), name
        assert "bitnami" not in each["image"], name


def test_registry_digest_pull_secret_and_priority_reach_every_pod():
    for pod in rendered("province-example").pods():
        image = pod.spec["containers"][0]["image"]
        assert image == f"registry.example.gov.cn/education/otsp@sha256:{'0' * 64}", pod.name
        assert pod.spec["imagePullSecrets"] == [{"name": "registry"}], pod.name
        assert pod.spec["priorityClassName"] == "business-critical", pod.name


@variants
def test_what_runs_on_is_probed(variant):
    for name, pod, each in containers(variant):
        if pod.kind in ("Deployment", "StatefulSet") and each in pod.spec["containers"]:
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= each.keys(), name
            ports = {port["name"] for port in each["ports"]}
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                asked = each[probe].get("httpGet") or each[probe].get("tcpSocket")
                assert asked is None or asked["port"] in ports, name


def test_an_api_is_asked_where_it_answers_and_a_worker_for_its_metrics():
    def asked(name):
        pod = rendered("default").named("Deployment", name)["spec"]["template"]["spec"]
        container = pod["containers"][0]
        return [
            (container[probe]["httpGet"]["path"], container[probe]["httpGet"]["port"])
            for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        ]

    assert asked("otsp-staff")[:2] == [("/startupz", "http"), ("/readyz", "http")]
    assert asked("otsp-staff")[2] == ("/metrics", "metrics")
    assert asked("otsp-staff-worker") == [("/metrics", "metrics")] * 3
    assert asked("otsp-gateway") == [("/livez", "status")] * 3


@variants
def test_pods_start_and_end_in_their_own_time(variant):
    for pod in rendered(variant).pods():
        if pod.kind != "Deployment":
            continue
        container = pod.spec["containers"][0]
        startup = container["startupProbe"]
        assert startup["periodSeconds"] * startup["failureThreshold"] == 60
        assert container["lifecycle"]["preStop"] == {"sleep": {"seconds": 5}}
        assert pod.spec["terminationGracePeriodSeconds"] == 60
        keys = [each["topologyKey"] for each in pod.spec["topologySpreadConstraints"]]
        assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        assert all(
            each["whenUnsatisfiable"] == "ScheduleAnyway"
            and selects(each["labelSelector"], pod.labels)
            for each in pod.spec["topologySpreadConstraints"]
        )


@variants
def test_what_has_two_pods_or_more_has_a_budget(variant):
    ours = rendered(variant)
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"]["minReplicas"]
        for each in ours.of_kind("HorizontalPodAutoscaler")
    }
    budgets = ours.of_kind("PodDisruptionBudget")

    for each in ours.of_kind("Deployment"):
        name = each["metadata"]["name"]
        least = scaled.get(name, each["spec"].get("replicas", 0))
        labels = each["spec"]["template"]["metadata"]["labels"]
        of_it = [budget for budget in budgets if selects(budget["spec"]["selector"], labels)]
        assert len(of_it) == (1 if least >= 2 else 0), name
        assert ("replicas" in each["spec"]) != (name in scaled), name
        for budget in of_it:
            assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


@variants
def test_every_pod_is_closed_but_for_what_is_named(variant):
    policies = [each["spec"] for each in rendered(variant).of_kind("NetworkPolicy")]

    for pod in rendered(variant).pods():
        of_it = [each for each in policies if selects(each["podSelector"], pod.labels)]
        assert any(
            {"Ingress", "Egress"} == set(each["policyTypes"])
            and not each.get("ingress")
            and not each.get("egress")
            for each in of_it
        ), pod.name
        assert len(of_it) > 1, pod.name


@variants
def test_policies_name_pods_and_ports_that_there_are(variant):
    pods = rendered(variant).pods()
    for policy in rendered(variant).of_kind("NetworkPolicy"):
        spec = policy["spec"]
        rules = [*spec.get("ingress", ()), *spec.get("egress", ())]
        own = [pod for pod in pods if selects(spec["podSelector"], pod.labels)]
        for rule in rules:
            peers = [*rule.get("from", ()), *rule.get("to", ())]
            inside = [each["podSelector"] for each in peers if each.keys() == {"podSelector"}]
            met = [pod for each in inside for pod in pods if selects(each, pod.labels)]
            assert not inside or met or not own, policy["metadata"]["name"]
            targets = own if "from" in rule or rule in spec.get("ingress", ()) else met
            for port in rule["ports"]:
                if isinstance(port["port"], str) and targets:
                    assert any(_has_port(pod, port["port"]) for pod in targets), policy


def _has_port(pod, name):
    ports = [port for each in pod.spec["containers"] for port in each.get("ports", ())]
    return name in {port["name"] for port in ports}


def test_the_broker_is_reached_by_workers_alone():
    ours = rendered("minimal")
    policies = [each["spec"] for each in ours.of_kind("NetworkPolicy")]
    reaching = {
        pod.component
        for pod in ours.pods()
        for policy in policies
        if selects(policy["podSelector"], pod.labels)
        for rule in policy.get("egress", ())
        if 5672 in [port["port"] for port in rule["ports"]]
    }
    told = {
        pod.component
        for pod in ours.pods()
        for each in pod.containers()
        if "OTSP_AMQP_URL" in ours.environment_of(each)
    }

    assert reaching == told == {"worker"}


@variants
def test_services_find_their_pods_and_selectors_hold_nothing_that_changes(variant):
    pods = rendered(variant).pods()
    for service in rendered(variant).of_kind("Service"):
        selector = {"matchLabels": service["spec"]["selector"]}
        found = [pod for pod in pods if selects(selector, pod.labels)]
        assert len({pod.name for pod in found}) == 1, service["metadata"]["name"]
        for port in service["spec"]["ports"]:
            target = port["targetPort"]
            assert isinstance(target, int) or _has_port(found[0], target)
    for each in rendered(variant).of_kind("Deployment"):
        assert each["spec"]["selector"]["matchLabels"].keys() == {
            "app.kubernetes.io/name",
            "app.kubernetes.io/instance",
            "app.kubernetes.io/component",
            "otsp-service",
        }


@variants
def test_migrations_come_before_everything_and_find_what_they_need(variant):
    ours = rendered(variant)
    jobs = ours.of_kind("Job")
    if ours.of_kind("StatefulSet"):
        assert jobs == []  # a demonstration migrates in its APIs' init containers
        return

    assert len(jobs) == 6
    needed = [
        ours.named("ServiceAccount", "otsp-migrate"),
        ours.named("NetworkPolicy", "otsp-migrate"),
    ]
    for each in [*jobs, *needed]:
        hook = each["metadata"]["annotations"]
        assert hook["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert int(hook["helm.sh/hook-weight"]) == (0 if each in jobs else -10)
    for job in jobs:
        spec = job["spec"]
        policy = job["metadata"]["annotations"]["helm.sh/hook-delete-policy"]
        assert policy == "before-hook-creation,hook-succeeded"
        assert (spec["backoffLimit"], spec["activeDeadlineSeconds"]) == (2, 1800)
        pod = spec["template"]["spec"]
        assert pod["serviceAccountName"] == "otsp-migrate"
        assert "envFrom" not in pod["containers"][0]


@variants
def test_a_changed_setting_rolls_the_pods(variant):
    def sums(values):
        return {
            pod.name: pod.annotations.get("checksum/settings")
            for pod in render(values).pods()
            if pod.kind == "Deployment"
        }

    before, after = sums(values_of(variant)), sums(values_of(variant) | {"logLevel": "DEBUG"})

    assert before.keys() == after.keys()
    assert all(before[name] != after[name] for name in before)


@variants
def test_jobs_keep_the_time_of_the_law_and_never_run_twice_at_once(variant):
    for each in rendered(variant).of_kind("CronJob"):
        assert each["spec"]["timeZone"] == "Asia/Shanghai"
        assert each["spec"]["concurrencyPolicy"] == "Forbid"
        assert each["spec"]["startingDeadlineSeconds"] == 3600


def test_the_demonstrations_database_logs_no_rows():
    (postgres,) = [
        container
        for each in rendered("demo").of_kind("StatefulSet")
        for container in each["spec"]["template"]["spec"]["containers"]
        if "postgres" in container["image"]
    ]

    assert "log_error_verbosity=terse" in postgres["args"]


def test_a_volume_of_files_outlives_the_release():
    claims = rendered("demo").of_kind("PersistentVolumeClaim")
    of_servers = [
        claim
        for each in rendered("demo").of_kind("StatefulSet")
        for claim in each["spec"]["volumeClaimTemplates"]
    ]

    assert len(claims) == 1
    assert len(of_servers) == 2
    for claim in [*claims, *of_servers]:
        assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_workers_scale_by_their_queue_where_that_is_asked_for():
    scaler = rendered("ha").named("HorizontalPodAutoscaler", "otsp-courses-worker")["spec"]
    external = next(each["external"] for each in scaler["metrics"] if each["type"] == "External")

    assert external["metric"]["selector"]["matchLabels"] == {"queue": "courses.events.q1"}
    assert external["target"] == {"type": "AverageValue", "averageValue": "200"}
    assert scaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 65
    assert scaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300


def test_templates_ask_the_cluster_nothing():
    for file in (CHART / "templates").rglob("*"):
        if file.is_file():
            assert "lookup " not in file.read_text(encoding="utf-8"), file.name


def test_connections_are_what_the_pools_may_open_while_rolling_out():
    """Six APIs of (2 + 1) pods with 8, six workers of (1 + 1) with 8 and two of their own."""
    assert f"at the most: {6 * (3 * 8 + 2 * 10)} of 300" in rendered("default").notes
