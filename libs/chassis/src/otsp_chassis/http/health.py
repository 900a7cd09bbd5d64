"""Health: /livez asks only this process, /readyz its database, /startupz its schema."""

import flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from otsp_chassis.context import Runtime
from otsp_chassis.revision import newest_revision


def add_health(app: flask.Flask, runtime: Runtime, package: str) -> None:
    """Never the broker, never another service: the outbox keeps a service useful without them.

    A schema newer than the code is ready too, or a roll-back could never become so.
    """

    def livez() -> flask.Response:
        return _plain("ok", 200)

    def readyz() -> flask.Response:
        return _plain(*_database_answers(runtime))

    def startupz() -> flask.Response:
        return _plain(*_schema_is_current(runtime, newest_revision(package)))

    for path, view in (("/livez", livez), ("/readyz", readyz), ("/startupz", startupz)):
        app.add_url_rule(path, path, view, methods=["GET"], provide_automatic_options=False)


def _plain(line: str, status: int) -> flask.Response:
    return flask.Response(line + "\n", status, content_type="text/plain; charset=utf-8")


def _database_answers(runtime: Runtime) -> tuple[str, int]:
    try:
        with runtime.database.autocommit.connect() as reader:
            reader.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return f"database: {error.__class__.__name__}", 503
    return "ok", 200


def _schema_is_current(runtime: Runtime, wanted: str) -> tuple[str, int]:
    try:
        with runtime.database.autocommit.connect() as reader:
            found = reader.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        return f"schema: {error.__class__.__name__}", 503
    if found is None or found[:4] < wanted[:4]:
        return f"schema: have {found}, need {wanted}; run: otsp migrate {runtime.service}", 503
    return "ok", 200
