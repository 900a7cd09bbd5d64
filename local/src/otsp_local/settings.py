"""The knobs of the local platform, and what its processes inherit of the caller's environment."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import AliasChoices, Field
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


class BuildSettings(BaseSettings):
    """Where this machine's package index and certificates are, as pip and uv are told of them."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    docker_host: str = Field("unix:///var/run/docker.sock", validation_alias="DOCKER_HOST")
    index_url: str | None = Field(
        None, validation_alias=AliasChoices("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
    )
    certificates: Path | None = Field(
        None, validation_alias=AliasChoices("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
    )
    http_proxy: str | None = None
    https_proxy: str | None = None
    no_proxy: str | None = None


class ComposeSettings(BaseSettings):
    """What docker-compose.yml may be told otherwise; every OTSP_ variable is handed on to it."""

    model_config = SettingsConfigDict(env_prefix="OTSP_", extra="ignore", frozen=True)

    compose_dir: Path = ROOT / ".run" / "compose"
    listen: str = "127.0.0.1:8080"
    origin: str | None = None
    """Where browsers find the gateway; None: http:// and `listen`."""


def whole_environment(**more: str) -> dict[str, str]:
    """For Docker's clients, which read more of it than we know."""
    return {**os.environ, **more}
