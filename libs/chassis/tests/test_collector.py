"""A process that has started is not searched for cycles again."""

import subprocess
import sys

from otsp_chassis.collector import YOUNG

_PROGRAM = """
import gc
from otsp_chassis.collector import YOUNG, spare_what_stays
spare_what_stays()
seen = []
gc.callbacks.append(lambda phase, told: seen.append(phase))
kept = [[] for _ in range(YOUNG // 2)]
print(gc.get_freeze_count() > 1_000, len(seen))
kept += [[] for _ in range(YOUNG)]
print(len(seen) > 0)
"""

_API = """
import gc
from otsp_chassis.gunicorn_conf import post_worker_init
post_worker_init(None)
print(gc.get_threshold()[0])
"""


def test_an_api_that_has_started_is_told():
    done = subprocess.run(
        [sys.executable, "-c", _API], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) == YOUNG


def test_what_was_loaded_is_spared_and_new_objects_wait_longer():
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["True", "0", "True"]
