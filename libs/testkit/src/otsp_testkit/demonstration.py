"""The demonstration itself, as real processes behind a real nginx, seen from outside."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_local.environment import ROOT
from otsp_local.settings import inherited_environment


class DemoSettings(BaseSettings):
    """OTSP_DEMO_RUN_DIR: where a demonstration runs already, while developing."""

    model_config = SettingsConfigDict(env_prefix="OTSP_DEMO_")

    run_dir: Path | None = None
    gateway_url: str | None = None
    """OTSP_DEMO_GATEWAY_URL: of its API, where the portal that is tried stands beside it."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demonstration."""

    run_dir: Path
    results: list[dict[str, Any]]

    @property
    def url(self) -> str:
        return (self.run_dir / "url").read_text(encoding="utf-8")

    def account(self, name: str) -> tuple[str, str]:
        """Username and password of one of the demonstration's accounts."""
        known = json.loads((self.run_dir / "accounts.json").read_text(encoding="utf-8"))[name]
        return known["username"], known["password"]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_module(self.run_dir, *arguments)

    def login(self, account: str) -> httpx.Client:
        """A client with a session of one of the demonstration's accounts."""
        username, password = self.account(account)
        credentials = {"username": username, "password": password}
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
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        yield Demo(run_dir, [json.loads(line) for line in done.stdout.splitlines()])
    finally:
        run_module(run_dir, "otsp_local", "down", "--erase")
