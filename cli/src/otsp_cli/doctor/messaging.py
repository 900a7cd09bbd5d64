"""Checks of the message engine: door, alarms, what must be there, what its user may."""

from collections.abc import Mapping

import httpx

from otsp_cli.doctor.broker import Broker, alarms, lacking_permissions, missing_bindings
from otsp_cli.doctor.findings import Finding, failed, ok, skipped, warn
from otsp_cli.doctor.surroundings import Surroundings

OLDEST = (3, 10)
_IMPORT = "rabbitmqctl import_definitions deploy/rabbitmq/definitions.json"
_API = "name the management API (OTSP_RABBITMQ_API_URL) to see the rest"


def brokers(around: Surroundings) -> Mapping[str, Broker]:
    return {around.broker.name: around.broker} if around.broker else {}


def examine_broker(_: Surroundings, broker: Broker) -> Finding:
    try:
        seen = broker.seen()
    except ConnectionError as error:
        return failed(str(error), "start the broker, or mend OTSP_AMQP_URL: user, vhost, TLS")
    ringing = ["an alarm holds publishers still"] if seen.is_blocked else []
    if broker.api_url:
        try:
            ringing = alarms(broker.asked("nodes")) or ringing
        except (httpx.HTTPError, ValueError) as error:
            return warn(f"management API: {_said(error)}", "mend OTSP_RABBITMQ_API_URL")
    told = f"RabbitMQ {seen.version}, vhost {broker.vhost} as {broker.user}"
    if ringing:
        return failed(f"{told}: {', '.join(ringing)}", "free disk or memory of the broker's nodes")
    if _is_older(seen.version):
        return failed(told, "RabbitMQ 3.10 is the oldest that is supported")
    return ok(f"{told}, no alarm")


def examine_queues(_: Surroundings, broker: Broker) -> Finding:
    try:
        seen = broker.seen()
        lost = (
            missing_bindings(broker.asked(broker.in_vhost("bindings/{}"))) if broker.api_url else []
        )
    except (ConnectionError, httpx.HTTPError, ValueError) as error:
        return skipped(f"the broker cannot be looked into: {_said(error)}")
    if seen.missing:
        return failed(f"not there: {', '.join(seen.missing)}", _IMPORT)
    if seen.differing:
        return failed(
            f"made with other arguments: {', '.join(seen.differing)}",
            "let it run empty, delete it, then import deploy/rabbitmq/definitions.json",
        )
    if lost:
        return failed(f"{len(lost)} bindings are missing, {lost[0]} first", _IMPORT)
    if not seen.is_compared:
        return warn("all there; arguments cannot be compared by this user", _API)
    told = "all there, quorum and as defined"
    return ok(told) if broker.api_url else ok(f"{told}; bindings not seen over AMQP")


def examine_permissions(_: Surroundings, broker: Broker) -> Finding:
    give = f"rabbitmqctl set_permissions -p {broker.vhost} {broker.user} '^$' '.*' '.*'"
    try:
        seen = broker.seen()
        if broker.api_url:
            rows = broker.asked(broker.in_vhost("vhosts/{}/permissions"))
            lacking = lacking_permissions(rows, broker.user)
            told = f"{broker.user} lacks: {', '.join(lacking)}"
            return failed(told, give) if lacking else ok(f"{broker.user} may read and write")
    except (ConnectionError, httpx.HTTPError, ValueError) as error:
        return skipped(f"the broker cannot be looked into: {_said(error)}")
    if not seen.may_write:
        return failed(f"{broker.user} may not write to otsp.events", give)
    return ok(f"{broker.user} may write; reading not seen over AMQP: {_API}")


def _said(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    return str(error) if isinstance(error, ConnectionError) else type(error).__name__


def _is_older(version: str) -> bool:
    numbers = tuple(int(each) for each in version.split(".")[:2] if each.isdecimal())
    return len(numbers) == 2 and numbers < OLDEST
