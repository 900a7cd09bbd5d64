"""Fills the six services' databases with the institutions of a distribution.

Patterns come through the API; their rows are spread by INSERT … SELECT in the databases
themselves, in batches, past no constraint and no index. Personal data are sealed one by one with
the platform's own cipher. Counters are counted by the services' own functions afterwards.
What is not made stands in `patterns.NOT_MADE`.
"""

import base64
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from bench import names
from bench.authorities import Authorities
from bench.distribution import Distribution, Drawn
from bench.marks import MARKS
from bench.patterns import COUNTED, SPREADS, Pattern, Spread
from otsp_chassis.clock import today
from otsp_chassis.db import reading
from otsp_chassis.pii import Cipher, mask_id
from otsp_staff.commands.entry import tail_index
from otsp_testkit import PlatformKit, ServiceKit

BATCH, COUNTED_AT_ONCE = 1_000, 1_000
PEOPLE_FROM = 1_000_000
"""Numbers of staff; those below are of legal representatives and account holders."""
_ONE = (
    "number", "pattern", "N", "A", "AN", "R", "U", "NM", "L", "Q", "ST", "TT", "IS", "IB", "IX",
    "IM", "MS", "MI", "staff", "materials", "courses", "classes", "fee_items", "sites",
)  # fmt: skip
_PERSON = ("number", "place", "PN", "PO", "ST", "TT", "IS", "IX", "MS", "MI", "MT")
_NUMBERS = frozenset(
    {"number", "pattern", "place", "staff", "materials", "courses", "classes", "fee_items", "sites"}
)
_OWN_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
Thing = TypeVar("Thing")
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Nation:
    """What was made: the institutions in order of their numbers, and their databases."""

    platform: PlatformKit
    patterns: Sequence[Pattern]
    ids: list[UUID] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)

    def bytes_by_service(self) -> dict[str, dict[str, int]]:
        """Tables with their indexes and what is stored beside them, of each database."""
        return {name: _sizes(kit.owner_url) for name, kit in self.platform.kits.items()}


def populate(
    platform: PlatformKit,
    patterns: Sequence[Pattern],
    distribution: Distribution,
    *,
    only: Collection[str] = (),
    progress: Progress = lambda _done, _whole: None,
) -> Nation:
    """Institutions as drawn; all of a batch in one transaction a database.

    With `only`, tables as `service.table`, nothing else is made, and nothing is counted.
    """
    spreads = [each for each in SPREADS if not only or f"{each.service}.{each.table}" in only]
    nation, cipher = Nation(platform, patterns), platform.kits["staff"].runtime.cipher
    authorities = Authorities.of(platform, list(distribution.county_weights()))
    with ExitStack() as stack:
        connections = {
            name: stack.enter_context(psycopg.connect(kit.owner_url))
            for name, kit in platform.kits.items()
            if any(each.service == name for each in spreads)
        }
        for name, connection in connections.items():
            _prepare(connection, name, patterns)
        with platform.kits["staff"].active():
            for batch in batched(distribution, BATCH):
                lines = [
                    _line(each, patterns=patterns, authorities=authorities, cipher=cipher)
                    for each in batch
                ]
                people = [row for each in batch for row in _people(each, cipher) if not only]
                _insert(connections, spreads, lines=lines, people=people)
                nation.ids += [_id_of(each, patterns) for each in batch]
                nation.drawn += batch
                progress(len(nation.ids), distribution.institutions)
        authorities.count_filings(connections["compliance"])
    for name in connections:
        _settle(platform.kits[name])
    if not only:
        _count(nation)
    return nation


def _insert(
    connections: Mapping[str, psycopg.Connection],
    spreads: Iterable[Spread],
    *,
    lines: Sequence[Sequence[Any]],
    people: Sequence[Sequence[Any]],
) -> None:
    """A batch, in one transaction a database, and into all of them at once."""

    def insert(name: str) -> None:
        connection = connections[name]
        _fill(connection, lines=lines, people=people if name == "staff" else ())
        for spread in spreads:
            if spread.service == name:
                _run(connection, _insert_of(connection, spread))
        connection.commit()

    with ThreadPoolExecutor(len(connections)) as pool:
        list(pool.map(insert, connections))


def batched(whole: Iterable[Thing], count: int) -> Iterator[list[Thing]]:
    """In lists of so many; the last may be shorter."""
    left = iter(whole)
    while batch := list(islice(left, count)):
        yield batch


def _pattern_of(drawn: Drawn, patterns: Sequence[Pattern]) -> int:
    return next(
        place
        for place, each in enumerate(patterns)
        if (each.kind, each.state) == (drawn.kind, drawn.state)
    )


def _id_of(drawn: Drawn, patterns: Sequence[Pattern]) -> UUID:
    pattern = patterns[_pattern_of(drawn, patterns)]
    return UUID(f"{pattern.institution_prefix}0000{drawn.number:08x}")


def _line(
    drawn: Drawn, *, patterns: Sequence[Pattern], authorities: Authorities, cipher: Cipher
) -> list[Any]:
    number = names.cnid_of(drawn.number)
    mobile = names.mobile_of(drawn.number)
    sealed = cipher.encrypt(number)
    found_by, terms = names.found_by(drawn.name)
    values = {
        "number": drawn.number,
        "pattern": _pattern_of(drawn, patterns),
        "N": f"{drawn.number:08x}",
        "A": authorities.ids[drawn.region_code],
        "AN": authorities.names[drawn.region_code],
        "R": drawn.region_code,
        "U": drawn.uscc,
        "NM": drawn.name,
        "L": f"教民1{drawn.region_code}{drawn.number:08d}号",
        "Q": authorities.filing_number(drawn),
        "ST": _quoted(found_by),
        "TT": json.dumps(terms, ensure_ascii=False),
        "IS": sealed.hex(),
        "IB": base64.b64encode(sealed).decode(),
        "IX": cipher.blind_index(number).hex(),
        "IM": mask_id(number),
        "MS": cipher.encrypt(mobile).hex(),
        "MI": cipher.blind_index(mobile).hex(),
    }
    return [values[name] if name in values else getattr(drawn, name) for name in _ONE]


def _people(drawn: Drawn, cipher: Cipher) -> Iterator[list[Any]]:
    for place in range(drawn.staff):
        serial = PEOPLE_FROM + drawn.number * 512 + place
        number, mobile = names.cnid_of(serial), names.mobile_of(serial % 100_000_000)
        name = names.person_name(serial * 31)
        found_by, terms = names.found_by(name)
        yield [
            drawn.number,
            place,
            name,
            names.order_of(name),
            _quoted(found_by),
            json.dumps(terms, ensure_ascii=False),
            cipher.encrypt(number).hex(),
            cipher.blind_index(number).hex(),
            cipher.encrypt(mobile).hex(),
            cipher.blind_index(mobile).hex(),
            tail_index(mobile[-4:]).hex(),
        ]


def _quoted(text: str) -> str:
    """As it stands between the quotes of a JSON text."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _prepare(connection: psycopg.Connection, service: str, patterns: Sequence[Pattern]) -> None:
    for table, columns in (("one", _ONE), ("person", _PERSON)):
        told = ", ".join(f'"{name}" {"int" if name in _NUMBERS else "text"}' for name in columns)
        _run(connection, f"CREATE TEMP TABLE {table} ({told})")
    _run(
        connection,
        "CREATE TEMP TABLE pattern_row (pattern int, target text, place int, whole int, body text)",
    )
    with connection.cursor().copy("COPY pattern_row FROM STDIN") as copy:
        for number, pattern in enumerate(patterns):
            for (owner, table), rows in pattern.rows.items():
                for place, body in enumerate(rows if owner == service else ()):
                    copy.write_row((number, table, place, len(rows), body))
    _run(connection, "ANALYZE pattern_row")
    connection.commit()


def _fill(
    connection: psycopg.Connection,
    *,
    lines: Sequence[Sequence[Any]],
    people: Sequence[Sequence[Any]],
) -> None:
    _run(connection, "TRUNCATE one, person")
    for table, rows in (("one", lines), ("person", people)):
        with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        _run(connection, f"ANALYZE {table}")


def _insert_of(connection: psycopg.Connection, spread: Spread) -> str:
    """Marks that no row of the table has are not looked for."""
    bodies = "".join(
        body
        for (body,) in connection.execute(
            "SELECT body FROM pattern_row WHERE target = %s", (spread.table,)
        )
    )
    text, of_person = "p.body", spread.table == "staff"
    for mark in MARKS:
        if f"~{mark}~" in bodies:
            source = "person" if of_person and mark in _PERSON else "one"
            value = f'{source}."{mark}"' if mark != "K" else "lpad(to_hex(g / p.whole), 4, '0')"
            text = f"replace({text}, '~{mark}~', {value})"
    until = "p.place" if spread.count is None else f"one.{spread.count} - 1"
    person = "JOIN person ON person.number = one.number AND person.place = g" if of_person else ""
    return (
        f'INSERT INTO "{spread.table}" SELECT r.* FROM one'  # noqa: S608 - names of this package
        f" JOIN pattern_row p ON p.pattern = one.pattern AND p.target = '{spread.table}'"
        f" CROSS JOIN LATERAL generate_series(p.place, {until}, p.whole) g {person}"
        f' CROSS JOIN LATERAL json_populate_record(NULL::"{spread.table}", ({text})::json) r'
    )


def _run(connection: psycopg.Connection, statement: str) -> None:
    """Made of names in this package only."""
    connection.execute(statement)


def _settle(kit: ServiceKit) -> None:
    """Of its own tables: the owner may not vacuum the server's, and would be warned of each."""
    with psycopg.connect(kit.owner_url, autocommit=True) as connection:
        for (table,) in connection.execute(_OWN_TABLES).fetchall():
            connection.execute(SQL("VACUUM ANALYZE {}").format(Identifier(table)))


def _count(nation: Nation) -> None:
    """Told as the services tell it: in the owner's `counters_told`, in compliance's copy."""
    kits = nation.platform.kits
    with psycopg.connect(kits["compliance"].owner_url) as told:
        for name in COUNTED:
            counting = import_module(f"otsp_{name}.counters").COUNTING
            with psycopg.connect(kits[name].owner_url) as owner, kits[name].active():
                for ids in batched(nation.ids, COUNTED_AT_ONCE):
                    with reading() as tx:
                        found = counting.count(tx, ids, today())
                    counted = {
                        str(each): found.get(each, counting.nothing).model_dump(mode="json")
                        for each in ids
                    }
                    _update(owner, "counters_told", column="counters", values=counted)
                    _update(told, f"{name}_counters_ref", column="counters", values=counted)
                    if name in _KEPT_BY_INSTITUTION:
                        with psycopg.connect(kits["institution"].owner_url) as keeper:
                            column = _KEPT_BY_INSTITUTION[name]
                            only = {key: each[column] for key, each in counted.items()}
                            _update(keeper, f"{name}_counters_ref", column=column, values=only)


_KEPT_BY_INSTITUTION: Mapping[str, str] = {"staff": "employed", "courses": "enrolled"}


def _update(
    connection: psycopg.Connection, table: str, *, column: str, values: Mapping[str, Any]
) -> None:
    kind = "jsonb" if column == "counters" else "bigint"
    statement = (
        f"UPDATE {table} AS t SET {column} = v.value::text::{kind}"  # noqa: S608 - as above
        " FROM jsonb_each(%s::jsonb) v WHERE t.institution_id = v.key::uuid"
    )
    found = connection.execute(statement, (json.dumps(values),)).rowcount
    if found != len(values):
        raise LookupError(f"{table} has {found} rows of {len(values)} institutions")


def _sizes(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return dict(rows.fetchall())
