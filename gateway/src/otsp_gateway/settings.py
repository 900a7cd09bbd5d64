"""Where this edge listens, whom it serves and whom it believes; read from the environment once."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, IPvAnyNetwork, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_gateway.routes import Rate

_ADDRESS = re.compile(r"(unix:/[\w./-]+|(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):\d{1,5})")
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")


def _address(text: str) -> str:
    """Values go into nginx.conf: whatever could end a directive there is refused here."""
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"not HOST:PORT or unix:/PATH: {text!r}")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"not a host name: {text!r}")
    return text.lower()


Address = Annotated[str, AfterValidator(_address)]
HostName = Annotated[str, AfterValidator(_host)]
Seconds = Annotated[int, Field(ge=1, le=3600)]


class GatewaySettings(BaseSettings):
    """Addresses have no default. Environment: OTSP_GATEWAY_<FIELD>, lists and maps as JSON."""

    model_config = SettingsConfigDict(
        env_prefix="OTSP_GATEWAY_", extra="ignore", frozen=True, populate_by_name=True
    )

    env: Literal["production", "demo", "development", "test"] = Field(
        "production", validation_alias="OTSP_ENV"
    )
    listen: tuple[Address, ...] = Field(min_length=1)
    upstreams: dict[str, tuple[Address, ...]]
    # On tmpfs: nginx writes identity tokens there. Only its subfolder "sessions" is wiped.
    session_cache_dir: Path
    portal: tuple[Address, ...] = ()
    # Only from these peers are X-Forwarded-For and traceparent believed: the portal, an ingress.
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    # Empty: any Host is served (one machine). Otherwise another Host is answered with 421.
    public_hosts: tuple[HostName, ...] = ()
    public_scheme: Literal["http", "https"] = "https"
    limit_exempt: tuple[IPvAnyNetwork, ...] = ()
    rates: dict[str, Rate] = Field(default_factory=dict)
    connections_per_client: int = Field(64, ge=1)
    client_timeout_seconds: Seconds = 15
    upstream_read_seconds: Seconds = 30
    workers: int = Field(1, ge=1, le=64)
    # An address for health and nginx's own counters, kept off the public listeners.
    status_listen: Address | None = None
    log_to_stdout: bool = False
    nginx_binary: Path | None = None
    # openapi.yaml of each service; None: those inside the installed otsp_<service> packages.
    specs: dict[str, Path] | None = None

    @model_validator(mode="after")
    def _limits_hold_in_production(self) -> Self:
        if self.env == "production" and self.limit_exempt:
            raise ValueError("OTSP_GATEWAY_LIMIT_EXEMPT must be empty when OTSP_ENV=production")
        return self
