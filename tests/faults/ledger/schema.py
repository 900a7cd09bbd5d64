"""The participants' databases, made once and emptied for each scenario, by their owners."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, MetaData, create_engine, text

from otsp_chassis.migrate import create_chassis_tables


def create_tables(owner_url: str, tables: MetaData) -> None:
    """The mechanisms' tables and the participant's own."""
    with _transaction(owner_url) as connection:
        create_chassis_tables(connection)
        tables.create_all(connection)


def empty_tables(owner_url: str) -> None:
    with _transaction(owner_url) as connection:
        names = connection.scalars(
            text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY"))


@contextmanager
def _transaction(owner_url: str) -> Iterator[Connection]:
    engine = create_engine(owner_url.replace("://", "+psycopg://", 1))
    with engine.begin() as connection:
        yield connection
    engine.dispose()
