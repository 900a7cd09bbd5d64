"""JSON logs on stdout: static event names, data in keys, ids instead of objects.

Trace, request, correlation, principal and institution ids are taken from the current call. Bodies,
tokens, identity numbers, phones and names are never passed in; the last processor drops the
keys that could carry them should somebody slip.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from otsp_chassis import tracing
from otsp_chassis.context import current_call, current_runtime

_NEVER = frozenset(
    {"password", "token", "authorization", "cookie", "body", "id_no", "mobile", "name", "code"}
)

_QUIETER = {
    # A run that is skipped because the one before still goes on, or is a second late, is as it is
    # meant to be; that a job does not run at all is told by the age of its last success.
    "apscheduler": logging.ERROR,
    "connexion": logging.WARNING,
    "alembic.runtime.migration": logging.WARNING,
}

Event = MutableMapping[str, Any]
_processors: list[Processor] = []
"""The same list for ever: loggers keep the one they first saw, listeners change the newest.

The level is asked of the root logger at each line for the same reason: a logger that first spoke
under `otsp doctor`'s level would keep it.
"""


def configure(level: str, stream: TextIO | None = None) -> None:
    """Once per process, before the first line; the standard library's loggers are included.

    To standard output, unless a command needs that for its answer.
    """
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        _add_trace,
        _add_call,
        _tell_exception,
        _drop_personal,
    ]
    _processors[:] = [
        structlog.stdlib.filter_by_level,
        *shared,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ]
    structlog.configure(
        processors=_processors,
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy, least in _QUIETER.items():
        logging.getLogger(noisy).setLevel(least)


def get_logger() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("otsp")
    return logger


def _add_trace(_logger: object, _method: str, event: Event) -> Event:
    for key, value in tracing.log_keys().items():
        event.setdefault(key, value)
    return event


def _add_call(_logger: object, _method: str, event: Event) -> Event:
    try:
        event.setdefault("service", current_runtime().service)
    except LookupError:
        return event
    call = current_call()
    if call is None:
        return event
    event.setdefault("operation", call.operation)
    event.setdefault("request_id", call.request_id)
    if call.correlation_id is not None:
        event.setdefault("correlation_id", call.correlation_id)
    if call.institution_id is not None:
        event.setdefault("institution_id", str(call.institution_id))
    if call.principal is not None:
        event.setdefault("principal_id", str(call.principal.account_id))
    return event


def _tell_exception(_logger: object, _method: str, event: Event) -> Event:
    """Class and code places of an exception and its causes, without messages.

    A message may quote what somebody typed (a failed constraint quotes the row), a frame's
    variables hold it; the SQLSTATE and the constraint's name are told instead.
    """
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = [line for each in _chain(error) for line in _told(each)]
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _told(error: BaseException) -> Iterator[str]:
    diagnostics = getattr(error, "diag", None)
    sqlstate, constraint = (
        getattr(diagnostics, name, None) for name in ("sqlstate", "constraint_name")
    )
    yield " ".join(str(part) for part in (error.__class__.__name__, sqlstate, constraint) if part)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"


def _drop_personal(_logger: object, _method: str, event: Event) -> Event:
    for key in _NEVER & event.keys():
        event[key] = "[dropped]"
    return event
