"""The Helm chart as a cluster would be given it: rendered with values, object by object.

Helm is a library here and needs no cluster; Kubernetes' schemas are those of `kubernetes-validate`,
compiled once a kind because its own way reads them anew for every object.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from kubernetes_validate import utils as kubernetes

from otsp_local.chart import CHART, NOTES, manifests

Json = dict[str, Any]
Values = dict[str, Any]

VALUES = {file.stem: file for file in sorted((CHART / "values").glob("*.yaml"))}
"""Name → values file; the chart's own defaults are `default`."""
VARIANTS = ("default", *VALUES)
_DEFINITIONS = "file:///api/_definitions.json"


@dataclass(frozen=True, slots=True)
class Pod:
    """The pods that one object makes."""

    kind: str
    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    spec: Json
    replicas: int

    @property
    def component(self) -> str:
        return self.labels["app.kubernetes.io/component"]

    def containers(self) -> list[Json]:
        return [*self.spec.get("initContainers", ()), *self.spec["containers"]]

    def mounted_files(self, container: Json) -> set[str]:
        """Paths of all keys and secrets that are mounted as files."""
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        return {
            f"{mount['mountPath']}/{item['path']}"
            for mount in container["volumeMounts"]
            for source in _secrets_of(volumes.get(mount["name"], {}))
            for item in source["items"]
        }


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one release consists of, and what is said at its end."""

    objects: tuple[Json, ...]
    notes: str

    def of_kind(self, kind: str) -> list[Json]:
        return [each for each in self.objects if each["kind"] == kind]

    def named(self, kind: str, name: str) -> Json:
        return next(each for each in self.of_kind(kind) if each["metadata"]["name"] == name)

    def pods(self) -> list[Pod]:
        return [pod for each in self.objects if (pod := _pod_of(each)) is not None]

    def environment_of(self, container: Json) -> dict[str, str]:
        """Name → value; of a Secret its key in curly brackets."""
        told: dict[str, str] = {}
        for source in container.get("envFrom", ()):
            told |= self.named("ConfigMap", source["configMapRef"]["name"])["data"]
        for entry in container.get("env", ()):
            reference = entry.get("valueFrom", {}).get("secretKeyRef")
            told[entry["name"]] = f"{{{reference['key']}}}" if reference else entry["value"]
        return told


def values_of(variant: str) -> Values:
    if variant == "default":
        return {}
    loaded: Values = yaml.safe_load(VALUES[variant].read_text(encoding="utf-8"))
    return loaded


@cache
def rendered(variant: str) -> Rendered:
    """One of the values files, rendered once a session."""
    return render(values_of(variant))


def render(values: Values, folder: Path = CHART) -> Rendered:
    """Raises HelmError with the chart's own words where it refuses the values."""
    files = manifests(values, folder)
    objects = [
        each
        for name, text in sorted(files.items())
        if name != NOTES
        for each in yaml.load_all(text, Loader=yaml.CSafeLoader)
        if each
    ]
    return Rendered(tuple(objects), files[NOTES])


def newest_minors() -> list[str]:
    """The three newest minor versions of Kubernetes whose schemas are there."""
    names = [kubernetes.major_minor(each.removesuffix(".0")) for each in kubernetes.all_versions()]
    return list(dict.fromkeys(names))[-3:]


def faults(each: Json, minor: str) -> list[str]:
    """What Kubernetes of that minor would refuse in the object, unknown fields included."""
    validator = _validator(each["kind"], each["apiVersion"], minor)
    return [
        f"{each['kind']} {each['metadata']['name']} {list(error.instance_path)}: {error.message}"
        for error in validator.iter_errors(each)
    ]


@cache
def _validator(kind: str, api_version: str, minor: str) -> Any:  # noqa: ANN401 - Rust's own class
    folder = f"kubernetes-json-schema/v{minor}.0-local-strict"
    group, _, version = api_version.rpartition("/")
    of_group = f"{group.partition('.')[0]}-{version}" if group else version
    schema = kubernetes.schema_contents(f"{folder}/{kind.lower()}-{of_group}.json", minor)
    resources = [(_DEFINITIONS, _definitions(minor))]
    return jsonschema_rs.validator_for(
        {**schema, "$id": "file:///api/object.json"}, registry=jsonschema_rs.Registry(resources)
    )


@cache
def _definitions(minor: str) -> Json:
    folder = f"kubernetes-json-schema/v{minor}.0-local-strict"
    loaded: Json = kubernetes.schema_contents(f"{folder}/_definitions.json", minor)
    return loaded


def _secrets_of(volume: Json) -> Iterator[Json]:
    if "secret" in volume:
        yield volume["secret"]
    for source in volume.get("projected", {}).get("sources", ()):
        yield source["secret"]


def _pod_of(each: Json) -> Pod | None:
    kind, name = each["kind"], each["metadata"]["name"]
    if kind == "Pod":
        metadata, spec = each["metadata"], each["spec"]
    elif kind in ("Deployment", "StatefulSet", "Job"):
        template = each["spec"]["template"]
        metadata, spec = template["metadata"], template["spec"]
    elif kind == "CronJob":
        template = each["spec"]["jobTemplate"]["spec"]["template"]
        metadata, spec = template["metadata"], template["spec"]
    else:
        return None
    replicas = each["spec"].get("replicas", 1)
    return Pod(kind, name, metadata["labels"], metadata.get("annotations", {}), spec, replicas)


def flat(values: Values) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every path of values, folders before what is in them."""
    for key, value in values.items():
        yield (key,), value
        if isinstance(value, dict):
            yield from (((key, *path), inner) for path, inner in flat(value))


def put(path: tuple[str, ...], value: object) -> Values:
    """Values that say one thing."""
    values: Any = value
    for key in reversed(path):
        values = {key: values}
    return dict(values)


def schema() -> Json:
    loaded: Json = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    return loaded


def defaults() -> Values:
    loaded: Values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    return loaded
