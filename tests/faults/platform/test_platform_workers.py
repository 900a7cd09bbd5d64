"""Workers end in order, say when a part of them died, and do not mind who is there first."""

import signal
import subprocess
from contextlib import contextmanager
from uuid import UUID

import httpx
import psycopg
import pytest

from otsp_chassis.locks import advisory_key
from otsp_local.programs import SERVICES

APPLICATIONS = "/api/compliance/v1/applications"
WORKERS = tuple(f"worker-{service}" for service in SERVICES)
REQUESTED = (
    "SELECT count(*) FROM inbox WHERE type = 'compliance.snapshot_requested.v1'"
    " AND subject = %s AND state = 'done'"
)
OUTBOX = "SELECT count(*) FROM outbox"
BLOCKED = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def clerk(estate):
    return estate.login("institution-C")


@contextmanager
def somebody_writing(estate, service, institution_id):
    """What a write in progress does to the section: it has to wait for its end."""
    with psycopg.connect(
        estate.platform.postgres.superuser_dsn(f"otsp_{service}"), autocommit=True
    ) as connection:
        key = advisory_key(UUID(institution_id))
        connection.execute("SELECT pg_advisory_lock_shared(%s)", [key])
        yield


def test_sigterm_finishes_the_event_in_hand(estate, clerk):
    estate.stop("worker-courses")
    estate.start("worker-courses")
    institution_id = clerk.account["institution_id"]
    [(handled,)] = estate.rows("courses", REQUESTED, institution_id)

    with somebody_writing(estate, "courses", institution_id):
        application_id = estate.file(clerk)
        estate.until(lambda: estate.rows("courses", BLOCKED) == [(1,)])
        pid = estate.send("worker-courses", signal.SIGTERM)
        estate.until(lambda: "worker_stopping" in estate.events_logged("worker-courses"))
        with pytest.raises(subprocess.TimeoutExpired):
            estate.exit_code(pid, seconds=3)
        assert estate.rows("courses", BLOCKED) == [(1,)]
        assert estate.rows("courses", REQUESTED, institution_id) == [(handled,)]

    assert estate.exit_code(pid) == 0
    assert estate.rows("courses", REQUESTED, institution_id) == [(handled + 1,)]
    assert estate.events_logged("worker-courses")[-1] == "worker_stopped"
    estate.start("worker-courses")
    estate.await_outcome(clerk, application_id, "C")


def test_worker_whose_thread_died_ends_so_that_its_supervisor_restarts_it(estate, clerk):
    estate.stop("worker-staff")
    estate.start("worker-staff")
    pid = estate.pid("worker-staff")

    estate.order("staff", "ALTER TABLE outbox RENAME TO outbox_elsewhere")
    try:
        assert estate.exit_code(pid) == 1
    finally:
        estate.order("staff", "ALTER TABLE outbox_elsewhere RENAME TO outbox")

    [died] = [line for line in estate.log("worker-staff") if line["event"] == "thread_died"]
    assert died["thread"] == "relay-staff"
    assert "worker_thread_died" in estate.events_logged("worker-staff")
    application_id = estate.file(clerk)
    estate.start("worker-staff")
    estate.await_outcome(clerk, application_id, "C")


def test_workers_started_before_database_and_broker_wait_for_both(estate, clerk):
    estate.stop(*WORKERS)
    estate.broker.stop()
    estate.platform.postgres.stop()

    estate.start(*WORKERS)
    begun = {name: estate.pid(name) for name in estate.programs}
    estate.until(lambda: status_for(estate, clerk) == 503)
    for name in WORKERS:
        estate.until(lambda name=name: "relay_lost_database" in estate.events_logged(name))
    estate.broker.start()
    estate.platform.postgres.start()

    estate.until(lambda: status_for(estate, clerk) == 200)
    application_id = estate.file(clerk)
    estate.await_outcome(clerk, application_id, "C")
    assert {name: estate.pid(name) for name in estate.programs} == begun
    for name in WORKERS:
        # Not every worker has a part in the application: it may have been done before they looked.
        estate.until(lambda name=name: "relay_found_database" in estate.events_logged(name))
        logged = estate.log(name)
        assert not [line for line in logged if line["level"] == "error"]
        assert len(logged) < 30, "an outage is told, not reported every second"


def status_for(estate, clerk):
    """What a read through the gateway, auth and compliance is answered."""
    url = f"{estate.platform.gateway_url}{APPLICATIONS}"
    return httpx.get(url, headers=clerk._headers, timeout=10).status_code


def test_worker_is_stopped_in_time_while_the_broker_says_nothing(estate, clerk):
    """Neither the relay's confirm nor the consumer's goodbye ever comes."""
    estate.stop("worker-compliance")
    estate.start("worker-compliance")
    with estate.frozen_broker():
        application_id = estate.file(clerk)
        for _ in ("connected when it fell silent", "started in the silence"):
            pid = estate.send("worker-compliance", signal.SIGTERM)
            assert estate.exit_code(pid) == 0
            assert estate.events_logged("worker-compliance")[-1] == "worker_stopped"
            assert estate.rows("compliance", OUTBOX)[0][0] >= 1
            estate.start("worker-compliance")

    estate.await_outcome(clerk, application_id, "C")
