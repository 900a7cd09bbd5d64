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

if TYPE_CHECKING:
    from otsp_chassis.db import Database
    from otsp_chassis.files import BlobStore
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


@dataclass(frozen=True, slots=True)
class Call:
    """Who acts, through which operation, event or job; travels into audit, logs and events."""

    operation: str
    request_id: str
    is_write: bool
    principal: "Principal | None" = None
    client_ip: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    institution_id: UUID | None = None


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
