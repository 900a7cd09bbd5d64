"""A worker ends when it is told to, whoever the kernel tells it."""

import signal
import threading
from datetime import timedelta

import psycopg
import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from otsp_chassis.bus import LocalBus
from otsp_chassis.jobs import Job, Noted, _run_unless_lost, schedule
from otsp_chassis.outage import Outage
from otsp_chassis.worker import Worker


@pytest.fixture(autouse=True)
def handlers():
    """Those of the test run are back afterwards."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_signal_that_another_thread_takes_ends_the_worker(kit):
    """The main thread sleeps in its wait meanwhile, and no handler runs before it wakes."""
    worker = Worker(LocalBus(), [kit.work])
    taken = threading.Thread(
        target=lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    )
    later = threading.Timer(0.5, taken.start)  # by then it waits

    assert worker.run_until_signalled(on_ready=later.start) == 0

    later.join()
    taken.join()


def test_signal_that_comes_before_the_worker_is_ready_ends_it_then(kit):
    worker = Worker(LocalBus(), [kit.work])

    assert worker.run_until_signalled(on_ready=lambda: signal.raise_signal(signal.SIGTERM)) == 0


def test_hourly_jobs_do_not_all_start_in_one_moment(kit):
    """Each holds two connections of a pool of eight."""
    scheduler = BackgroundScheduler(timezone="Asia/Shanghai")
    hourly = [Job(f"job_{number}", 3_600, lambda: None) for number in range(8)]
    schedule(scheduler, kit.runtime, hourly)
    scheduler.start(paused=True)

    moments = {job.next_run_time.replace(microsecond=0) for job in scheduler.get_jobs()}
    scheduler.shutdown()

    assert len(moments) > 4
    assert max(moments) - min(moments) <= timedelta(minutes=12, seconds=1)


def test_job_whose_sessions_end_meanwhile_is_an_outage_and_no_error(kit, postgres):
    """The lock went with its session; asking for it back hid what had happened."""
    outage = Outage("jobs_lost_database", "jobs_found_database", service=kit.runtime.service)
    job = Job("ended", 60, lambda: end_sessions(postgres, kit.runtime))

    _run_unless_lost(kit.runtime, job, outage, noted=Noted())

    assert outage._attempts == 1


def end_sessions(postgres, runtime):
    name = runtime.database.engine.url.database
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
