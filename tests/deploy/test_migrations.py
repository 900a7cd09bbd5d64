"""Migrations beside others: two jobs at once, a table that somebody holds, an index in use."""

import importlib
import sys
import threading

import psycopg
import pytest

from otsp_chassis import migrate
from otsp_chassis.migrate import GaveUp, upgrade
from otsp_cli.__main__ import main

FIRST = '    op.execute("CREATE TABLE thing (name text, times int)")\n'
INDEX = '    create_index_concurrently(op, "ix_thing_name", "ON thing (name)")\n'
COUNTED = """
    op.execute("INSERT INTO thing (name) VALUES ('ran')")
    op.execute("SELECT pg_sleep(0.5)")
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a package with one migration a body; more bodies later are the next release."""
    name = f"otsp_made_up_{tmp_path.name}"
    versions = tmp_path / name / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / name / "__init__.py").write_text("")

    def make(*bodies):
        for number, body in enumerate(bodies, 1):
            before = f'"{number - 1:04d}"' if number > 1 else "None"
            (versions / f"{number:04d}_step.py").write_text(
                "from alembic import op\n"
                "from otsp_chassis.migrate import create_index_concurrently\n"
                f'revision = "{number:04d}"\ndown_revision = {before}\n'
                f"def upgrade():\n{body}"
            )
        (versions.parent / "HEAD").write_text(f"{len(bodies):04d}\n")
        importlib.invalidate_caches()
        return name

    monkeypatch.syspath_prepend(tmp_path)
    yield make
    sys.modules.pop(name, None)


@pytest.fixture
def owner(postgres):
    """The address of an empty database's owner."""
    [database] = postgres.ensure_service_databases(["migrated"]).values()
    yield database.owner_url
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("DROP TABLE IF EXISTS thing, alembic_version")


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.05)


def asked(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def at_once(act, count=2):
    """What each came to."""
    gate, ends = threading.Barrier(count), []

    def run():
        gate.wait(timeout=10)
        ends.append(act())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


def test_of_two_at_once_one_migrates_and_both_come_to_the_end(package, owner):
    name = package(FIRST, COUNTED)

    assert at_once(lambda: upgrade(name, owner)) == ["0002", "0002"]
    assert asked(owner, "SELECT count(*) FROM thing") == 1


def test_who_waits_for_the_other_holds_up_no_index_that_it_builds(package, owner):
    name = package(FIRST, COUNTED, INDEX)

    assert at_once(lambda: upgrade(name, owner)) == ["0003", "0003"]
    assert asked(
        owner, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_thing_name'::regclass"
    )


def test_a_table_that_a_long_transaction_holds_is_given_up_in_time_and_taken_up_again(
    package, owner, impatient
):
    upgrade(package(FIRST), owner)
    alter = '    op.execute("ALTER TABLE thing ADD COLUMN colour text")\n'
    name = package(FIRST, COUNTED, alter)
    with psycopg.connect(owner) as reader:
        reader.execute("SELECT * FROM thing")
        with pytest.raises(GaveUp) as told:
            upgrade(name, owner)
        reader.rollback()

    assert "lock timeout, 2 times, at: ALTER TABLE thing ADD COLUMN colour" in str(told.value)
    assert "run the same command again" in str(told.value)
    assert upgrade(name, owner) == "0003"
    assert asked(owner, "SELECT count(*) FROM thing") == 1, "what was finished was done twice"


def test_a_table_that_is_let_go_of_between_two_tries_is_taken(package, owner, monkeypatch):
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.05)
    upgrade(package(FIRST), owner)
    name = package(FIRST, '    op.execute("ALTER TABLE thing ADD COLUMN colour text")\n')
    with psycopg.connect(owner) as reader:
        reader.execute("SELECT * FROM thing")
        release = threading.Timer(1.5, reader.rollback)
        release.start()

        assert upgrade(name, owner) == "0002"
        release.join()


def test_a_statement_that_takes_too_long_is_broken_off(package, owner, impatient, monkeypatch):
    monkeypatch.setattr(
        migrate, "TIMEOUTS", ("SET lock_timeout = '1s'", "SET statement_timeout = '200ms'")
    )
    name = package(FIRST, '    op.execute("SELECT pg_sleep(30)")\n')

    with pytest.raises(GaveUp, match="statement timeout"):
        upgrade(name, owner)

    assert asked(owner, "SELECT version_num FROM alembic_version") == "0001"


def test_an_index_that_an_attempt_left_broken_is_made_anew(package, owner):
    upgrade(package(FIRST), owner)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("INSERT INTO thing (name) VALUES ('a'), ('a')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY ix_thing_name ON thing (name)")

    assert upgrade(package(FIRST, INDEX), owner) == "0002"
    assert asked(
        owner, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_thing_name'::regclass"
    )


def test_other_faults_are_not_tried_again(package, owner, monkeypatch):
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 600)

    with pytest.raises(Exception, match="no_such_table"):
        upgrade(package(FIRST, '    op.execute("ALTER TABLE no_such_table ADD x int")\n'), owner)


def test_the_command_says_who_is_in_the_way_and_ends_with_1(
    postgres, owner, impatient, monkeypatch, capsys
):
    with psycopg.connect(owner) as holder:
        holder.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        holder.commit()
        holder.execute("LOCK TABLE alembic_version")
        monkeypatch.setenv("OTSP_STAFF_MIGRATION_DATABASE_URL", owner)
        code = main(["migrate", "staff"])
        holder.rollback()

    said = capsys.readouterr().err
    assert code == 1
    assert said.startswith("otsp migrate staff: canceling statement due to lock timeout")
    assert "pg_stat_activity" in said
