"""The addresses that the environment names: where they lead, never with whose password."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from otsp_cli.doctor.settings import Named, NamedDatabase

_PORTS = {"https": 443, "http": 80, "amqps": 5671, "amqp": 5672}
_ENCRYPTED = frozenset({"https", "amqps", "smtps", "starttls"})
_SSL_MODES = frozenset({"require", "verify-ca", "verify-full"})


@dataclass(frozen=True, slots=True)
class Address:
    """One server. `kind` is the scheme; `url` carries secrets and is never printed."""

    kind: str
    host: str
    port: int
    setting: str
    url: str
    ssl_mode: str = ""
    root_certificate: str = ""

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def is_encrypted(self) -> bool:
        return self.kind in _ENCRYPTED or self.ssl_mode in _SSL_MODES

    @property
    def is_here(self) -> bool:
        """On this machine: nobody listens in between."""
        return self.host in {"127.0.0.1", "::1", "localhost"} or self.host.startswith("/")


def addresses(named: Named, databases: dict[str, NamedDatabase]) -> list[Address]:
    """Each once, in the order of the settings; what is no address is left to `settings`."""
    found = [*_of_databases(databases), *_of_urls(named), *_of_mail(named), *_of_gateway(named)]
    return list({(each.kind, each.name): each for each in reversed(found)}.values())[::-1]


def postgres_address(url: str, setting: str) -> Address | None:
    """None for what libpq cannot read."""
    try:
        parts = conninfo_to_dict(url)
        host, port = str(parts.get("host") or "localhost"), int(parts.get("port") or 5432)
    except (psycopg.Error, ValueError):
        return None
    mode, root = str(parts.get("sslmode") or ""), str(parts.get("sslrootcert") or "")
    return Address("postgresql", host, port, setting, url, mode, root)


def url_address(url: str, setting: str) -> Address | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return Address(parts.scheme, parts.hostname, port, setting, url) if parts.hostname else None


def _of_databases(databases: dict[str, NamedDatabase]) -> Iterator[Address]:
    for service, each in databases.items():
        for url, name in (
            (each.database_url, "DATABASE_URL"),
            (each.migration_database_url, "MIGRATION_DATABASE_URL"),
        ):
            address = url and postgres_address(url, f"OTSP_{service.upper()}_{name}")
            if address:
                yield address


def _of_urls(named: Named) -> Iterator[Address]:
    for field in (
        "amqp_url", "rabbitmq_api_url", "portal_gateway_url", "gateway_url", "auth_portal_url",
        "compliance_portal_url", "s3_endpoint", "otlp_endpoint", "auth_sms_url",
        "auth_sms_fallback_url",
    ):  # fmt: skip
        url: str | None = getattr(named, field)
        address = url and url_address(url, f"OTSP_{field.upper()}")
        if address and field == "s3_endpoint" and named.s3_ca_file:
            address = replace(address, root_certificate=str(named.s3_ca_file))
        if address:
            yield address


def _of_mail(named: Named) -> Iterator[Address]:
    if named.auth_smtp_host and named.auth_smtp_port.isdecimal():
        kind = "starttls" if named.auth_smtp_security == "starttls" else "smtps"
        port = int(named.auth_smtp_port)
        yield Address(kind, named.auth_smtp_host, port, "OTSP_AUTH_SMTP_HOST", "")


def _of_gateway(named: Named) -> Iterator[Address]:
    """Where nginx passes requests on to; it does not start with a name that nobody knows."""
    try:
        upstreams = json.loads(named.gateway_upstreams or "{}")
        places = [place for each in upstreams.values() for place in each]
    except (ValueError, AttributeError, TypeError):
        return
    for place in places:
        host, _, port = str(place).rpartition(":")
        if port.isdecimal():
            yield Address("http", host.strip("[]"), int(port), "OTSP_GATEWAY_UPSTREAMS", "")
