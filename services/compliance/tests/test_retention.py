"""Snapshots are kept for ten years; their seals and what was decided on them, for ever (§5.4)."""

from datetime import UTC, date, datetime

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_compliance import retention

LONG_AGO = datetime(2012, 3, 1, tzinfo=UTC)
TODAY = date(2024, 10, 15)
OLD = "UPDATE gathering SET began_at = %s WHERE request_id = %s"


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def checked(world, kit):
    """A self-check of so long ago; its id."""
    world.profile().configure()

    def check(began_at=LONG_AGO):
        body = {"institution_id": str(world.institution_id)}
        begun = world.institution().post(f"{world.api}/self-checks", body)
        check_id = begun.json["self_check_id"]
        world.provide()
        with psycopg.connect(kit.owner_url) as owner:
            owner.execute(OLD, [began_at, check_id])
        return check_id

    return check


def parts(kit):
    with psycopg.connect(kit.owner_url) as owner:
        rows = owner.execute("SELECT DISTINCT request_id::text FROM snapshot_part").fetchall()
    return {row[0] for row in rows}


def let_go(kit, limit=10):
    [term] = kit.service.retention_terms()
    with kit.active():
        with reading() as tx:
            due = term.due(tx, TODAY)
        with transaction() as tx:
            return due, retention.snapshots(tx, TODAY, limit)


def test_snapshot_of_ten_years_ago_is_let_go_of_and_its_seal_stays(world, kit, checked):
    old, young = checked(), checked(datetime(2014, 10, 15, 2, tzinfo=UTC))

    assert let_go(kit) == (1, 1)

    assert parts(kit) == {young}
    assert let_go(kit) == (0, 0)
    with psycopg.connect(kit.owner_url) as owner:
        sealed = owner.execute("SELECT request_id::text FROM snapshot").fetchall()
    assert {row[0] for row in sealed} == {old, young}


def test_so_many_at_once_the_oldest_first(kit, checked):
    first, second = checked(), checked()

    assert let_go(kit, limit=1) == (2, 1)

    assert parts(kit) == {second}
    assert first != second


def test_what_an_open_application_is_about_is_kept(world, kit):
    world.profile().configure().authority("杭州市西湖区教育局")
    world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    before = parts(kit)
    with psycopg.connect(kit.owner_url) as owner:
        owner.execute("UPDATE gathering SET began_at = %s", [LONG_AGO])

    assert let_go(kit) == (0, 0)
    assert parts(kit) == before != set()


@pytest.mark.parametrize(
    ("decision", "standing", "kept"),
    [
        ("approve", "compliant", True),
        ("approve", "deregistered", False),
        ("return", "returned", False),
    ],
)
def test_what_an_approval_stands_on_is_kept_while_the_institution_is_there(
    world, kit, decision, standing, kept
):
    bureau = world.profile().configure().authority("杭州市西湖区教育局")
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    reviewer = world.reviewer(bureau)
    place = f"{world.api}/cases/{world.application(application_id)['case_id']}"
    reviewer.post(f"{place}/acceptance", {})
    given = {"decision": decision, "reason": "示例", "warnings_read": ["SIT-006"]}
    decided = reviewer.post(f"{place}/decisions", given)
    assert decided.status == 200, decided.json
    world.profile(version=9, compliance_status=standing)
    with psycopg.connect(kit.owner_url) as owner:
        owner.execute("UPDATE gathering SET began_at = %s", [LONG_AGO])

    let_go(kit)

    assert bool(parts(kit)) is kept


def test_the_application_role_lets_go_of_nothing_younger(kit, checked):
    young = checked(clock.now())

    with kit.runtime.database.engine.connect() as role:
        with pytest.raises(ProgrammingError, match="permission denied"):
            role.execute(text("DELETE FROM snapshot_part"))
        role.rollback()
        let_go = text("SELECT otsp_let_go_of_snapshots(ARRAY[CAST(:young AS uuid)])")
        assert role.execute(let_go, {"young": young}).scalar_one() == 0

    assert parts(kit) == {young}


def test_each_snapshot_leaves_an_entry_in_the_trail(kit, checked):
    old = checked()
    let_go(kit)

    auditor = kit.as_authority("auditor", region="000000", level="national")
    query = {"action": "compliance.snapshot_let_go"}
    [entry] = auditor.get("/api/compliance/v1/audit-entries", query=query).json["items"]
    assert entry["object_id"] == old
