"""What runbooks have somebody tell a cluster, told by the true kubectl to what the chart makes."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from otsp_testkit.chart import rendered
from otsp_testkit.cluster import TOLD, cluster, find_kubectl
from otsp_testkit.cluster_objects import NODE, installed
from otsp_testkit.runbooks import lines_of

RELEASE = rendered("ha")
LINES = lines_of("kubectl")
GIVEN = {
    "$POD": "otsp-staff-worker-7d9c5b8f6-x2v9k",
    "$JOB": "otsp-backup-29401020",
    "$CRONJOB": "otsp-retention-report",
    "$NODE": NODE,
    "$SERVICE": "staff",
}
"""What whoever types sees on the screen before."""
INSIDE = [line for _, line in LINES if " exec " in line]


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A line as a shell of an operator takes it; a pipe fails with its first part."""
    folder, kubectl = tmp_path_factory.mktemp("kubectl"), Path(find_kubectl())
    path = f"{kubectl.parent}:{os.defpath}"
    with cluster(folder, installed(RELEASE)) as environment:

        def run(line):
            for name, value in GIVEN.items():
                line = line.replace(name, value)
            return subprocess.run(
                ["bash", "-o", "pipefail", "-c", line],
                env={**environment, "PATH": path}, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip

        yield run


def does_something(told):
    """Whether it was taken, and met something."""
    return told.returncode == 0 and told.stdout.strip() and "No resources found" not in told.stderr


def tried(line):
    """A Job is read from its CronJob as ever, and then only printed."""
    return f"{line} --dry-run=client" if "kubectl create job" in line else line


@pytest.mark.parametrize(("page", "line"), LINES)
def test_cluster_has_what_the_line_names(shell, page, line):
    needs_a_process = re.search(r" (exec|port-forward) ", line)
    is_of_a_log = " logs " in line

    told = shell(line.partition(" | ")[0] if needs_a_process or is_of_a_log else tried(line))

    if needs_a_process:
        assert TOLD in told.stderr, (page, told.stderr)
    else:
        assert does_something(told), (page, told.stdout, told.stderr)


@pytest.mark.parametrize(
    "line",
    [
        "kubectl get pod | grep otsp-staffs",
        "kubectl get pods -l otsp-servic=staff",
        "kubectl get cronjob,jobz",
        "kubectl logs deploy/otsp-worker-staff",
        "kubectl logs deploy/otsp-staff -c apis",
        "kubectl logs deploy/otsp-staff --sinze=5m",
        "kubectl -n certmanager logs deploy/cert-manager",
        "kubectl top pod -l otsp-service=stuff",
        "kubectl rollout undo deploy/gateway",
        "kubectl create job --from=cronjob/otsp-verify-audits again --dry-run=client",
        "kubectl scale deploy/otsp-staff --replica=4",
        "kubectl scale deploy --replicas=0 -l app.kubernetes.io/part-off=otsp",
        """kubectl patch pvc data-rabbitmq-0 -p '{"spec":{"resource":{}}}'""",
    ],
)
def test_a_slip_is_noticed(shell, line):
    assert not does_something(shell(line))


@pytest.mark.parametrize("line", ["kubectl exec deploy/otsp-api-auth -- env", "kubectl exec x"])
def test_a_slip_before_a_process_is_noticed(shell, line):
    assert TOLD not in shell(line).stderr


def container_of(line):
    """The first container of the Deployment that the line names."""
    name = re.search(r"deploy/(\S+)", line)[1]
    pod = next(each for each in RELEASE.pods() if (each.kind, each.name) == ("Deployment", name))
    return pod.spec["containers"][0]


@pytest.mark.parametrize("line", INSIDE)
def test_what_is_looked_for_in_a_container_is_there(line):
    words = shlex.split(line.partition(" -- ")[2])
    container = container_of(line.replace("$SERVICE", "staff"))
    folders = {mount["mountPath"] for mount in container["volumeMounts"]}

    assert words[0] in ("otsp", "env", "ls", "df")
    if words[0] in ("ls", "df"):
        assert {word for word in words if word.startswith("/")} <= folders
    if words[0] == "env":
        assert any(name.startswith(words[-1]) for name in RELEASE.environment_of(container))


def test_ports_that_are_forwarded_are_open():
    forwarded = [line for _, line in LINES if " port-forward " in line]

    assert forwarded
    for line in forwarded:
        ports = [each["containerPort"] for each in container_of(line)["ports"]]
        assert int(shlex.split(line)[-1]) in ports


def test_addresses_inside_are_those_of_services():
    services = {
        f"{each['metadata']['name']}:{port['port']}"
        for each in RELEASE.of_kind("Service")
        for port in each["spec"]["ports"]
    }
    asked = {found for _, line in lines_of("curl") for found in re.findall(r"//(otsp-[^/]+)", line)}

    assert asked
    assert asked <= services


def test_first_container_of_each_deployment_is_the_one_that_is_meant():
    """Logs and commands go to it where a sidecar stands beside."""
    first = {
        (pod.component, pod.spec["containers"][0]["name"])
        for pod in RELEASE.pods()
        if pod.kind == "Deployment"
    }

    assert {name for _, name in first} == {component for component, _ in first}
