"""Checks of the databases: server, connections, roles, schema, calendar."""

from collections.abc import Mapping
from dataclasses import dataclass

from otsp_chassis import clock
from otsp_chassis.migrate import APPEND_ONLY
from otsp_chassis.revision import newest_revision
from otsp_cli.backups.tools import Tools
from otsp_cli.doctor.addresses import postgres_address
from otsp_cli.doctor.databases import Database, Facts
from otsp_cli.doctor.findings import Finding, failed, ok, warn
from otsp_cli.doctor.surroundings import Surroundings
from otsp_cli.messages.desk import CannotDo

OLDEST_POSTGRES = 130_000
CALENDAR_DAYS = 60
_OWN_APPEND_ONLY = {
    "institution": ("funds_statement",),
    "compliance": (
        "case_assignment", "configuration_change", "decision", "finding", "frozen_figure",
        "log_entry", "log_head", "month_publication", "receipt", "receipt_print",
        "receipt_revocation", "rectification_move", "snapshot", "snapshot_part",
    ),
}  # fmt: skip
"""Besides those of the chassis; the migrations take the rights away."""
_READ_ONLY_FOR_ALL = frozenset({"alembic_version"})
_ROWS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
_GRANTS = "set roles and grants as docs/operations.md tells (Databases and roles)"


def databases(around: Surroundings) -> Mapping[str, Database]:
    return around.databases


def examine_server(_: Surroundings, database: Database) -> Finding:
    facts = database.facts()
    told = f"PostgreSQL {_version(facts)} as {facts.role}, {facts.locale}"
    if facts.version < OLDEST_POSTGRES:
        return failed(told, "PostgreSQL 13 is the oldest that is supported")
    if not facts.is_c_utf8:
        return failed(
            told, "make the database anew with LC_COLLATE and LC_CTYPE C.UTF-8, encoding UTF8"
        )
    return ok(told)


@dataclass(frozen=True, slots=True)
class Pools:
    """What this environment's pools may take of one server."""

    databases: list[Database]


def servers(around: Surroundings) -> Mapping[str, Pools]:
    found: dict[str, list[Database]] = {}
    for each in around.databases.values():
        address = postgres_address(each.url, each.setting)
        if address is not None and not each.is_owner:
            found.setdefault(address.name, []).append(each)
    return {name: Pools(each) for name, each in found.items()}


def examine_connections(_: Surroundings, pools: Pools) -> Finding:
    """An API and a worker of each service that is named, once more while they are replaced."""
    facts = pools.databases[0].facts()
    wanted = 4 * sum(each.pool_size for each in pools.databases)
    free = facts.max_connections - facts.reserved
    told = (
        f"{facts.in_use} of {free} in use; pools named here × API and worker × a rolling update"
        f" take up to {wanted}"
    )
    if facts.in_use >= free * 9 // 10:
        return failed(told, "raise max_connections or lower OTSP_<SERVICE>_DB_POOL_SIZE")
    if wanted > free:
        return warn(
            told, "raise max_connections, or lower the pools: docs/sizing.md has the arithmetic"
        )
    return ok(told)


def examine_dump(around: Surroundings, pools: Pools) -> Finding:
    """Of the image on Debian 12 `pg_dump` is 15: it dumps no newer server."""
    major = pools.databases[0].facts().version // 10_000
    try:
        Tools.for_server(major, around.named.pg_bin)
    except CannotDo as why:
        return warn(str(why), "otsp backup cannot run here: docs/backup.md, Taking one")
    return ok(f"pg_dump for PostgreSQL {major} is here")


def examine_role(around: Surroundings, database: Database) -> Finding:
    facts = database.facts()
    faults = _owner_faults(facts) if database.is_owner else _app_faults(database, facts, around)
    if faults:
        return failed(f"{facts.role} {'; '.join(faults)}", _GRANTS)
    if database.is_owner:
        return ok(f"{facts.role} may create tables and no more")
    if not facts.tables:
        return ok(f"{facts.role} may create nothing; there are no tables yet")
    return ok(f"{facts.role} reads and writes rows of {len(facts.tables)} tables, no DDL")


def _owner_faults(facts: Facts) -> list[str]:
    faults = [] if facts.may_create else ["may not create tables"]
    foreign = sorted(table for table, held in facts.tables.items() if "OWNER" not in held)
    if foreign:
        faults.append(f"does not own {_some(foreign)}")
    return faults + ([f"is {', '.join(facts.powers)}"] if facts.powers else [])


def _app_faults(database: Database, facts: Facts, around: Surroundings) -> list[str]:
    append_only = {*APPEND_ONLY, *_OWN_APPEND_ONLY.get(database.service, ())}
    faults = [f"is {', '.join(facts.powers)}"] if facts.powers else []
    if not facts.may_use:
        faults.append("may not use schema public")
    if facts.may_create:
        faults.append("may create tables or schemas")
    by_fault: dict[str, list[str]] = {}
    for table, held in sorted(facts.tables.items()):
        for fault in _table_faults(table, held, is_append_only=table in append_only):
            by_fault.setdefault(fault, []).append(table)
    faults += [f"{fault} {_some(tables)}" for fault, tables in by_fault.items()]
    if not around.is_before and facts.tables:
        faults += [f"has no {name}" for name in sorted(append_only - facts.tables.keys())]
    return faults


def _table_faults(table: str, held: frozenset[str], *, is_append_only: bool) -> list[str]:
    wanted = {"SELECT", "INSERT"} if is_append_only else set(_ROWS)
    if table in _READ_ONLY_FOR_ALL:
        wanted = {"SELECT"}
    faults = [f"may not {each.lower()}" for each in sorted(wanted - held)]
    forbidden = {"OWNER", "TRUNCATE"} | ({"UPDATE", "DELETE"} if is_append_only else set())
    too_much = forbidden & held
    if "OWNER" in too_much:
        return ["owns"]
    return faults + [f"may {each.lower()}" for each in sorted(too_much)]


def application_databases(around: Surroundings) -> Mapping[str, Database]:
    return {name: each for name, each in around.databases.items() if not each.is_owner} or {
        name.removesuffix(" owner"): each for name, each in around.databases.items()
    }


def examine_schema(_: Surroundings, database: Database) -> Finding:
    facts, wanted = database.facts(), newest_revision(f"otsp_{database.service}")
    if facts.revision is None:
        return failed(f"no schema; the code wants {wanted}", f"otsp migrate {database.service}")
    if facts.revision[:4] < wanted[:4]:
        return failed(
            f"{facts.revision}, the code wants {wanted}", f"otsp migrate {database.service}"
        )
    if facts.revision != wanted:
        return warn(
            f"{facts.revision} is newer than the code's {wanted}",
            "right while a release is rolled back or out; else start the newer image",
        )
    return ok(facts.revision)


def calendars(around: Surroundings) -> Mapping[str, Database]:
    """Compliance owns the working calendar."""
    owners = application_databases(around).values()
    found = next((each for each in owners if each.service == "compliance"), None)
    return {"working days": found} if found else {}


def examine_calendar(_: Surroundings, database: Database) -> Finding:
    until = database.facts().calendar_until
    enter = "enter the next year's days: docs/regions.md, The working calendar"
    if until is None:
        return failed("no working day is known", "start compliance's worker: it fills them in")
    days = (until - clock.today()).days
    told = f"until {until}, {days} days"
    if days < 0:
        return failed(told, enter)
    return warn(told, enter) if days < CALENDAR_DAYS else ok(told)


def examine_database_clock(database: Database) -> Finding:
    return judged_skew(database.facts().skew_seconds)


def judged_skew(seconds: float) -> Finding:
    told = f"{seconds:+.1f} s from here"
    if abs(seconds) >= 2:
        return failed(told, "synchronise both machines' clocks (chrony, NTP)")
    return ok(told)


def _version(facts: Facts) -> str:
    return f"{facts.version // 10_000}.{facts.version % 10_000}"


def _some(names: list[str]) -> str:
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")
