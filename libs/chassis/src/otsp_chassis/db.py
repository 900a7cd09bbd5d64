"""The database of the current service: its engine, and the one way to open a transaction.

`transaction()` joins the ambient one when a door (an idempotent request, the inbox) already
opened it, so that a command, its event, its audit row and the stored answer commit together or
not at all. Only the outermost `transaction()` commits.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Final, TypeVar, cast, dataclass_transform

import orjson
import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    MetaData,
    QueuePool,
    Text,
    create_engine,
    event,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from otsp_chassis import clock, metrics
from otsp_chassis.audit_hook import write_default_entry
from otsp_chassis.context import current_call, current_runtime
from otsp_chassis.inserts import insert_what_is_alone
from otsp_chassis.pii import Sealed, SealedBytes
from otsp_chassis.problems import (
    PreconditionRequired,
    Problem,
    StaleVersion,
    Unavailable,
)
from otsp_chassis.search import is_search
from otsp_chassis.tables import NAMING

Tx = Session
"""A unit of work: what commands and event handlers change things with."""

Reader = Connection | Session
"""What queries need: either an AUTOCOMMIT connection or the transaction they run within."""

Conflicts = Mapping[str, type[Problem]]
"""Unique-constraint name → the problem that its violation means."""

Told = TypeVar("Told")

_ambient: ContextVar[Session | None] = ContextVar("otsp_transaction", default=None)
event.listen(Session, "before_flush", insert_what_is_alone)


COLUMN_TYPES: dict[Any, Any] = {
    str: Text(),
    datetime: DateTime(timezone=True),
    Sealed: SealedBytes(),
}
"""For a declarative base's `type_annotation_map`: texts without length, moments with zone."""


@dataclass_transform(frozen_default=True)
def row_class(kind: type[Told]) -> type[Told]:
    """A dataclass for what a query tells: frozen to the type checker, plain at run time.

    A frozen one with slots takes seven times as long to make and three times to serialise, which
    was a tenth of the cost of a page of 20.
    """
    return dataclass(kind)


def service_metadata() -> MetaData:
    """Each service hangs this on its own declarative base: same names, separate tables."""
    return MetaData(naming_convention=NAMING)


class Stamped:
    """Mixin for aggregate roots: when they changed, and the version that If-Match compares."""

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=clock.now, onupdate=clock.now
    )
    version: Mapped[int] = mapped_column(BigInteger, nullable=False)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


_ASKED: Final = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}
_UNHEARD: Final = {"tcp_user_timeout": 20_000}


def link(**settings: str | int) -> dict[str, Any]:
    """What every connection of a process that stays is opened with, besides session settings.

    A machine that lost its power or its network closes nothing. Both ends notice within 20
    seconds: here a thread would wait for its answer, and there the lock of a relay or a job be
    kept for somebody who is gone, for the two hours after which Linux asks.
    """
    theirs = {f"tcp_{name}": value for name, value in _ASKED.items()} | _UNHEARD
    told = " ".join(f"-c {name}={value}" for name, value in (theirs | settings).items())
    return {"connect_timeout": 3, "options": told} | _ASKED | _UNHEARD


class Database:
    """One service's engine; made on first use, hence after any fork (pitfall 28)."""

    DRIVER: ClassVar[str] = "postgresql+psycopg"

    def __init__(
        self, url: str, *, service: str, pool_size: int, pool_timeout: float, statement_ms: int
    ) -> None:
        self._url = url.replace("postgresql://", f"{self.DRIVER}://", 1)
        self._service = service
        self._pool_size = pool_size
        self._pool_timeout = pool_timeout
        self._statement_ms = statement_ms

    @cached_property
    def autocommit(self) -> Engine:
        """What reads use: BEGIN/ROLLBACK round one SELECT costs 2.7 times the server CPU.

        It is the mode that the pool's connections rest in, so that a read changes nothing of them.
        """
        engine = create_engine(
            self._url,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_size=self._pool_size,
            max_overflow=0,
            pool_timeout=self._pool_timeout,
            pool_pre_ping=False,
            json_deserializer=orjson.loads,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={
                "application_name": f"otsp-{self._service}",
                **link(statement_timeout=self._statement_ms, timezone="UTC"),
            },
        )
        event.listen(engine, "do_execute", _plan_searches_anew)
        pool = cast("QueuePool", engine.pool)
        metrics.DB_CONNECTIONS_IN_USE.labels(self._service).set_function(pool.checkedout)
        metrics.DB_POOL_SIZE.labels(self._service).set(self._pool_size)
        return engine

    @cached_property
    def engine(self) -> Engine:
        """The same pool, for transactions."""
        return self.autocommit.execution_options(isolation_level="READ COMMITTED")

    @property
    def url(self) -> str:
        """For connections outside the pool (the relay's LISTEN, advisory locks)."""
        return self._url.replace(f"{self.DRIVER}://", "postgresql://", 1)

    def dispose(self) -> None:
        """Close idle connections if any were ever opened."""
        if "autocommit" in self.__dict__:
            self.autocommit.dispose()


def _plan_searches_anew(
    cursor: psycopg.Cursor, statement: str, parameters: Mapping[str, object], _: object
) -> bool:
    """Whether it was sent here: never prepared, so that each is planned by its own words.

    From its tenth execution on a prepared statement has one plan for all values. Without them a
    name and a region look alike, and of a province the whole index of regions was read for a name
    that fifty have: 76 ms instead of 0.4 among 100,000.
    """
    if not is_search(statement) or isinstance(cursor, psycopg.ServerCursor):
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


@contextmanager
def transaction(*, conflicts: Conflicts | None = None) -> Iterator[Tx]:
    """Open, or join, the unit of work; flush at the end so that refusals arise here.

    `conflicts` names the unique constraints whose violation has a meaning of its own.
    A lost optimistic race raises StaleVersion.
    """
    joined = _ambient.get()
    if joined is not None:
        with _telling(conflicts):
            yield joined
            joined.flush()
        return
    engine = current_runtime().database.engine
    with _telling(conflicts), Session(engine, expire_on_commit=False) as session:
        with ambient(session):
            yield session
            session.flush()
            call = current_call()
            if call is not None and call.is_write:
                write_default_entry(session, call)
        session.commit()


@contextmanager
def ambient(session: Session) -> Iterator[None]:
    """Let everything inside join this session. For doors only."""
    token = _ambient.set(session)
    try:
        yield
    finally:
        _ambient.reset(token)


def is_in_transaction() -> bool:
    """Whether a unit of work is open here: no moment to wait for anybody else (style rule 23)."""
    return _ambient.get() is not None


@contextmanager
def reading() -> Iterator[Reader]:
    """Read outside a transaction, or within the ambient one when there is one."""
    joined = _ambient.get()
    if joined is not None:
        yield joined
        return
    with unavailable_database_told(), current_runtime().database.autocommit.connect() as reader:
        yield reader


def require_version(current: int, if_match: int | None) -> None:
    """Refuse a write that was not made on the version it would replace (RFC 9110 §13.1.1)."""
    if if_match is None:
        raise PreconditionRequired(current_version=current)
    if if_match != current:
        raise StaleVersion(current_version=current)


@contextmanager
def unavailable_database_told() -> Iterator[None]:
    """A lost connection or an exhausted pool is 503 with Retry-After, not an internal error."""
    try:
        yield
    except PoolTimeoutError as error:
        raise Unavailable from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_out_of_reach(error.orig):
            raise Unavailable from error
        raise
    except OUTAGES as error:  # of a mechanism's own statement
        if _is_out_of_reach(error):
            raise Unavailable from error
        raise


OUTAGES: Final = (psycopg.OperationalError, ReadOnlySqlTransaction)
"""What the driver raises when the server cannot be asked, or takes nothing in."""
_AWAY = ("08", "57P", "53100", "53200", "53300", "25006")


def _is_out_of_reach(error: BaseException | None) -> bool:
    """No answer (no SQLSTATE), a connection fault (08), shutting down (57P); no disk, no memory, no
    connection left (53100, 53200, 53300); made to read only, as a replica is or a server whose disk
    is nearly full (25006): what somebody has to free, and nothing that was asked.
    """
    if not isinstance(error, OUTAGES):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(_AWAY)


@contextmanager
def _telling(conflicts: Conflicts | None) -> Iterator[None]:
    try:
        with unavailable_database_told():
            yield
    except StaleDataError as error:
        raise StaleVersion from error
    except IntegrityError as error:
        name = _constraint_name(error)
        problem = (conflicts or {}).get(name or "")
        if problem is None:
            raise
        raise problem from error


def _constraint_name(error: IntegrityError) -> str | None:
    diagnostics = getattr(error.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


__all__ = [
    "COLUMN_TYPES",
    "OUTAGES",
    "Conflicts",
    "Database",
    "Reader",
    "Stamped",
    "Tx",
    "ambient",
    "link",
    "reading",
    "require_version",
    "row_class",
    "service_metadata",
    "transaction",
    "unavailable_database_told",
]
