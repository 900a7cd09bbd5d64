"""`otsp stuck`: one line each with what to do, and nothing where all is well."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.locks import set_lock
from otsp_chassis.outbox import publish
from otsp_chassis.tables import outbox, review_lock
from otsp_compliance.commands.gathering import begin
from otsp_compliance.model import Application, Gathering, ReviewCase
from otsp_contracts.auth import AccountActivated

HOUR = timedelta(hours=1)


def filed(kits, state, **columns):
    """An application an hour old in this state."""
    application = Application(
        application_id=new_id(), institution_id=new_id(), institution_name="示例",
        region_code="330106", kind="initial", state=state, since=clock.now() - HOUR,
        request_id=new_id(), as_of=clock.today(), filed_by=new_id(), filed_at=clock.now(),
        **columns,
    )  # fmt: skip
    with kits["compliance"].active(), transaction() as tx:
        tx.add(application)
    return application


def locked(kits, application):
    kit = kits["staff"]
    with kit.active(), transaction() as tx:
        set_lock(
            tx,
            institution_id=application.institution_id,
            application_id=application.application_id,
            scopes=["staff"],
        )
    with kit.runtime.database.engine.begin() as connection:
        connection.execute(update(review_lock).values(set_at=clock.now() - HOUR))


def unsent(kits):
    """An event that auth's relay did not get rid of."""
    kit = kits["auth"]
    with kit.active(), transaction() as tx:
        publish(tx, AccountActivated(account_id=new_id(), institution_id=new_id()))
    with kit.runtime.database.engine.begin() as connection:
        connection.execute(update(outbox).values(created_at=clock.now() - HOUR))


def test_nothing_is_stuck_where_nothing_waits(otsp):
    told = otsp("stuck", "--older", "10m")

    assert (told.code, told.out) == (0, "")


def test_old_event_is_one_line_with_service_age_and_advice(otsp, kits):
    unsent(kits)

    told = otsp("stuck", "--older", "30m")
    [row] = otsp("stuck", "auth", "--json").rows

    [line] = told.out.splitlines()
    assert told.code == 1
    assert line.startswith("auth  outbox  1 events not taken by the bus, auth.account_activated.v1")
    assert "since=" in line
    assert "→ look at this service's worker" in line
    assert row.keys() == {"service", "kind", "what", "since", "advice"}


def test_what_is_younger_or_of_another_service_is_not_told(otsp, kits):
    unsent(kits)

    assert otsp("stuck", "--older", "2h").code == 0
    assert otsp("stuck", "staff", "--older", "10m").code == 0


@pytest.mark.parametrize("state", ["locking", "gathering", "evaluating"])
def test_application_that_the_system_should_have_moved_is_told(otsp, kits, state):
    application = filed(kits, state)

    [row] = otsp("stuck", "--json").rows

    assert (row["service"], row["kind"]) == ("compliance", "application")
    assert row["what"] == f"{application.application_id} is {state}"


@pytest.mark.parametrize("state", ["submitted", "in_review", "supplementing", "approved"])
def test_application_that_waits_for_people_or_is_over_is_not_stuck(otsp, kits, state):
    filed(kits, state)

    assert otsp("stuck").code == 0


def test_unread_warnings_are_told_after_their_last_moment(otsp, kits):
    filed(kits, "awaiting_acknowledgement", acknowledge_by=clock.now() + HOUR)
    late = filed(kits, "awaiting_acknowledgement", acknowledge_by=clock.now() - HOUR)

    [row] = otsp("stuck", "--json").rows

    assert row["what"].startswith(str(late.application_id))


def test_self_check_that_does_not_end_is_told(otsp, kits):
    kit, request_id = kits["compliance"], new_id()
    with kit.active(), transaction() as tx:
        begin(tx, request_id, institution_id=new_id(), as_of=clock.today())
    assert otsp("stuck").code == 0
    with kit.runtime.database.engine.begin() as connection:
        connection.execute(update(Gathering).values(began_at=clock.now() - HOUR))

    [row] = otsp("stuck", "--json").rows

    assert (row["kind"], row["what"]) == ("self_check", f"{request_id} is gathering")


def test_case_that_lies_with_nobody_is_told(otsp, kits):
    case_id, old = new_id(), clock.now() - HOUR
    with kits["compliance"].runtime.database.engine.begin() as connection:
        connection.execute(
            insert(ReviewCase).values(
                case_id=case_id, kind="registration", institution_id=new_id(), title="示例",
                subject_id=new_id(), subject_version=1, details={}, state="open", step_no=1,
                step_count=1, opened_on=clock.today(), created_at=old, updated_at=old, version=1,
            )
        )  # fmt: skip

    [row] = otsp("stuck", "--json").rows

    assert (row["kind"], str(case_id) in row["what"]) == ("case", True)
    assert "republish auth" in row["advice"]


def test_lock_of_an_open_application_is_as_it_should_be_and_one_of_an_ended_is_told(otsp, kits):
    locked(kits, filed(kits, "in_review"))
    over = filed(kits, "withdrawn")
    locked(kits, over)

    [row] = otsp("stuck", "--json").rows
    alone = otsp("stuck", "staff", "--json").rows

    assert (row["service"], row["kind"]) == ("staff", "review_lock")
    assert str(over.application_id) in row["what"]
    assert "otsp republish compliance" in row["advice"]
    assert len(alone) == 2, "who does not ask compliance is told of all old locks"


@pytest.mark.parametrize("text", ["10", "10 m", "0m", "-5m", "1.5h", "ten", "", "10x", "9999999s"])
def test_duration_that_is_none_is_refused_with_how_to_write_it(otsp, text):
    told = otsp("stuck", f"--older={text}")

    assert (told.code, "write 30s, 10m, 2h or 1d" in told.err) == (2, True)


def test_unknown_service_is_refused(otsp):
    told = otsp("stuck", "stuff")

    assert (told.code, "name services out of" in told.err) == (2, True)


def test_half_an_object_store_is_refused_and_what_is_missing_is_named(otsp, monkeypatch):
    monkeypatch.setenv("OTSP_S3_ENDPOINT", "https://s3.example")
    monkeypatch.setenv("OTSP_S3_SECRET_KEY", "not-to-be-seen")

    told = otsp("stuck")

    assert told.code == 2
    assert "OTSP_S3_BUCKET, OTSP_S3_REGION, OTSP_S3_ACCESS_KEY" in told.err
    assert "not-to-be-seen" not in told.err
