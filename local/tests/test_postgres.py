"""A real server, its databases and roles. One server for the module: a cluster takes a second."""

import os
import shutil
import signal
import stat

import psycopg
import pytest

from otsp_local.console import StepFailed
from otsp_local.postgres import LocalPostgres
from otsp_local.processes import birth_of
from otsp_local.servers import find_postgres, list_wheel_postgres


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = LocalPostgres(tmp_path_factory.mktemp("postgres") / "below", fsync=False)
    server.start()
    yield server
    server.erase()


@pytest.fixture
def staff(server):
    return server.ensure_service_databases(["staff"])["staff"]


@pytest.fixture
def table(staff):
    with psycopg.connect(staff.owner_url) as owner:
        owner.execute("CREATE TABLE person (id int PRIMARY KEY)")
    yield "person"
    with psycopg.connect(staff.owner_url) as owner:
        owner.execute("DROP TABLE person")


def query(url, statement):
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()[0]


def test_databases_are_utf8_under_a_locale_that_knows_chinese_letters(server, staff):
    with psycopg.connect(server.superuser_dsn()) as connection:
        row = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype"
            " FROM pg_database WHERE datname = 'otsp_staff'"
        ).fetchone()

    assert row == ("UTF8", "C.UTF-8", "C.UTF-8")


def test_app_role_reads_and_writes_rows_of_the_owners_tables(staff, table):
    with psycopg.connect(staff.app_url) as app:
        app.execute("INSERT INTO person VALUES (1)")
        app.execute("UPDATE person SET id = 2")
        app.execute("DELETE FROM person")

    assert query(staff.app_url, "SELECT count(*) FROM person") == 0


def test_the_servers_log_quotes_no_row_that_broke_a_constraint(server, staff, table):
    with psycopg.connect(staff.owner_url) as owner:
        owner.execute("ALTER TABLE person ADD name text CHECK (name = '')")
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute("INSERT INTO person VALUES (1, %s)", ["anhao-cenji"])

    told = server.log.read_text(encoding="utf-8")
    assert 'violates check constraint "person_name_check"' in told
    assert "anhao-cenji" not in told


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE person ADD COLUMN name text",
        "DROP TABLE person",
        "TRUNCATE person",
    ],
)
def test_app_role_cannot_change_the_schema(staff, table, statement):
    with (
        psycopg.connect(staff.app_url) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(statement)


def test_a_service_cannot_open_the_database_of_another(server):
    made = server.ensure_service_databases(["staff", "courses"])
    foreign = made["staff"].app_url.removesuffix("otsp_staff") + "otsp_courses"

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(foreign)


def test_a_role_needs_its_password(staff):
    wrong = staff.app_url.replace(":", ":x", 2).replace("x//", "//", 1)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_superuser_cannot_come_in_by_tcp(server):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{server.port}/postgres")


def test_making_the_databases_again_changes_nothing(server, staff):
    again = server.ensure_service_databases(["staff"])["staff"]

    assert again == staff
    assert query(again.app_url, "SELECT current_user") == "otsp_staff_app"


def test_passwords_lie_in_a_file_that_others_cannot_read(server, staff):
    file = server.directory / "passwords.json"

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert staff.app_url.split(":")[2].split("@")[0] in file.read_text()


def test_starting_a_running_server_leaves_it_alone(server):
    before = server.pid

    server.start()

    assert server.pid == before


def test_restart_keeps_data_and_address(server, staff, table):
    with psycopg.connect(staff.app_url) as app:
        app.execute("INSERT INTO person VALUES (7)")

    server.stop()
    stopped = server.is_running
    server.start()

    assert not stopped
    assert query(staff.app_url, "SELECT id FROM person") == 7


def test_a_crash_and_a_pid_taken_by_somebody_else_do_not_keep_it_down(server, staff):
    lock_file = server.data / "postmaster.pid"
    left = lock_file.read_text().splitlines()
    os.killpg(server.pid, signal.SIGKILL)
    server.stop()
    lock_file.write_text("\n".join([str(os.getpid()), *left[1:]]) + "\n")

    server.start()

    assert query(staff.app_url, "SELECT 1") == 1


def test_a_server_whose_record_was_lost_is_taken_over(server, staff):
    lost = server.pid
    (server.directory / "process" / "postgres.json").unlink()

    server.start()

    assert server.pid != lost
    assert birth_of(lost) is None
    assert query(server.service_database("staff").app_url, "SELECT 1") == 1


def test_erasing_leaves_neither_process_nor_file(tmp_path):
    server = LocalPostgres(tmp_path / "gone", fsync=False)
    server.start()
    pid, data = server.pid, server.data

    server.erase()

    assert birth_of(pid) is None
    assert not data.exists()
    assert not server.directory.exists()


def test_what_a_killed_test_run_left_is_cleared_by_the_next_start(tmp_path, server):
    left = LocalPostgres(tmp_path / "left", fsync=False)
    left.start()
    pid, home = left.pid, left.data.parent
    shutil.rmtree(left.directory)

    server.start()

    if os.geteuid() == 0:
        assert birth_of(pid) is None
        assert not home.exists()
    else:
        os.kill(pid, signal.SIGINT)


def test_data_of_a_version_that_is_not_here_are_refused_by_name(tmp_path):
    server = LocalPostgres(tmp_path / "old", fsync=False)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("9\n")

    with pytest.raises(StepFailed, match="written by PostgreSQL 9"):
        server.start()

    server.erase()


def test_a_socket_path_too_long_for_the_kernel_gets_a_short_name(tmp_path):
    server = LocalPostgres(tmp_path / ("long" * 20) / ("deep" * 20), fsync=False)
    server.start()

    answer = query(server.superuser_dsn(), "SELECT 1")

    server.erase()
    assert answer == 1


def test_some_postgres_is_found():
    found = find_postgres()

    assert found is not None
    assert found.major >= 13


def test_the_wheel_is_no_answer_for_a_version_it_has_not():
    assert 12 not in [each.major for each in list_wheel_postgres()]
    assert find_postgres(12) is None
