"""Checks of names, certificates and clocks."""

import socket
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx

from otsp_chassis import clock
from otsp_cli.doctor.addresses import Address
from otsp_cli.doctor.certificates import examine_certificate, examine_plain
from otsp_cli.doctor.data import examine_database_clock, judged_skew, servers
from otsp_cli.doctor.databases import Database
from otsp_cli.doctor.findings import Finding, failed, ok, skipped
from otsp_cli.doctor.surroundings import Surroundings

_HALF_A_SECOND = timedelta(seconds=0.5)
_DATED = ("OTSP_PORTAL_GATEWAY_URL", "OTSP_GATEWAY_URL", "OTSP_RABBITMQ_API_URL")


def hosts(around: Surroundings) -> Mapping[str, Address]:
    return {each.host: each for each in around.addresses if not each.host.startswith("/")}


def examine_name(_: Surroundings, address: Address) -> Finding:
    try:
        found = socket.getaddrinfo(address.host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return failed(
            f"unknown name ({error.strerror})", f"mend {address.setting} or the name service"
        )
    return ok(", ".join(sorted({str(each[4][0]) for each in found})))


def endpoints(around: Surroundings) -> Mapping[str, Address]:
    return {f"{each.kind} {each.name}": each for each in around.addresses}


def examine_tls(around: Surroundings, address: Address) -> Finding:
    if not address.is_encrypted:
        return examine_plain(address, is_production=around.named.env == "production")
    try:
        return examine_certificate(address)
    except OSError as error:
        why = error.strerror or str(error)
        return failed(f"no TLS there: {why}", f"look at {address.setting} and what serves it")


Clocked = Database | Address


def clocks(around: Surroundings) -> Mapping[str, Clocked]:
    found: dict[str, Clocked] = {
        f"postgresql {name}": pools.databases[0] for name, pools in servers(around).items()
    }
    dated = [each for each in around.addresses if each.setting in _DATED]
    return found | {f"{each.kind} {each.name}": each for each in dated}


def examine_clock(_: Surroundings, clocked: Clocked) -> Finding:
    """A Date header counts whole seconds: half of one is added."""
    if isinstance(clocked, Database):
        return examine_database_clock(clocked)
    asked = clock.now()
    try:
        answer = httpx.head(f"{clocked.kind}://{clocked.name}/", timeout=5)
        told = parsedate_to_datetime(answer.headers["Date"]) + _HALF_A_SECOND
    except (httpx.HTTPError, KeyError, ValueError) as error:
        return skipped(f"it tells no time ({type(error).__name__})")
    middle = asked + (clock.now() - asked) / 2
    return judged_skew((told - middle).total_seconds())
