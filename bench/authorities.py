"""One education authority a county and those above it, and the filings that each has counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from bench.distribution import Drawn
from bench.patterns import REGION
from otsp_chassis.clock import today
from otsp_chassis.ids import new_id
from otsp_cli.dossier.supervision import authority_name
from otsp_contracts import regions
from otsp_testkit import PlatformKit

_COPY: LiteralString = """
INSERT INTO {table} SELECT (jsonb_populate_record(one, %s)).* FROM {table} AS one
WHERE one.region_code = %s AND one.department = 'education'
"""
_FILED = "SELECT region_code, last FROM filing_counter WHERE day = %s"
_FILE = """
INSERT INTO filing_counter (region_code, day, last) VALUES (%s, %s, %s)
ON CONFLICT (region_code, day) DO UPDATE SET last = excluded.last
"""


@dataclass(slots=True)
class Authorities:
    """Ids and names by region."""

    ids: dict[str, str]
    names: dict[str, str]
    _filings: Counter[str]

    @classmethod
    def of(cls, platform: PlatformKit, counties: Sequence[str]) -> "Authorities":
        """Those that the patterns brought stay; the others become rows like the county's."""
        known = _known(platform)
        wanted = sorted({code for county in counties for code in _line_of(county)})
        ids = {code: known.get(code) or str(new_id()) for code in wanted}
        names = {code: authority_name("education", regions.level(code), code) for code in wanted}
        with (
            psycopg.connect(platform.kits["auth"].owner_url) as auth,
            psycopg.connect(platform.kits["compliance"].owner_url) as compliance,
        ):
            for code in wanted:
                if code in known:
                    continue
                above = regions.parent(code)
                row: dict[str, Any] = {
                    "authority_id": ids[code],
                    "name": names[code],
                    "level": regions.level(code),
                    "region_code": code,
                }
                parents: dict[str, Any] = {
                    "parent_region_code": above or "000000",
                    "parent_authority_id": ids.get(above or ""),
                }
                nobody: dict[str, Any] = {"reviewer_count": 0, "reviewer_ids": []}
                _insert(auth, "authority", row | parents)
                _insert(compliance, "authority_ref", row | parents | nobody)
            last: dict[str, int] = dict(compliance.execute(_FILED, (today(),)).fetchall())
        filed = Counter({code: number // 10 for code, number in last.items()})
        return cls(ids, names, filed)

    def filing_number(self, drawn: Drawn) -> str:
        """County, day, and which of the day it was there, but for the last digit of six."""
        self._filings[drawn.region_code] += 1
        return f"{drawn.region_code}{today():%Y%m%d}{self._filings[drawn.region_code]:05d}"

    def count_filings(self, compliance: psycopg.Connection) -> None:
        """So that the next one filed gets the next number."""
        for code, last in self._filings.items():
            compliance.execute(_FILE, (code, today(), last * 10 + 9))
        compliance.commit()


def _known(platform: PlatformKit) -> dict[str, str]:
    with psycopg.connect(platform.kits["auth"].owner_url) as connection:
        rows = connection.execute(
            "SELECT region_code, authority_id FROM authority WHERE department = 'education'"
        )
        return {code: str(authority_id) for code, authority_id in rows}


def _line_of(code: str) -> Iterator[str]:
    """A region and those that it lies in."""
    here: str | None = code
    while here is not None:
        yield here
        here = regions.parent(here)


def _insert(connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    statement = SQL(_COPY).format(table=Identifier(table))
    connection.execute(statement, (Jsonb(row), REGION))
