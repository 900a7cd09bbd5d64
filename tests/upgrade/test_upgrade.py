"""A filled database of the last release is upgraded while that release goes on working (R7)."""

from datetime import date
from importlib import import_module

import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.migrate import undeclared_changes, upgrade
from otsp_chassis.revision import newest_revision
from otsp_contracts.envelope import PAYLOAD_CLASSES, Envelope
from otsp_local.migration_lint import faults_of, steps_after
from otsp_local.programs import SERVICES
from otsp_testkit import PlatformKit
from otsp_testkit.keys import write_key_files
from otsp_testkit.service_kit import ServiceKit

APPLICATIONS = "/api/compliance/v1/applications"
EXPAND = """
    op.execute("ALTER TABLE staff ADD COLUMN nickname text")
    op.execute("UPDATE staff SET nickname = '' WHERE nickname IS NULL")
    op.execute("ALTER TABLE staff ADD CONSTRAINT ck_staff_nickname"
               " CHECK (nickname <> 'x') NOT VALID")
    create_index_concurrently(op, "ix_staff_nickname", "ON staff (nickname)")
"""


@pytest.fixture(scope="module")
def urls(old):
    return {name: old.service_database(name).app_url for name in SERVICES}


@pytest.fixture(scope="module")
def upgraded(old, urls, release, traffic):
    """By the migrations of this checkout, under the statements of the release."""
    with traffic.going_on(urls, release.statements) as going:
        for name in SERVICES:
            upgrade(f"otsp_{name}", old.service_database(name).owner_url)
        going.await_round()
    return going


@pytest.fixture(scope="module")
def platform(old, upgraded, release, tmp_path_factory):
    """The code of this checkout on the databases of the release."""
    keys = write_key_files(tmp_path_factory.mktemp("keys"), of=release.folder.name)
    kits = [
        ServiceKit(
            import_module(f"otsp_{name}.app").service, old, keys=keys,
            files_dir=tmp_path_factory.mktemp("files") / name, settings={},
        )
        for name in SERVICES
    ]  # fmt: skip
    yield PlatformKit(kits)
    for kit in kits:
        kit.close()


@pytest.fixture
def its_day(release):
    """The one that the release was left on."""
    day = date.fromisoformat(release.town["day"])
    clock.set_offset((day - clock.now().astimezone(clock.SHANGHAI).date()).days)
    yield day
    clock.set_offset(0)


def test_the_release_knows_nothing_of_being_upgraded(upgraded, release):
    assert sum(map(len, release.statements.values())) > 400
    assert upgraded.rounds >= 2
    assert upgraded.failures == []


@pytest.mark.parametrize("service", SERVICES)
def test_an_upgraded_database_is_what_the_models_say(old, upgraded, service):
    owner = old.service_database(service).owner_url
    metadata = import_module(f"otsp_{service}.model").Base.metadata
    changes = undeclared_changes(owner, metadata, with_calendar=service == "compliance")

    assert changes == []
    with psycopg.connect(owner) as connection:
        [found] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert found == newest_revision(f"otsp_{service}")


def test_what_the_release_stored_is_read_and_filed_again(platform, release, its_day):
    """B failed its pre-check then; nothing was mended, so it fails for the same rules now."""
    institution_id = release.town["institutions"]["B"]
    kit = platform.kits["compliance"]
    clerk = kit.as_institution(institution_id)
    [before] = clerk.get(f"{APPLICATIONS}?institution_id={institution_id}").json["items"]
    body = {"institution_id": institution_id, "kind": "initial"}

    answer = clerk.post(APPLICATIONS, body)
    platform.settle()
    filed = clerk.get(f"{APPLICATIONS}/{answer.json['application_id']}").json

    assert answer.status == 202
    assert before["state"] == filed["state"] == "precheck_failed"
    assert platform.set_aside() == []


def test_messages_that_waited_in_a_queue_are_taken_in(platform, release, its_day):
    """With ids of their own, as if the inbox had not seen them; twice, as a bus may."""
    sent = [Envelope.model_validate(row["envelope"]) for row in release.messages if row["is_real"]]
    for envelope in sent:
        fresh = envelope.model_copy(update={"id": new_id()})
        for kit in platform.kits.values():
            if envelope.type in kit.work.inbox.types:
                kit.work.inbox.receive(fresh)
                kit.work.inbox.receive(fresh)
    platform.settle()

    assert len({each.type for each in sent}) >= 20
    assert platform.set_aside() == []


def test_every_message_that_the_release_could_send_is_read(release):
    kinds = set()
    for row in release.messages:
        envelope = Envelope.model_validate(row["envelope"])
        kinds.add(envelope.type)
        assert envelope.payload() is not None, envelope.type
    assert kinds <= set(PAYLOAD_CLASSES), "an event type went while messages of it may wait"


def test_the_next_migration_goes_in_under_traffic_and_again_changes_nothing(
    old, urls, upgraded, release, traffic, next_release
):
    package, owner = next_release("staff", EXPAND), old.service_database("staff").owner_url
    only = {"staff": urls["staff"]}
    with traffic.going_on(only, release.statements) as going:
        assert upgrade(package, owner) == "9001_next"
        assert upgrade(package, owner) == "9001_next"
        going.await_round()

    assert going.failures == []
    with psycopg.connect(owner) as connection:
        is_valid = connection.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_staff_nickname'::regclass"
        ).fetchone()
        connection.execute("ALTER TABLE staff DROP COLUMN nickname")
        connection.execute(
            "UPDATE alembic_version SET version_num = %s", [newest_revision("otsp_staff")]
        )
    assert is_valid == (True,)


def test_traffic_notices_a_migration_that_the_release_cannot_live_with(
    old, urls, upgraded, release, traffic
):
    with psycopg.connect(old.service_database("staff").owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE staff RENAME COLUMN name TO full_name")
        try:
            going = traffic.Traffic({"staff": urls["staff"]}, release.statements)
            going.go_round()
        finally:
            owner.execute("ALTER TABLE staff RENAME COLUMN full_name TO name")

    assert any("UndefinedColumn" in each for each in going.failures)


def lint(package, service):
    [step] = steps_after(package, newest_revision(f"otsp_{service}"))
    return faults_of(step)


def test_a_good_migration_passes_the_lint(next_release):
    assert lint(next_release("staff", EXPAND), "staff") == []


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE staff ALTER COLUMN name TYPE varchar(20)", "changing-column-type"),
        ("ALTER TABLE staff ADD COLUMN nickname text NOT NULL", "adding-required-field"),
        (
            "ALTER TABLE staff ADD COLUMN seen_at timestamptz DEFAULT clock_timestamp()",
            "adding-field-with-default",
        ),
        ("CREATE INDEX ix_staff_nick ON staff (name)", "require-concurrent-index-creation"),
        ("ALTER TABLE staff ALTER COLUMN name SET NOT NULL", "adding-not-nullable-field"),
        ("ALTER TABLE staff ADD CONSTRAINT u UNIQUE (name)", "disallowed-unique-constraint"),
        ("ALTER TABLE staff RENAME COLUMN name TO full_name", "renaming-column"),
        ("ALTER TABLE staff DROP COLUMN name", "ban-drop-column"),
        ("DROP TABLE staff", "ban-drop-table"),
        ("ALTER TABLE staff ADD CHECK (name <> '')", "constraint-missing-not-valid"),
    ],
)
def test_a_migration_that_would_stop_the_release_is_caught(next_release, statement, rule):
    faults = lint(next_release("staff", f'    op.execute("{statement}")\n'), "staff")

    assert any(fault.startswith(rule) for fault in faults), faults


def test_only_what_an_earlier_release_left_unused_may_be_dropped(next_release, release):
    drop = '    op.execute("ALTER TABLE staff DROP COLUMN name")\n'
    known = release.folder.name[1:]

    assert lint(next_release("staff", drop, contracts=known), "staff") == []


def test_a_release_that_is_not_out_is_no_excuse(next_release):
    drop = '    op.execute("ALTER TABLE staff DROP COLUMN name")\n'

    faults = lint(next_release("staff", drop, contracts="99.0.0"), "staff")

    assert "names no release that is out" in faults[0]
    assert any(fault.startswith("ban-drop-column") for fault in faults)
