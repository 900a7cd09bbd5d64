"""P8: the relay of the outbox beside a bare one: same rows, same queue, batches of 500."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from uuid import UUID

import pika
import psycopg

from bench.figures import Figure, Part, tell_spread
from bench.options import Options
from bench.peers.bare_relay import BareRelay, Publisher
from bench.rounds import alternate, cpu_seconds
from bench.town import Town, standing
from otsp_chassis import clock
from otsp_chassis.bus.connecting import declare, parameters
from otsp_chassis.bus.rabbit import RabbitBus
from otsp_chassis.bus.topology import EVENTS, topology_of
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import BATCH, Relay
from otsp_contracts.envelope import Envelope

GOAL_PER_SECOND = 6_000.0
ROW_BYTES = 1_024
QUEUE, TYPE = "bench.events.q1", "bench.relayed.v1"
_INTO_OURS = (
    "INSERT INTO outbox (event_id, type, subject, envelope)"
    " SELECT id, %s, %s, body FROM unnest(%s::uuid[], %s::bytea[]) AS row (id, body)"
)
_INTO_BARE = (
    "INSERT INTO outbox (event_id, exchange, routing_key, body)"
    " SELECT id, %s, %s, body FROM unnest(%s::uuid[], %s::bytea[]) AS row (id, body)"
)


@dataclass(frozen=True, slots=True)
class Run:
    """One outbox emptied: events a second, CPU µs an event of each account."""

    per_second: float
    cpu_us: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Side:
    """Where rows are put, how, and who moves them."""

    database_url: str
    insert: str
    named: tuple[str, str]
    drain: Callable[[], int]


def measure_relay(options: Options) -> Figure:
    """Ours as a worker runs it, over the bus that a worker has."""
    count = options.requests * 8
    town = options.stands.of(standing)
    with _sides(town) as sides:
        runs = alternate(
            {name: partial(_emptied, town, side, count) for name, side in sides.items()},
            rounds=options.rounds,
        )
    rate = {}
    for name, made in runs.items():
        tell_spread(f"{name} a second", [run.per_second for run in made])
        rate[name] = median(run.per_second for run in made)
    seen = {"over_bare": rate["ours"] / rate["bare"], "bare_per_second": rate["bare"]}
    for name, made in runs.items():
        for account in made[0].cpu_us:
            seen[f"{name}_{account}_cpu_us"] = median(run.cpu_us[account] for run in made)
    parts = [
        Part("rate_over_goal", rate["ours"] / GOAL_PER_SECOND, 1.0, at_least=True),
        Part("events_per_second", rate["ours"], GOAL_PER_SECOND, at_least=True),
    ]
    return Figure.of("P8", parts, seen)


@contextmanager
def _sides(town: Town) -> Iterator[dict[str, Side]]:
    """Both publish to one queue that nobody reads."""
    with pika.BlockingConnection(parameters(town.rabbit.url)) as broker:
        declare(broker, topology_of({QUEUE: frozenset({TYPE})}))
    bus, bare_url = RabbitBus(town.rabbit.url), town.idle_bare_url
    bare = BareRelay(bare_url, Publisher(town.rabbit.url), batch=BATCH)
    runtime = town.idle_runtime
    relay = Relay(runtime, bus)
    try:
        yield {
            "ours": Side(runtime.database.url, _INTO_OURS, (TYPE, "bench"), relay.drain),
            "bare": Side(bare_url, _INTO_BARE, (EVENTS, TYPE), bare.drain),
        }
    finally:
        bare.close()
        bus.stop()


def _emptied(town: Town, side: Side, count: int) -> Run:
    ids = [new_id() for _ in range(count)]
    with psycopg.connect(side.database_url, autocommit=True) as connection:
        connection.execute(side.insert, (*side.named, ids, [_event(each) for each in ids]))
    before, begun = _spent(town), time.perf_counter()
    moved = side.drain()
    seconds = time.perf_counter() - begun
    spent = {name: value - before[name] for name, value in _spent(town).items()}
    assert moved == count, f"{moved} of {count} were moved"
    with pika.BlockingConnection(parameters(town.rabbit.url)) as broker:
        broker.channel().queue_purge(QUEUE)
    return Run(count / seconds, {name: value * 1e6 / count for name, value in spent.items()})


def _spent(town: Town) -> dict[str, float]:
    """CPU seconds until now; both relays run in this process."""
    pids = town.pids()
    accounts: dict[str, Sequence[int]] = {name: pids[name] for name in ("broker", "postgres")}
    told = {name: sum(map(cpu_seconds, found)) for name, found in accounts.items()}
    return {"python": time.process_time(), **told}


def _event(event_id: UUID) -> bytes:
    """Of exactly 1 KB."""
    envelope = Envelope(
        id=event_id, source="/otsp/bench", type=TYPE, time=clock.now(), data={"pad": ""}
    )
    missing = ROW_BYTES - len(envelope.to_bytes())
    return envelope.model_copy(update={"data": {"pad": "x" * missing}}).to_bytes()
