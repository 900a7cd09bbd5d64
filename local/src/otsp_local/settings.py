"""The knobs of the local platform, and what its processes inherit of the caller's environment."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_local.environment import ROOT

_INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")


class LocalSettings(BaseSettings):
    """Read from OTSP_* of the environment."""

    model_config = SettingsConfigDict(env_prefix="OTSP_", extra="ignore", frozen=True)

    run_dir: Path = ROOT / ".run"
    gateway_port: int = Field(8080, ge=1, le=65535)
    """Where the gateway listens; the next free one when it is taken."""
    clock_offset_days: int | None = None
    """None: as at the last start, at first 0 for `up` and the samples' date for `demo`."""
    amqp_url: str | None = None
    """None: one worker process over the in-process bus, unless `broker` is asked for."""
    broker: bool = False
    """Start a RabbitMQ of the platform's own (`--broker`)."""


def inherited_environment() -> dict[str, str]:
    """The little that every child needs, and the caller's own OTSP_ settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or name.startswith("OTSP_")
    }
