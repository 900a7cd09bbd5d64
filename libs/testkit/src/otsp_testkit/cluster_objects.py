"""What stands in a cluster once the chart was installed: its objects, and what they bring about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from otsp_testkit.chart import Json, Rendered

NODE: Final = "node-1"
CLUSTER_WIDE: Final = ("Namespace", "Node")
_STARTED = "2026-11-20T01:00:00Z"
_HASH = "7d9c5b8f6"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind, and what kubectl may call it."""

    name: str
    api: str
    plural: str
    short: tuple[str, ...] = ()

    @property
    def singular(self) -> str:
        return self.name.lower()


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("ConfigMap", "v1", "configmaps", ("cm",)),
        Kind("Endpoints", "v1", "endpoints", ("ep",)),
        Kind("Event", "v1", "events", ("ev",)),
        Kind("Namespace", "v1", "namespaces", ("ns",)),
        Kind("Node", "v1", "nodes", ("no",)),
        Kind("PersistentVolumeClaim", "v1", "persistentvolumeclaims", ("pvc",)),
        Kind("Pod", "v1", "pods", ("po",)),
        Kind("Secret", "v1", "secrets"),
        Kind("Service", "v1", "services", ("svc",)),
        Kind("Deployment", "apps/v1", "deployments", ("deploy",)),
        Kind("ReplicaSet", "apps/v1", "replicasets", ("rs",)),
        Kind("StatefulSet", "apps/v1", "statefulsets", ("sts",)),
        Kind("CronJob", "batch/v1", "cronjobs", ("cj",)),
        Kind("Job", "batch/v1", "jobs"),
        Kind("Ingress", "networking.k8s.io/v1", "ingresses", ("ing",)),
        Kind("PodMetrics", "metrics.k8s.io/v1beta1", "pods"),
        Kind("HTTPRoute", "gateway.networking.k8s.io/v1", "httproutes"),
        Kind("ServiceMonitor", "monitoring.coreos.com/v1", "servicemonitors", ("smon",)),
        Kind("Certificate", "cert-manager.io/v1", "certificates", ("cert",)),
        Kind("CertificateRequest", "cert-manager.io/v1", "certificaterequests", ("cr",)),
        Kind("Order", "acme.cert-manager.io/v1", "orders"),
    )
}
"""The last six are others': who has not installed them has no such kind."""


def installed(release: Rendered) -> list[Json]:
    """The release's objects, with what Kubernetes makes of them, and what stands around it."""
    given = [_placed(each) for each in release.objects if not _is_hook_of_tests(each)]
    given += _around()
    return given + [made for each in given for made in _brought_about(each)]


def _placed(each: Json) -> Json:
    """As the server stores it: a copy in its namespace, with a uid."""
    name = each["metadata"]["name"]
    return each | {
        "metadata": {"namespace": "otsp", "uid": f"{each['kind']}-{name}"} | each["metadata"]
    }


def _is_hook_of_tests(each: Json) -> bool:
    hook: str | None = each["metadata"].get("annotations", {}).get("helm.sh/hook")
    return hook == "test"


def _around() -> Iterator[Json]:
    """Not the platform's: so called in the runbooks, elsewhere as their keepers will."""
    yield _workload("StatefulSet", "postgres", "postgres", claim="data")
    yield _workload("StatefulSet", "rabbitmq", "rabbitmq", claim="data")
    yield _workload("Deployment", "clamav", "clamd")
    yield _workload("Deployment", "otel-collector", "collector")
    yield _workload("Deployment", "cert-manager", "controller", namespace="cert-manager")
    for name in ("Certificate", "CertificateRequest", "Order"):
        yield _object(name, "otsp-tls", {})
    yield _object("Node", NODE, {})
    yield _object("Namespace", "otsp", {})


def _brought_about(each: Json) -> Iterator[Json]:
    """What controllers make of an object, and of what they made."""
    name, kind = each["metadata"]["name"], each["kind"]
    spec, namespace = each.get("spec", {}), each["metadata"].get("namespace", "")
    if kind == "Deployment":
        for revision, template_hash in ((1, "68b4f9d77"), (2, _HASH)):
            yield _replica_set(each, revision, template_hash)
        yield from _pods(f"{name}-{_HASH}-x2v9k", spec["template"], namespace=namespace)
    elif kind == "StatefulSet":
        yield from _pods(f"{name}-0", spec["template"], namespace=namespace)
        for claim in spec.get("volumeClaimTemplates", ()):
            claimed = f"{claim['metadata']['name']}-{name}-0"
            yield _object("PersistentVolumeClaim", claimed, claim["spec"])
    elif kind == "CronJob":
        job = _object("Job", f"{name}-29401020", spec["jobTemplate"]["spec"])
        yield from (job, *_brought_about(job))
    elif kind == "Job":
        labels = spec["template"]["metadata"]["labels"] | {"job-name": name}
        spec["selector"] = {"matchLabels": {"job-name": name}}
        template = spec["template"] | {"metadata": {"labels": labels}}
        yield from _pods(f"{name}-4tq7z", template, namespace=namespace)
    elif kind == "Service":
        yield _object("Endpoints", name, {})


def _replica_set(deployment: Json, revision: int, template_hash: str) -> Json:
    name, spec = deployment["metadata"]["name"], deployment["spec"]
    made = _object("ReplicaSet", f"{name}-{template_hash}", spec | {"replicas": revision - 1})
    made["spec"].pop("strategy", None)
    former = {"labels": spec["template"]["metadata"]["labels"] | {"revision": str(revision)}}
    made["spec"]["template"] = spec["template"] | {"metadata": former}
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "controller": True}
    owner["uid"] = deployment["metadata"]["uid"]
    made["metadata"] |= {
        "labels": spec["template"]["metadata"]["labels"],
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        "ownerReferences": [owner],
    }
    return made


def _pods(name: str, template: Json, *, namespace: str) -> Iterator[Json]:
    """One that runs, and ran before: it has former words to show."""
    spec = template["spec"]
    pod = _object("Pod", name, spec | {"nodeName": NODE}, namespace=namespace)
    pod["metadata"]["labels"] = template["metadata"]["labels"]
    ended = {"exitCode": 137, "reason": "OOMKilled", "startedAt": _STARTED, "finishedAt": _STARTED}
    containers = [
        {
            "name": container["name"], "image": container["image"], "imageID": "",
            "ready": True, "restartCount": 1, "started": True,
            "state": {"running": {"startedAt": _STARTED}}, "lastState": {"terminated": ended},
        }
        for container in spec["containers"]
    ]  # fmt: skip
    pod["status"] = {"phase": "Running", "containerStatuses": containers, "startTime": _STARTED}
    yield pod
    used = {"cpu": "100m", "memory": "200Mi"}
    measured = [{"name": each["name"], "usage": used} for each in spec["containers"]]
    yield {
        "kind": "PodMetrics", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": pod["metadata"],
        "timestamp": _STARTED, "window": "30s", "containers": measured,
    }  # fmt: skip


def _workload(
    kind: str, name: str, container: str, *, claim: str = "", namespace: str = "otsp"
) -> Json:
    labels = {"app": name}
    template = {"spec": {"containers": [{"name": container, "image": name}]}}
    spec: Json = {"selector": {"matchLabels": labels}, "replicas": 1}
    spec["template"] = template | {"metadata": {"labels": labels}}
    if claim:
        storage = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "9Gi"}}}
        spec["volumeClaimTemplates"] = [{"metadata": {"name": claim}, "spec": storage}]
        spec["serviceName"] = name
    return _object(kind, name, spec, namespace=namespace)


def _object(kind: str, name: str, spec: Json, *, namespace: str = "otsp") -> Json:
    metadata = {"name": name, "uid": f"{kind}-{name}", "creationTimestamp": _STARTED}
    if kind not in CLUSTER_WIDE:
        metadata["namespace"] = namespace
    return {"kind": kind, "apiVersion": KINDS[kind].api, "metadata": metadata, "spec": spec}
