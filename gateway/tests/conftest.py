"""Edges of several settings, each started once a session, before the same three upstreams."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from otsp_gateway.routes import load_routes
from otsp_gateway.settings import GatewaySettings
from otsp_gateway_testkit.edge import Edge, free_port, running_nginx
from otsp_gateway_testkit.upstream import Reply, Upstream

SPECS = Path(__file__).parent / "specs"


@pytest.fixture(scope="session")
def upstreams() -> Iterator[tuple[Upstream, ...]]:
    """Auth, the services, the portal."""
    with ExitStack() as stack:
        auth, services, portal = (stack.enter_context(Upstream()) for _ in range(3))
        auth.sessions["good"] = Reply(200, {"OTSP-Identity": "identity-of-good"}, b"")
        yield auth, services, portal


@pytest.fixture(autouse=True)
def _unasked(upstreams: tuple[Upstream, ...]) -> None:
    """No test meets what another had them answer, whichever edge it asks."""
    for each in upstreams:
        each.forget()


@pytest.fixture(scope="session")
def make_edge(
    tmp_path_factory: pytest.TempPathFactory, upstreams: tuple[Upstream, ...]
) -> Iterator[Callable[..., Edge]]:
    auth, services, portal = upstreams
    with ExitStack() as stack:

        def make(**settings: object) -> Edge:
            folder = tmp_path_factory.mktemp("edge")
            edge = Edge(free_port(), folder / "out", auth, services, portal)
            known = dict.fromkeys(load_routes().services, (services.address,))
            defaults = {
                "env": "test",
                "listen": (f"127.0.0.1:{edge.port}",),
                "upstreams": known | {"auth": (auth.address,), "courses": ("127.0.0.1:9",)},
                "portal": (portal.address,),
                "session_cache_dir": folder / "cache",
                "limit_exempt": ("127.0.0.0/8",),
                "client_timeout_seconds": 1,
                "upstream_read_seconds": 1,
                "specs": {path.stem: path for path in sorted(SPECS.glob("*.yaml"))},
            }
            chosen = GatewaySettings.model_validate(defaults | settings)
            stack.enter_context(running_nginx(chosen, edge.out_dir))
            return edge

        yield make


@pytest.fixture(scope="session")
def edge(make_edge: Callable[..., Edge]) -> Edge:
    return make_edge()


@pytest.fixture
def load_example() -> Callable[[str], dict]:
    return lambda name: yaml.safe_load((SPECS / f"{name}.yaml").read_text(encoding="utf-8"))
