"""The message engine, over AMQP as the workers use it, and over its management API where named."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx

from otsp_chassis.bus.inspecting import Inspection, inspect
from otsp_chassis.bus.topology import EVENTS, Topology, topology_of
from otsp_cli.running import load_service
from otsp_cli.serving import SERVICES

_LOSING = frozenset({"expires", "max-length", "max-length-bytes", "message-ttl"})
Rows = Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Broker:
    """One vhost, looked at once. Both addresses carry passwords."""

    url: str
    api_url: str | None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: Inspection | None = None
    _why: str = ""

    @property
    def name(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}"

    @property
    def user(self) -> str:
        return unquote(urlsplit(self.url).username or "guest")

    @property
    def vhost(self) -> str:
        return unquote(urlsplit(self.url).path[1:]) or "/"

    def seen(self) -> Inspection:
        """Raises ConnectionError."""
        with self._lock:
            if self._seen is None and not self._why:
                try:
                    self._seen = inspect(self.url, wanted_topology())
                except (ConnectionError, ValueError) as error:
                    self._why = str(error)
        if self._seen is None:
            raise ConnectionError(self._why)
        return self._seen

    def asked(self, path: str) -> Rows:
        """Rows of the management API below /api; raises httpx.HTTPError or ValueError."""
        parts = urlsplit(self.api_url or "")
        login = (unquote(parts.username or ""), unquote(parts.password or ""))
        origin = f"{parts.scheme}://{parts.hostname}:{parts.port or 15672}"
        answer = httpx.get(f"{origin}/api/{path}", auth=login, timeout=5)
        rows: Rows = answer.raise_for_status().json()
        return rows

    def in_vhost(self, path: str) -> str:
        return path.format(quote(self.vhost, safe=""))


def wanted_topology() -> Topology:
    """That of deploy/rabbitmq/definitions.json: what all services' consumers need."""
    return topology_of({f"{name}.events.q1": load_service(name).heard_types() for name in SERVICES})


def alarms(nodes: Rows) -> list[str]:
    return [
        f"{node['name']}: {kind}"
        for node in nodes
        for kind in ("mem_alarm", "disk_free_alarm")
        if node.get(kind)
    ]


def missing_bindings(bindings: Rows) -> list[str]:
    """`queue ← event type` of those that the topology has and the broker has not."""
    there = {(row["source"], row["destination"], row["routing_key"]) for row in bindings}
    return [
        f"{each.queue} ← {each.routing_key}"
        for each in wanted_topology().bindings
        if (each.exchange, each.queue, each.routing_key) not in there
    ]


def losing_policies(policies: Rows) -> list[str]:
    """Those that would let events go which nobody has read. Ours need no policy at all."""
    names = [queue.name for queue in wanted_topology().queues]
    return [
        f"{policy['name']} ({key})"
        for policy in policies
        for key in sorted(_LOSING & policy["definition"].keys())
        if any(_may(policy["pattern"], name) for name in names)
    ]


def lacking_permissions(rows: Rows, user: str) -> list[str]:
    """What the workers' user may not: write to the exchanges, read its queues."""
    mine = next((row for row in rows if row["user"] == user), None)
    if mine is None:
        return ["any access"]
    topology = wanted_topology()
    lacking = [f"write {EVENTS}"] if not _may(mine["write"], EVENTS) else []
    return lacking + [
        f"read {queue.name}" for queue in topology.queues if not _may(mine["read"], queue.name)
    ]


def _may(pattern: str, name: str) -> bool:
    """As the engine does it: the empty pattern matches nothing, others anywhere in the name."""
    return bool(pattern) and re.search(pattern, name) is not None
