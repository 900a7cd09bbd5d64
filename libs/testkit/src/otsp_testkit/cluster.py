"""What kubectl asks of a Kubernetes, over the objects that the chart renders.

No cluster: nothing is scheduled and nothing runs. It answers discovery, reads, selectors, logs,
scale and patches, and keeps nothing of what it was told. A wrong name of a kind, an object, a
container or a label, and a patch that Kubernetes' schemas refuse, fail as they would there; what
needs a process in a pod (exec, port-forward) is refused with `TOLD` once both are found.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from otsp_local.debian import find_or_install
from otsp_testkit.chart import Json, faults, newest_minors
from otsp_testkit.cluster_objects import CLUSTER_WIDE, KINDS, Kind

TOLD: Final = "this cluster runs nothing"
_NAMESPACE = "otsp"
_VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]
_SCALED = ("deployments", "statefulsets")


def find_kubectl() -> str:
    """Its program; on Debian installed when root."""
    return find_or_install("kubectl", "kubernetes-client")


class Refused(Exception):
    """An answer that is none of success."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = {
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {},
            "code": code, "reason": reason, "message": message,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any


class Cluster:
    """The objects, and how each request on them is answered."""

    def __init__(self, objects: Sequence[Json]) -> None:
        self._objects = [each for each in objects if each["kind"] in KINDS]
        self._kinds = {(kind.api, kind.plural): kind for kind in KINDS.values()}

    def answer(self, asked: Asked) -> Json | str:
        """Raises Refused."""
        steps = asked.path.strip("/").split("/")
        if steps == ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"]}
        if steps == ["apis"]:
            return self._groups()
        length = 2 if steps[0] == "api" else 3
        api, rest = "/".join(steps[1:length]), steps[length:]
        if not rest:
            return self._resources(api)
        namespace = None
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        kind = self._kinds.get((api, rest[0]))
        if kind is None:
            raise Refused(404, "NotFound", f"the server could not find {asked.path}")
        if len(rest) == 1:
            return self._list(kind, namespace, asked.query)
        return _told(self._find(kind, namespace, rest[1]), rest[2:], asked)

    def _find(self, kind: Kind, namespace: str | None, name: str) -> Json:
        for each in self._of(kind, namespace):
            if each["metadata"]["name"] == name:
                return each
        raise Refused(404, "NotFound", f'{kind.plural} "{name}" not found')

    def _of(self, kind: Kind, namespace: str | None) -> Iterator[Json]:
        for each in self._objects:
            where = each["metadata"].get("namespace")
            if each["kind"] == kind.name and namespace in (where, None):
                yield each

    def _list(self, kind: Kind, namespace: str | None, query: Mapping[str, str]) -> Json:
        wanted = dict(
            each.replace("==", "=").split("=", 1)
            for each in query.get("labelSelector", "").split(",")
            if each
        )
        items = [
            each
            for each in self._of(kind, namespace)
            if wanted.items() <= each["metadata"].get("labels", {}).items()
        ]
        listed = {"kind": f"{kind.name}List", "apiVersion": kind.api, "metadata": {}}
        return listed | {"items": items}

    def _groups(self) -> Json:
        groups = []
        for api in sorted({kind.api for kind in KINDS.values() if "/" in kind.api}):
            group, _, version = api.partition("/")
            told = {"groupVersion": api, "version": version}
            groups.append({"name": group, "versions": [told], "preferredVersion": told})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}

    def _resources(self, api: str) -> Json:
        resources: list[Json] = []
        for kind in KINDS.values():
            if kind.api != api:
                continue
            told: Json = {"name": kind.plural, "kind": kind.name, "singularName": kind.singular}
            told |= {"namespaced": kind.name not in CLUSTER_WIDE, "verbs": _VERBS}
            resources.append(told | {"shortNames": list(kind.short)})
            if kind.plural in _SCALED:
                scale = {"kind": "Scale", "group": "autoscaling", "version": "v1"}
                resources.append(told | scale | {"name": f"{kind.plural}/scale"})
        if not resources:
            raise Refused(404, "NotFound", f"the server could not find {api}")
        listed = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api}
        return listed | {"resources": resources}


@contextmanager
def cluster(folder: Path, objects: Sequence[Json]) -> Iterator[dict[str, str]]:
    """The environment in which kubectl finds it, its namespace chosen."""
    told = Cluster(objects)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            read = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            asked = Asked(self.command, url.path, query, json.loads(read) if read else None)
            code, answer = 200, None
            try:
                answer = told.answer(asked)
            except Refused as refusal:
                code, answer = refusal.code, refusal.status
            if "as=Table" in self.headers.get("Accept", "") and isinstance(answer, dict):
                answer = _as_table(answer)
            is_text = isinstance(answer, str)
            sent = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/plain" if is_text else "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = do_PATCH = _answer  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield _environment(folder, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()


def _environment(folder: Path, url: str) -> dict[str, str]:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "stand-in", "cluster": {"server": url}}],
        "contexts": [
            {
                "name": "stand-in",
                "context": {"cluster": "stand-in", "user": "nobody", "namespace": _NAMESPACE},
            }
        ],
        "users": [{"name": "nobody", "user": {"username": "nobody", "password": "none"}}],
        "current-context": "stand-in",
    }
    (folder / "kubeconfig").write_text(json.dumps(config), encoding="utf-8")
    return {"KUBECONFIG": str(folder / "kubeconfig"), "HOME": str(folder)}


def _as_table(answer: Json) -> Json:
    """As the server prints: of pods with `-o wide` their node too."""
    if "metadata" not in answer or answer["kind"] == "Status":
        return answer
    rows = [
        {
            "cells": [each["metadata"]["name"], each.get("spec", {}).get("nodeName", "")],
            "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
            | {"metadata": each["metadata"]},
        }
        for each in answer.get("items", [answer])
    ]
    columns = [
        {"name": name, "type": "string", "format": given, "description": "", "priority": priority}
        for name, given, priority in (("Name", "name", 0), ("Node", "", 1))
    ]
    table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}}
    return table | {"columnDefinitions": columns, "rows": rows}


def _told(found: Json, part: list[str], asked: Asked) -> Json | str:
    """Of an object that is there: itself, as it would be after a patch, or one of its parts."""
    if part == ["scale"]:
        return _scale_of(found, (asked.body or found)["spec"].get("replicas", 1))
    if part:
        containers = [each["name"] for each in found["spec"]["containers"]]
        container = asked.query.get("container", containers[0])
        if container not in containers:
            raise Refused(400, "BadRequest", f"container {container} is not of this pod")
        if part != ["log"]:
            raise Refused(403, "Forbidden", TOLD)
        return f"{container}\n"
    return _patched(found, asked.body) if asked.method == "PATCH" else found


def _scale_of(found: Json, replicas: int) -> Json:
    scale = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": found["metadata"]}
    return scale | {"spec": {"replicas": replicas}, "status": {"replicas": replicas}}


def _patched(found: Json, body: Any) -> Json:  # noqa: ANN401 - a merge or a list of operations
    if isinstance(body, list):
        return found
    merged = _merged(found, body)
    checked = {name: value for name, value in merged.items() if name != "status"}
    refused = faults(checked, newest_minors()[-1])
    if refused:
        raise Refused(422, "Invalid", "; ".join(refused))
    return merged


def _merged(into: Json, patch: Json) -> Json:
    result = dict(into)
    for name, value in patch.items():
        inner = result.get(name)
        both = isinstance(value, dict) and isinstance(inner, dict)
        result[name] = _merged(inner, value) if both and inner is not None else value
    return result
