"""What a process loads: each start of a platform pays for it a dozen times."""

import subprocess
import sys

WORKER = """
import sys
from importlib import import_module, util
import otsp_cli.running
for room in ("app", "consumers", "counters", "jobs", "republish", "retention", "stuck"):
    name = f"{sys.argv[1]}.{room}"
    util.find_spec(name) and import_module(name)
print(*sorted({"connexion", "starlette", "gunicorn", "alembic"} & sys.modules.keys()))
"""


def test_a_worker_loads_nothing_that_only_an_api_or_a_migration_needs(service):
    done = subprocess.run(
        [sys.executable, "-c", WORKER, f"otsp_{service}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == []
