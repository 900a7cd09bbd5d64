"""`otsp doctor` beside real databases: what is well is said to be, what is broken is named."""

from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest

from otsp_chassis import clock
from otsp_cli.doctor import command
from otsp_cli.doctor.registry import CHECKS

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")


@pytest.fixture(autouse=True)
def own_day(monkeypatch):
    """A year that the packaged calendar knows; the business clock is put back."""
    days = 400 - (clock.now().date().replace(month=12, day=31) - clock.now().date()).days
    monkeypatch.setenv("OTSP_CLOCK_OFFSET_DAYS", str(-days))
    yield
    clock.set_offset(0)


@pytest.fixture
def kits(named_kits):
    """Nothing here leaves a row behind."""
    return named_kits


@pytest.fixture
def doctor(otsp, monkeypatch):
    """One line each, by check and subject; on a machine that may be busy."""
    monkeypatch.setattr(command, "CHECK_SECONDS", 60)

    def ask(*arguments):
        told = otsp("doctor", "--json", *arguments)
        return told, {(row["check"], row["subject"]): row for row in told.rows}

    return ask


@contextmanager
def changed(url, statement, back):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
    try:
        yield
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(back)


def days_known(kits, until):
    """The calendar as compliance's worker fills it in, up to a day."""
    return changed(
        kits["compliance"].owner_url,
        "DELETE FROM working_day;"
        f" INSERT INTO working_day (day, is_working) VALUES ('{until}', true)",
        "DELETE FROM working_day",
    )


def test_what_is_well_is_said_to_be(doctor, kits, chinese_font):
    with days_known(kits, clock.now().date()):
        told, lines = doctor()

    assert told.code == 0, told.out
    assert {check for check, _ in lines} == {check.name for check in CHECKS}
    for service in SERVICES:
        for check in ("settings", "database", "roles", "schema", "store"):
            assert lines[check, service]["state"] == "ok", lines[check, service]
    assert lines["keys", "identity"]["state"] == "ok"
    assert lines["calendar", "working days"]["state"] == "ok"
    assert [row["check"] for row in lines.values() if row["state"] == "skipped"] == [
        "broker", "queues", "permissions", "senders",
    ]  # fmt: skip
    assert "OTSP_AMQP_URL" in lines["broker", ""]["found"]


def test_lines_for_people_say_what_to_do_and_count(otsp, kits, monkeypatch):
    monkeypatch.setenv("OTSP_WATERMARK_FONT", "/no/such/font.ttc")

    told = otsp("doctor", "--only", "fonts", "versions")

    assert told.code == 1
    assert "✗ failed  fonts Chinese: no Chinese font" in told.out
    assert "→ install fonts-noto-cjk" in told.out
    assert told.out.splitlines()[-1] == "1 ok, 0 warn, 1 failed, 0 skipped"


def test_a_check_that_is_not_there_is_a_wrong_use(otsp, kits):
    told = otsp("doctor", "--only", "weather")

    assert told.code == 2
    assert "there are settings, dns" in told.err


def test_no_secret_is_ever_told(otsp, kits, monkeypatch):
    secrets = ["hunter2hunter2", "s3cret-of-broker", "s3cret-of-api"]
    monkeypatch.setenv("OTSP_AMQP_URL", f"amqp://worker:{secrets[1]}@127.0.0.1:1/otsp")
    monkeypatch.setenv("OTSP_RABBITMQ_API_URL", f"http://worker:{secrets[2]}@127.0.0.1:1")
    for number, scheme in enumerate(["postgresql", "mysql", "post gresql"]):
        url = f"{scheme}://otsp:{secrets[0]}@127.0.0.1:1/otsp"
        monkeypatch.setenv(f"OTSP_{SERVICES[number].upper()}_DATABASE_URL", url)

    told = otsp("doctor")

    passwords = [kit.owner_url.split(":")[2].split("@")[0] for kit in kits.values()]
    assert told.code == 1
    assert [each for each in secrets + passwords if each in told.out + told.err] == []


@pytest.mark.parametrize(
    ("grant", "back", "fault"),
    [
        ("GRANT CREATE ON SCHEMA public", "REVOKE CREATE ON SCHEMA public FROM", "may create"),
        (
            "GRANT UPDATE, DELETE ON audit_entry",
            "REVOKE UPDATE, DELETE ON audit_entry FROM",
            "may delete audit_entry",
        ),
        ("GRANT UPDATE (fields) ON change", "REVOKE UPDATE (fields) ON change FROM", "may update"),
        ("GRANT TRUNCATE ON outbox", "REVOKE TRUNCATE ON outbox FROM", "may truncate outbox"),
    ],
)
def test_a_role_that_may_too_much_is_told(doctor, kits, grant, back, fault):
    role = "otsp_staff_app"
    with changed(kits["staff"].owner_url, f"{grant} TO {role}", f"{back} {role}"):
        told, lines = doctor("--only", "roles")

    assert told.code == 1
    assert lines["roles", "staff"]["state"] == "failed"
    assert fault in lines["roles", "staff"]["found"]
    assert lines["roles", "materials"]["state"] == "ok"


def test_a_role_that_may_too_little_is_told(doctor, kits):
    with changed(
        kits["staff"].owner_url,
        "REVOKE INSERT ON outbox FROM otsp_staff_app",
        "GRANT INSERT ON outbox TO otsp_staff_app",
    ):
        _, lines = doctor("--only", "roles")

    assert "may not insert outbox" in lines["roles", "staff"]["found"]


def test_an_owner_must_be_one(doctor, kits, monkeypatch):
    app = kits["staff"].runtime.settings.database_url
    monkeypatch.setenv("OTSP_STAFF_MIGRATION_DATABASE_URL", kits["staff"].owner_url)
    monkeypatch.setenv("OTSP_COURSES_MIGRATION_DATABASE_URL", app)

    _, lines = doctor("--only", "roles")

    assert lines["roles", "staff owner"]["state"] == "ok"
    assert "may not create tables" in lines["roles", "courses owner"]["found"]


def test_a_schema_behind_the_code_is_told_and_one_ahead_is_no_fault(doctor, kits):
    owner = kits["staff"].owner_url
    with psycopg.connect(owner) as connection:
        [(head,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    newest = f"UPDATE alembic_version SET version_num = '{head}'"
    with changed(owner, "UPDATE alembic_version SET version_num = '0000_none'", newest):
        told, behind = doctor("--only", "schema")
    with changed(owner, "UPDATE alembic_version SET version_num = '0999_later'", newest):
        _, ahead = doctor("--only", "schema")

    assert told.code == 1
    assert behind["schema", "staff"]["advice"] == "otsp migrate staff"
    assert ahead["schema", "staff"]["state"] == "warn"


def test_before_the_installation_empty_databases_are_well(doctor, kits, postgres, monkeypatch):
    """The owner's address alone, as the migration job is given it."""
    [database] = postgres.ensure_service_databases(["doctor"]).values()
    for name in SERVICES:
        monkeypatch.delenv(f"OTSP_{name.upper()}_DATABASE_URL")
    monkeypatch.setenv("OTSP_AUTH_MIGRATION_DATABASE_URL", database.owner_url)
    monkeypatch.setenv("OTSP_STAFF_DATABASE_URL", database.app_url)

    told, lines = doctor("--before", "--only", "database", "roles", "schema")

    assert told.code == 0, told.out
    assert lines["roles", "auth owner"]["state"] == lines["roles", "staff"]["state"] == "ok"
    assert not any(check == "schema" for check, _ in lines)
    assert doctor("--only", "schema")[0].code == 1


def test_a_database_of_another_locale_is_told(doctor, kits, postgres, monkeypatch):
    make = "CREATE DATABASE otsp_other TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    with changed(postgres.superuser_dsn(), make, "DROP DATABASE otsp_other WITH (FORCE)"):
        url = kits["auth"].owner_url.removesuffix("auth") + "other"
        monkeypatch.setenv("OTSP_AUTH_DATABASE_URL", url)

        _, lines = doctor("--only", "database")

    assert lines["database", "auth"]["state"] == "failed"
    assert "C.UTF-8" in lines["database", "auth"]["advice"]


def test_a_database_that_is_away_is_told_once(doctor, kits, monkeypatch):
    monkeypatch.setenv("OTSP_STAFF_DATABASE_URL", "postgresql://x:x@127.0.0.1:1/otsp")

    _, lines = doctor("--only", "database", "roles", "schema", "connections")

    assert "refused" in lines["database", "staff"]["found"]
    assert lines["roles", "staff"]["state"] == lines["schema", "staff"]["state"] == "skipped"
    assert lines["roles", "auth"]["state"] == "ok"


def test_pools_that_do_not_fit_the_server_are_told(doctor, kits, monkeypatch):
    monkeypatch.setenv("OTSP_STAFF_DB_POOL_SIZE", "64")

    _, lines = doctor("--only", "connections")

    [line] = lines.values()
    assert line["state"] == "warn"
    assert "take up to 416" in line["found"]


def test_a_server_that_cannot_be_dumped_here_is_told(doctor, kits, monkeypatch, tmp_path):
    assert {row["state"] for row in doctor("--only", "dump")[0].rows} == {"ok"}
    monkeypatch.setenv("OTSP_PG_BIN", str(tmp_path))

    told, _ = doctor("--only", "dump")

    assert (told.code, {row["state"] for row in told.rows}) == (0, {"warn"})
    assert "or newer is needed" in told.rows[0]["found"]


@pytest.mark.parametrize(("days", "state"), [(-1, "failed"), (30, "warn"), (90, "ok")])
def test_a_calendar_that_ends_is_told(doctor, kits, monkeypatch, days, state):
    monkeypatch.setenv("OTSP_CLOCK_OFFSET_DAYS", "0")
    with days_known(kits, clock.now().date() + timedelta(days=days)):
        _, lines = doctor("--only", "calendar")

    assert lines["calendar", "working days"]["state"] == state


def test_settings_that_production_refuses_are_named(doctor, kits, monkeypatch):
    monkeypatch.setenv("OTSP_ENV", "production")
    monkeypatch.setenv("OTSP_CLOCK_OFFSET_DAYS", "0")
    monkeypatch.delenv("OTSP_COMPLIANCE_RECEIPT_SIGNING_KEY")

    told, lines = doctor("--only", "settings")

    assert told.code == 1
    assert "OTSP_AUTH_SMS_SENDER=development_outbox" in lines["settings", "auth"]["found"]
    assert "OTSP_COMPLIANCE_RECEIPT_SIGNING_KEY" in lines["settings", "compliance"]["found"]
    assert lines["settings", "staff"]["state"] == "ok"
