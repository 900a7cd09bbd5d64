"""What is current: the service whose code runs, and the call on whose behalf it runs.

Six services may share a process (the embedded worker, the flow tests), so nothing about a
service is a module global. A door (request, event, job) activates its service's runtime and
the call; the rooms behind it ask here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from otsp_chassis.ids import new_id

if TYPE_CHECKING:
    from otsp_chassis.blobs import BlobStore
    from otsp_chassis.db import Database
    from otsp_chassis.identity import Principal
    from otsp_chassis.pii import Cipher
    from otsp_chassis.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Runtime:
    """One service's settings and resources within this process."""

    service: str
    settings: "ServiceSettings"
    database: "Database"
    cipher: "Cipher"
    blobs: "BlobStore"
    claims: "BlobStore"


@dataclass(frozen=True, slots=True)
class Call:
    """Who acts, through which operation, event or job; travels into audit, logs and events.

    `operator` is the user of the machine on which a command of the platform's keepers runs.
    """

    operation: str
    request_id: str
    is_write: bool
    principal: "Principal | None" = None
    client_ip: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    institution_id: UUID | None = None
    operator: str | None = None


REPUBLISHING = "republish:"
"""How the correlation id begins of everything that `otsp republish` brings about."""


def operation_by(operator: str, operation: str, *, correlation_id: str | None = None) -> Call:
    """The call of a command that a keeper of the platform gives beside its database."""
    return Call(
        operation,
        request_id=str(new_id()),
        is_write=False,
        correlation_id=correlation_id,
        operator=operator,
    )


def is_republished(correlation_id: str | None) -> bool:
    return correlation_id is not None and correlation_id.startswith(REPUBLISHING)


_runtime: ContextVar[Runtime] = ContextVar("otsp_runtime")
_call: ContextVar[Call | None] = ContextVar("otsp_call", default=None)


def current_runtime() -> Runtime:
    """Raises LookupError outside every door: business code must not run there."""
    return _runtime.get()


def current_call() -> Call | None:
    return _call.get()


@contextmanager
def activate(runtime: Runtime, call: Call | None = None) -> Iterator[None]:
    runtime_token = _runtime.set(runtime)
    call_token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(call_token)
        _runtime.reset(runtime_token)
