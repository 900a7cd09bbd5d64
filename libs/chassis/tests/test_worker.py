"""A worker ends when it is told to, whoever the kernel tells it."""

import signal
import threading

import pytest

from otsp_chassis.bus import LocalBus
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
