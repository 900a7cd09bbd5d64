"""The demonstration itself, as real processes behind a real nginx; started once a session."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from otsp_local.settings import inherited_environment
from otsp_testkit.broker import BrokerSettings

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demonstration."""

    run_dir: Path
    results: list[dict[str, Any]]

    @property
    def url(self) -> str:
        return (self.run_dir / "url").read_text(encoding="utf-8")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_module(self.run_dir, *arguments)

    def login(self, account: str) -> httpx.Client:
        """A client with a session of one of the demonstration's accounts."""
        accounts = json.loads((self.run_dir / "accounts.json").read_text(encoding="utf-8"))
        known = accounts[account]
        credentials = {"username": known["username"], "password": known["password"]}
        answer = httpx.post(f"{self.url}/api/auth/v1/sessions", json=credentials, timeout=30)
        token = answer.raise_for_status().json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


def run_module(run_dir: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **inherited_environment(),
        "OTSP_RUN_DIR": str(run_dir),
        "OTSP_GATEWAY_PORT": "18080",
        **settings,
    }
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


@contextmanager
def demonstration(run_dir: Path, *options: str, **settings: str) -> Iterator[Demo]:
    done = run_module(run_dir, "otsp_local", "demo", "--json", *options, **settings)
    try:
        assert done.returncode == 0, done.stderr
        yield Demo(run_dir, [json.loads(line) for line in done.stdout.splitlines()])
    finally:
        run_module(run_dir, "otsp_local", "down", "--erase")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demonstration(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="module")
def demo_over_rabbitmq(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Demo]:
    """Over a server of the demonstration's own, or over the one that these tests were told of."""
    run_dir = tmp_path_factory.mktemp("demo-rabbitmq")
    if BrokerSettings().is_told:
        broker = request.getfixturevalue("broker")
        with demonstration(run_dir, OTSP_AMQP_URL=broker.url) as running:
            yield running
        return
    with demonstration(run_dir, "--broker") as running:
        yield running
