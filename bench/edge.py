"""P4: what the edge adds — nginx as otsp_gateway renders it beside a bare proxy_pass.

The same upstream behind both: an nginx that answers at once, so that nothing else is in the
figure. The edge checks the session (cached), counts limits, filters headers, writes its log.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.figures import Figure, Part
from bench.load import Plan
from bench.options import Options
from bench.rounds import (
    CLIENT_CORES,
    SERVER_CORES,
    Medians,
    Run,
    interleave,
    measure,
    on_cores,
    scratch_folder,
)
from bench.stand import Server
from otsp_gateway.binary import find_nginx, inspect_nginx
from otsp_gateway.render import nginx_command, render
from otsp_gateway.routes import Rate, load_routes
from otsp_gateway.settings import GatewaySettings
from otsp_local.console import step
from otsp_local.ports import LOOPBACK, free_port, is_free
from otsp_local.processes import ProcessFolder, Program

TARGET = "/api/staff/v1/institutions/01929d3e-0000-7000-8000-000000000000/staff"
TOKEN = "a-session-token-of-forty-three-characters-x"  # noqa: S105 - of nobody
# An answer of the length that a page of staff has, and an identity token's length of identity.
_UPSTREAM = """
location = /internal/session {{ add_header OTSP-Identity {identity}; return 200; }}
location / {{ default_type application/json; return 200 '{{"items":"{items}"}}'; }}
"""
_BARE = """
location / {{ proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection ""; }}
"""
_CONF = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_timeout 65s;
    keepalive_requests 1000000;
    tcp_nodelay on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    {temporary}
    upstream upstream {{ server {upstream}; keepalive 64; keepalive_requests 1000000; }}
    server {{ listen {address}; {locations} }}
}}
"""
THINK_MS = (20.0, 60.0)


def measure_edge(options: Options) -> Figure:
    """Flat out for the CPU, with thinking users for the time that a request takes."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {TOKEN}"}

    def run(server: Server, pause_ms: tuple[float, float]) -> Run:
        count = options.requests if pause_ms[1] else options.requests * 10
        plan = Plan(server.port, [TARGET], count, headers=headers, pause_ms=pause_ms)
        return measure(server.pid, plan)

    with _edges() as servers:
        variants = {name: partial(run, server, (0, 0)) for name, server in servers.items()}
        flat_out = interleave(variants, rounds=options.rounds)
        variants = {name: partial(run, server, THINK_MS) for name, server in servers.items()}
        thinking = interleave(variants, rounds=options.rounds)
    return _figure(flat_out, thinking)


def _figure(flat_out: dict[str, Medians], thinking: dict[str, Medians]) -> Figure:
    added = thinking["edge"].p50_ms - thinking["bare"].p50_ms
    parts = [
        Part("over_bare", flat_out["edge"].cpu_ms / flat_out["bare"].cpu_ms, 3.0),
        Part("added_p50_ms", added, 0.4),
    ]
    seen = {"over_bare_thinking": thinking["edge"].cpu_ms / thinking["bare"].cpu_ms}
    for name in ("edge", "bare"):
        seen[f"{name}_cpu_ms"] = flat_out[name].cpu_ms
        seen[f"{name}_thinking_cpu_ms"] = thinking[name].cpu_ms
        seen[f"{name}_thinking_p50_ms"] = thinking[name].p50_ms
        seen[f"{name}_requests_per_second"] = flat_out[name].rate
    return Figure.of("P4", parts, seen)


@contextmanager
def _edges() -> Iterator[dict[str, Server]]:
    folder = scratch_folder()
    processes = ProcessFolder(folder)
    try:
        with step("starting nginx three times"):
            with on_cores(CLIENT_CORES):
                locations = _UPSTREAM.format(identity="i" * 400, items="x" * 4_000)
                upstream = _start_plain(processes, "upstream", locations, upstream=None)
            with on_cores(SERVER_CORES):
                bare = _start_plain(processes, "bare", _BARE.format(), upstream=upstream)
                edge = _start_edge(processes, upstream)
        yield {"edge": edge, "bare": bare}
    finally:
        processes.stop(processes.names())
        shutil.rmtree(_memory_folder(folder), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _start_edge(processes: ProcessFolder, upstream: Server) -> Server:
    """Limits are counted as in production, but set where this load does not reach them."""
    port, table = free_port(), load_routes()
    address = (f"{LOOPBACK}:{upstream.port}",)
    names = [*table.rates, *dict(table.bearers)]
    settings = GatewaySettings(
        env="test",
        listen=(f"{LOOPBACK}:{port}",),
        upstreams=dict.fromkeys(table.services, address),
        session_cache_dir=_memory_folder(processes.directory),
        rates={name: Rate(rate="900000r/s", burst=10_000) for name in names},
        public_scheme="http",
    )
    out_dir = processes.directory / "edge"
    render(settings, out_dir)
    return _start(processes, "edge", nginx_command(settings, out_dir), port=port)


def _memory_folder(folder: Path) -> Path:
    """Where the platform keeps it: the session cache never lies on a disk (D9)."""
    memory = Path("/dev/shm")  # noqa: S108 - the machine's tmpfs
    return (memory if memory.is_dir() else folder) / folder.name


def _start_plain(
    processes: ProcessFolder, name: str, locations: str, *, upstream: Server | None
) -> Server:
    folder, port = processes.directory / name, free_port()
    folder.mkdir()
    nginx = inspect_nginx(find_nginx())
    conf = folder / "nginx.conf"
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in nginx.temporary_of)
    text = _CONF.format(
        folder=folder,
        temporary=temporary,
        upstream=f"{LOOPBACK}:{upstream.port if upstream else port}",
        address=f"{LOOPBACK}:{port}",
        locations=locations,
    )
    conf.write_text(text, encoding="utf-8")
    command = [str(nginx.binary), "-p", f"{folder}/", "-c", str(conf), "-e", "stderr"]
    return _start(processes, name, [*command, "-g", _globals()], port=port)


def _globals() -> str:
    """As the edge is started: see otsp_gateway.render.nginx_command."""
    return "daemon off;" + (" user root root;" if os.geteuid() == 0 else "")


def _start(processes: ProcessFolder, name: str, command: list[str], *, port: int) -> Server:
    program = Program(
        name=name,
        arguments=command,
        environment={"PATH": "/usr/bin:/bin"},
        directory=processes.directory,
        is_ready=lambda: not is_free(port),
    )
    processes.start(program)
    processes.await_ready([program], seconds=20)
    pid = processes.pid_of(name)
    assert pid is not None, name
    return Server(port, pid)
