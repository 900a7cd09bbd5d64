"""The broker that OTSP_AMQP_URL names: asked before anything is started that would wait for it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from otsp_chassis.bus.connecting import why_unreachable
from otsp_chassis.settings import broker_address
from otsp_local.console import StepFailed, step

_INSTEAD = "Without OTSP_AMQP_URL no broker is needed; --broker starts one of the platform's own."


def ensure_reachable(url: str, *, is_own_asked_for: bool = False) -> None:
    """StepFailed with what is wrong and what to do, unless the broker lets us in."""
    if is_own_asked_for:
        raise StepFailed(
            "OTSP_AMQP_URL names a broker, and --broker asks for one of the platform's own.\n"
            "Unset OTSP_AMQP_URL, or leave --broker away."
        )
    try:
        where = _without_password(broker_address(url))
    except ValueError as error:
        raise StepFailed(f"OTSP_AMQP_URL is no broker's address: {error}.\n{_INSTEAD}") from None
    with step(f"RabbitMQ at {where}"):
        why = why_unreachable(url)
        if why is not None:
            raise StepFailed(
                f"OTSP_AMQP_URL: {where}: {why}.\n"
                "Nothing was started. Start the broker or mend the address, then try again.\n"
                f"{_INSTEAD}"
            )


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or (5671 if parts.scheme == "amqps" else 5672)
    return f"{parts.hostname}:{port}{unquote(parts.path) or '/'} as {parts.username or 'guest'}"
