"""A person who was deleted leaves for good, unless a filed snapshot names the person (§3.6)."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import SnapshotRequested
from otsp_staff.model import Staff

TODAY = datetime(2024, 10, 15, 4, tzinfo=UTC)
LAST_MOMENT = datetime(2024, 10, 15, 15, 59, tzinfo=UTC)
MIDNIGHT = datetime(2024, 10, 15, 16, 0, 1, tzinfo=UTC)


@pytest.fixture
def snapshot(kit, owner):
    def _snapshot(purpose="application"):
        kit.deliver(
            SnapshotRequested(
                request_id=new_id(), institution_id=owner.principal.institution_id,
                purpose=purpose, application_id=new_id() if purpose == "application" else None,
                as_of=date(2024, 10, 15), sections=("staff",),
            )
        )  # fmt: skip

    return _snapshot


def remains(kit, staff_id):
    with kit.runtime.database.autocommit.connect() as reader:
        return reader.execute(select(Staff.staff_id).where(Staff.staff_id == staff_id)).first()


def delete(owner, person):
    with clock.frozen(TODAY):
        assert owner.delete(person["url"], if_match=person["version"]).status == 204


def erase(kit, at=MIDNIGHT):
    with clock.frozen(at):
        kit.run_job("erase_deleted")


def unlock(kit):
    with kit.runtime.database.engine.begin() as writer:
        writer.execute(text("UPDATE review_lock SET scopes = '{}'"))


def test_who_was_in_no_snapshot_is_erased_the_day_after_with_what_belongs_to_them(
    kit, owner, register
):
    person = register(owner, hired_on="2024-06-01", contract_to="2024-10-31", name="周暗号")
    with clock.frozen(TODAY):
        kit.run_job("remind_of_checks")
    delete(owner, person)

    erase(kit, LAST_MOMENT)
    assert remains(kit, person["staff_id"]), "the deletion can be undone until midnight"
    erase(kit)

    assert not remains(kit, person["staff_id"])
    with kit.runtime.database.autocommit.connect() as reader:
        for table in ("check_reminder", "employment_period", "blacklist_match"):
            assert reader.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        actions = reader.execute(text("SELECT action FROM audit_entry ORDER BY sequence")).scalars()
        assert list(actions)[-1] == "staff.erased"
        kept = reader.scalar(text("SELECT string_agg(fields::text, '') FROM change"))
    assert "周" not in kept


def test_who_stood_in_a_filed_snapshot_stays_hidden(kit, owner, register, snapshot):
    person = register(owner)
    snapshot()
    unlock(kit)
    assert owner.get(person["url"]).version == 1, "to be in a snapshot changes nothing of a person"
    delete(owner, person)

    erase(kit)

    assert remains(kit, person["staff_id"])
    assert owner.get(person["url"]).problem == "not-found"


def test_a_self_check_is_no_filing(kit, owner, register, snapshot):
    person = register(owner)
    snapshot("self_check")
    delete(owner, person)

    erase(kit)

    assert not remains(kit, person["staff_id"])


def test_who_had_departed_before_stood_in_no_snapshot(kit, owner, register, snapshot):
    person = register(owner, existing=True, status="departed", departed_on="2023-01-01")
    snapshot()
    unlock(kit)
    delete(owner, person)

    erase(kit)

    assert not remains(kit, person["staff_id"])


def test_nobody_who_was_not_deleted_is_erased(kit, owner, register):
    person = register(owner)

    erase(kit)

    assert owner.get(person["url"]).status == 200
