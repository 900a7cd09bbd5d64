"""Spans of SQL: what a statement does and to which table, never its parameters.

Hung on SQLAlchemy while something is recorded, so that a process without tracing has no listener.
"""

from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, event

from otsp_chassis.tracing import spans

_OPEN = "otsp_span"
Told = Any


def listen() -> None:
    event.listen(Engine, "before_cursor_execute", _begin)
    event.listen(Engine, "after_cursor_execute", _end)
    event.listen(Engine, "handle_error", _fail)


def unlisten() -> None:
    event.remove(Engine, "before_cursor_execute", _begin)
    event.remove(Engine, "after_cursor_execute", _end)
    event.remove(Engine, "handle_error", _fail)


def _begin(connection: Connection, _cursor: Told, statement: str, *_: Told) -> None:
    """Called twice where an engine is a view of another."""
    here = spans.current()
    if here.is_recording and _OPEN not in connection.info:
        connection.info[_OPEN] = here.statement(statement).__enter__()


def _end(connection: Connection, *_: Told) -> None:
    span = connection.info.pop(_OPEN, None)
    if span is not None:
        span.__exit__(None, None, None)


def _fail(context: ExceptionContext) -> None:
    span = context.connection.info.pop(_OPEN, None) if context.connection else None
    if span is not None:
        error = context.original_exception
        span.__exit__(type(error), error, error.__traceback__)
