"""P1, P2, P3: the sample through the whole chassis beside hand-written and stock services.

Ours verifies an identity token, enforces scopes, keeps metrics, checks its own answers against
the contract and leaves an audit row for every write. The peers do what they do by default.
"""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http.client import HTTPConnection
from typing import Any

from bench.figures import Figure, Part
from bench.load import Plan
from bench.options import Options
from bench.rounds import Medians, Run, interleave, measure
from bench.stand import Peer, Server, Stand, standing
from otsp_chassis.identity import HEADER
from otsp_chassis.ids import new_id
from otsp_chassis.page import encode_cursor
from otsp_local.console import step

OURS = "ours"
PAGE = 20
FLASK = Peer("flask_app")
CONNEXION = Peer("connexion_app", ("uvicorn_worker.UvicornWorker",))
FASTAPI = Peer("fastapi_app", ("uvicorn_worker.UvicornWorker",))
PlanOf = Callable[[str, Server], Plan]
BODY = {
    "name": "",
    "kind": "large",
    "amount_fen": 1_234_500,
    "opened_on": "2024-10-15",
    "closed_on": "2025-10-14",
    "note": "第一批，已核对。",
    "code": "C-00000017",
    "description": "A description of moderate length, as a clerk would type it.",
    "state": "open",
    "region_code": "330106",
    "city": "杭州市",
    "address": "西湖区文三路 1 号",
    "keeper": "王一",
    "quantity": 12,
    "priority": 3,
    "weight_g": 4_200,
    "is_active": True,
    "is_shared": False,
    "checked_at": "2024-10-15T08:00:00+08:00",
    "opens_at": "08:30",
}


@dataclass(frozen=True, slots=True)
class Requests:
    """Makes the plans of one figure. Ours alone is sent an identity and writes cursors its way."""

    stand: Stand
    count: int

    @property
    def items(self) -> str:
        return f"/api/sample/v1/institutions/{self.stand.institution_id}/items"

    def get(self, name: str, server: Server) -> Plan:
        targets = [f"{self.items}/{item_id}" for item_id in self._some_items()]
        return Plan(server.port, targets, self.count, headers=self._headers(name))

    def page(self, name: str, server: Server) -> Plan:
        places = self._some_items(self.stand.item_ids[: -PAGE - 1])
        cursors = [encode_cursor([each]) if name == OURS else str(each) for each in places]
        targets = [f"{self.items}?limit={PAGE}&cursor={cursor}" for cursor in cursors]
        return Plan(server.port, targets, self.count, headers=self._headers(name))

    def post(self, name: str, server: Server) -> Plan:
        run = new_id().hex
        bodies = [
            json.dumps(BODY | {"name": f"{run} {number}"}, ensure_ascii=False)
            for number in range(self.count)
        ]
        return Plan(
            server.port, [self.items], self.count, headers=self._headers(name), bodies=bodies
        )

    def _some_items(self, ids: list[Any] | None = None) -> list[Any]:
        return random.choices(ids or self.stand.item_ids, k=self.count)  # noqa: S311 - which rows, no secret

    def _headers(self, name: str) -> dict[str, str]:
        shared = {"Accept": "application/json", "User-Agent": "otsp-bench"}
        return shared | ({HEADER: self.stand.identity()} if name == OURS else {})


def measure_get(options: Options) -> Figure:
    """P1: one object by key."""
    with standing() as stand:
        servers = _start(stand, {"flask": FLASK, "connexion": CONNEXION, "fastapi": FASTAPI})
        requests = Requests(stand, options.requests)
        _require_same_answers(requests, servers)
        seen = _compare(servers, requests.get, options)
    return _figure("P1", seen, {"flask": 1.15, "connexion": 0.75})


def measure_page(options: Options) -> Figure:
    """P2: a page of 20."""
    peers = {
        "flask": FLASK,
        "connexion": CONNEXION,
        "fastapi": FASTAPI,
        "fastapi_encoder": replace(FASTAPI, environment={"BENCH_ENCODER": "1"}),
    }
    with standing() as stand:
        servers = _start(stand, peers)
        seen = _compare(servers, Requests(stand, options.requests).page, options)
    return _figure("P2", seen, {"flask": 1.0, "fastapi": 0.7})


def measure_post(options: Options) -> Figure:
    """P3: a validated object and its event, one commit."""
    usual = {"BENCH_VALIDATOR": "jsonschema"}
    peers = {
        "flask": Peer("flask_app", environment=usual),
        "flask_compiled": FLASK,
        "flask_two_inserts": Peer("flask_app", environment=usual | {"BENCH_BARE": "1"}),
        "connexion": CONNEXION,
    }
    with standing() as stand:
        servers = _start(stand, peers)
        seen = _compare(servers, Requests(stand, options.requests).post, options)
    return _figure("P3", seen, {"flask": 1.15})


def _start(stand: Stand, peers: Mapping[str, Peer]) -> dict[str, Server]:
    with step("starting services"):
        started = {name: stand.start_peer(name, peer) for name, peer in peers.items()}
        return {OURS: stand.start_ours(), **started}


def _compare(
    servers: Mapping[str, Server], plan_of: PlanOf, options: Options
) -> dict[str, Medians]:
    def run(name: str, server: Server) -> Run:
        return measure(server.pid, plan_of(name, server))

    variants = {name: partial(run, name, server) for name, server in servers.items()}
    return interleave(variants, rounds=options.rounds)


def _figure(figure_id: str, seen: Mapping[str, Medians], goals: Mapping[str, float]) -> Figure:
    """Ratios to every peer; those with a goal are the figure's parts."""
    ours = seen[OURS].cpu_ms
    ratios = {name: ours / each.cpu_ms for name, each in seen.items() if name != OURS}
    parts = [Part(f"over_{name}", ratios[name], limit) for name, limit in goals.items()]
    told = {f"over_{name}": ratio for name, ratio in ratios.items()}
    told |= {f"{name}_cpu_ms": each.cpu_ms for name, each in seen.items()}
    told |= {f"{name}_p50_ms": each.p50_ms for name, each in seen.items()}
    return Figure.of(figure_id, parts, told)


def _require_same_answers(requests: Requests, servers: Mapping[str, Server]) -> None:
    """A peer that answers something else would be another program."""
    target = f"{requests.items}/{requests.stand.item_ids[0]}"
    answers = set()
    for name, server in servers.items():
        headers = requests.get(name, server).headers
        connection = HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", target, headers=headers)
        text = connection.getresponse().read().decode()
        item = json.loads(text.replace('Z"', '+00:00"'))
        connection.close()
        answers.add(json.dumps(item, sort_keys=True))
    assert len(answers) == 1, answers
