"""Institutions that are there and ask for nothing: a platform of their number is not an empty one.

They are the generator's (`bench.nation`), put in before a process runs, in every county but that
of those who file. Their applications and cases are rows without the snapshots, receipts and events
that true ones leave behind, so they are noted in a table of each database, and the checker looks
past them.
"""

import time
from collections.abc import Iterable
from uuid import UUID

import psycopg
from bench.distribution import Distribution
from bench.fill import bar, entered_on, on_the_samples_day
from bench.nation import populate
from bench.patterns import REGION

from drill.topology import Topology
from otsp_local.console import step
from otsp_local.keys import PlatformKeys

OTHERS_OPEN_CASES = (
    "SELECT count(*) FROM review_case WHERE state = 'open' AND NOT EXISTS"
    " (SELECT FROM drill_bystander AS one WHERE one.institution_id = review_case.institution_id)"
)
"""Joined, not `NOT IN`: more than fit into work_mem would be gone through for each case."""
_TABLE = "CREATE TABLE drill_bystander (institution_id uuid PRIMARY KEY)"
_NOTE = "COPY drill_bystander FROM STDIN"


def gather(topology: Topology, count: int) -> None:
    """So many, beside the few that they are copies of. Its servers run, its programs do not."""
    keys = PlatformKeys(topology.folder / "keys")
    keys.ensure()
    with (
        step(f"{count:,} institutions that stand by"),
        on_the_samples_day(),
        entered_on(topology.platform.postgres, keys, topology.folder) as entered,
    ):
        weights = Distribution(count).county_weights()
        elsewhere = {code: weight for code, weight in weights.items() if code != REGION}
        drawn = Distribution(count, counties=elsewhere)
        nation = populate(entered.platform, entered.patterns, drawn, progress=bar(time.monotonic()))
    for url in topology.database_urls().values():
        _note(url, nation.ids)


def _note(url: str, ids: Iterable[UUID]) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(_TABLE)
        with connection.cursor().copy(_NOTE) as rows:
            for each in ids:
                rows.write_row([each])
        connection.execute("ANALYZE drill_bystander")
