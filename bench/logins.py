"""How long a refused login takes for a name that exists, and for one that does not (S5).

    nice ./dev bench logins [--pairs 200]

Pairs of wrong passwords, the two names in turn and the first of each pair by lot, through the whole
service on a database, hashes at production's cost. Prints medians, their ratio with the middle half
of the pairs' ratios, and how often somebody who guesses by time which of a pair exists is right:
half of the times when time tells nothing. No figure of the list; 0 when measured, whatever it is.
"""

import argparse
import random
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.rounds import scratch_folder
from otsp_auth.app import service
from otsp_auth.settings import AuthSettings
from otsp_local.postgres import LocalPostgres
from otsp_testkit import ServiceKit
from otsp_testkit.client import Client
from otsp_testkit.keys import write_key_files

BASE = "/api/auth/v1"
MOBILE, PASSWORD, WRONG = "13800000001", "Xihu-2026-peixun", "Xihu-2026-peixuN"
WARM_UP = 5
_COSTS = ("argon2_memory_kib", "argon2_time_cost", "argon2_parallelism")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench logins", description=__doc__)
    parser.add_argument("--pairs", type=int, default=200)
    asked = parser.parse_args(arguments).pairs
    with _kit() as kit:
        door = kit.anonymous()
        _register(door)
        pairs = [_pair(door, number) for number in range(asked + WARM_UP)][WARM_UP:]
    known, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))
    low, middle, high = statistics.quantiles([one / other for one, other in pairs], n=4)
    right = sum(one > other for one, other in pairs) / len(pairs)
    sys.stdout.write(
        f"refused logins, {len(pairs)} pairs: existing {1000 * known:.1f} ms,"
        f" unknown {1000 * unknown:.1f} ms; existing / unknown {middle:.3f}"
        f" (middle half {low:.3f} to {high:.3f}); the slower of a pair exists in {right:.0%}\n"
    )
    return 0


@contextmanager
def _kit() -> Iterator[ServiceKit]:
    """Nothing is locked and no picture asked for: both would end the comparison."""
    folder = scratch_folder()
    postgres = LocalPostgres(folder / "postgres", fsync=True)
    fields = AuthSettings.model_fields
    settings = {name: fields[name].default for name in _COSTS} | {"log_level": "WARNING"}
    unlimited = {"login_failures_allowed": 10**9, "captcha_after_failures": 10**9}
    try:
        postgres.start()
        kit = ServiceKit(
            service,
            postgres,
            keys=write_key_files(folder),
            files_dir=folder / "files",
            settings={**settings, **unlimited},
        )
        yield kit
        kit.close()
    finally:
        postgres.erase()
        shutil.rmtree(folder, ignore_errors=True)


def _register(door: Client) -> None:
    asked = door.post(f"{BASE}/registrations", {"mobile": MOBILE}).json
    texts = door.get(f"{BASE}/development/messages", query={"mobile": MOBILE}).json["items"]
    code = "".join(each for each in texts[0]["text"].partition("，")[0] if each.isdigit())
    body = {"code": code, "password": PASSWORD, "person_name": "周明"}
    activated = door.post(f"{BASE}/registrations/{asked['registration_id']}/activation", body)
    assert activated.status == 201, activated.content


def _pair(door: Client, number: int) -> tuple[float, float]:
    """Seconds of the existing and of the unknown name."""
    names = [MOBILE, f"1390000{number:04d}"]
    order = random.sample(names, 2)
    took = {name: _seconds(door, name) for name in order}
    return took[names[0]], took[names[1]]


def _seconds(door: Client, username: str) -> float:
    begun = time.perf_counter()
    answer = door.post(f"{BASE}/sessions", {"username": username, "password": WRONG})
    took = time.perf_counter() - begun
    assert answer.status == 401, answer.content
    return took
