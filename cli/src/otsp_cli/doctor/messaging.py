"""Checks of the message engine: door, alarms, what must be there, what its user may."""

from collections.abc import Mapping

import httpx

from otsp_cli.doctor.broker import (
    Broker,
    alarms,
    lacking_permissions,
    losing_policies,
    missing_bindings,
)
from otsp_cli.doctor.findings import Finding, failed, ok, skipped, warn
from otsp_cli.doctor.surroundings import Surroundings

OLDEST = (3, 10)
_IMPORT = "rabbitmqctl import_definitions deploy/rabbitmq/definitions.json"
_ANEW = "let it run empty, delete it, then import deploy/rabbitmq/definitions.json"
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
    lost: list[str] = []
    losing: list[str] = []
    try:
        seen = broker.seen()
        if broker.api_url:
            lost = missing_bindings(broker.asked(broker.in_vhost("bindings/{}")))
            losing = losing_policies(broker.asked(broker.in_vhost("policies/{}")))
    except (ConnectionError, httpx.HTTPError, ValueError) as error:
        return skipped(f"the broker cannot be looked into: {_said(error)}")
    wrong = (
        (seen.missing, "not there", _IMPORT),
        (seen.differing, "made with other arguments", _ANEW),
        (lost, "bindings are missing", _IMPORT),
        (losing, "policies let events go", "clear them; ours need no policy"),
    )
    for names, fault, advice in wrong:
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            return failed(f"{fault}: {', '.join(names[:3])}{more}", advice)
    if not seen.is_compared:
        return warn("all there; arguments cannot be compared by this user", _API)
    told = "all there, quorum and as defined"
    return ok(told if broker.api_url else f"{told}; bindings and policies not seen over AMQP")


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
