"""Many institutions with the same dossier: one is entered as `otsp dossier` does, then copied.

A copy has ids, registration numbers and persons of its own. Copying rows takes a few
milliseconds an institution, entering them two seconds.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from bench.median import median_dossier
from otsp_auth.bootstrap import ensure_national_admin
from otsp_cli.dossier.gateway import Gateway
from otsp_cli.dossier.registration import Registered
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_contracts.values import organisation_check_digit, uscc_check_digit
from otsp_local.console import StepFailed
from otsp_testkit import PlatformKit

_TABLES = """
SELECT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'institution_id'
"""
_REFERRED_TO = frozenset({"institution", "course"})
_NOT_COPIED = frozenset(
    {"audit_entry", "change", "counter_mark", "draft", "export", "review_lock", "sheet_import"}
)
_OF_COMPLIANCE = frozenset({"institution_ref", "rectification"})
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_DIGEST = re.compile(r"(?<=x)[0-9a-f]{64}(?![0-9a-f])")
_LETTERS = "ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Template:
    """Every row of one institution as JSON text, by database and table."""

    institution_id: UUID
    uscc: str
    rows: Mapping[str, Mapping[str, list[str]]]


def enter_template(platform: PlatformKit, folder: Path) -> Template:
    """Register, fill in, file and withdraw: what the copies are made of has proved to pass."""
    account = ("national-admin", f"Aa1-{secrets.token_urlsafe(12)}")
    accounts = Accounts(folder / "accounts.json")
    ensure_national_admin(*account, runtime=platform.kits["auth"].runtime)
    accounts.keep("national_admin", username=account[0], password=account[1])
    with platform.http() as http, platform.working():
        entered = enter_median(Gateway(http), accounts)
    platform.settle()
    urls = {name: kit.owner_url for name, kit in platform.kits.items()}
    return template_of(UUID(entered.institution_id), urls)


def enter_median(gateway: Gateway, accounts: Accounts) -> Registered:
    """As its administrator does: entered, filed and withdrawn, so that it may file again."""
    dossier = median_dossier()
    supervision = Supervision(gateway, accounts)
    loader = Loader(gateway, supervision, options=Options(is_self_check=False), say=lambda _: None)
    [result] = loader.results([dossier])
    if result["state"] != "submitted" or result["warnings"]:
        raise StepFailed(f"The median dossier did not simply pass: {result}")
    entered = loader.entered[dossier.sample].account
    path = f"/api/compliance/v1/applications/{result['application_id']}/withdrawal"
    entered.session.post(path, None)
    return entered


def template_of(institution_id: UUID, urls: Mapping[str, str]) -> Template:
    """The median institution, entered, in the services' databases; its accounts stay its own."""
    rows = {
        url: _rows_of(url, name, institution_id) for name, url in urls.items() if name != "auth"
    }
    return Template(institution_id, str(median_dossier().institution.uscc), rows)


def copy_institutions(template: Template, count: int) -> list[UUID]:
    """Institutions that may file; none of them has filed yet."""
    seeds = [secrets.token_bytes(16) for _ in range(count)]
    changes = [
        partial(_changed, seed, {template.uscc: _another_uscc(template.uscc)}) for seed in seeds
    ]
    for url, tables in template.rows.items():
        with psycopg.connect(url) as connection:
            for table, rows in tables.items():
                _insert(connection, table, [change(row) for change in changes for row in rows])
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ANALYZE")
    return [_another_id(seed, str(template.institution_id)) for seed in seeds]


def _rows_of(url: str, service: str, institution_id: UUID) -> dict[str, list[str]]:
    """What the service holds of the institution: its data, not the mechanisms' notes."""
    with psycopg.connect(url) as connection:
        found = {name for (name,) in connection.execute(_TABLES)} - _NOT_COPIED
        wanted = found & _OF_COMPLIANCE if service == "compliance" else found
        select = "SELECT row_to_json(t)::text FROM {} t WHERE institution_id = %s"
        return {
            table: [
                row
                for (row,) in connection.execute(
                    SQL(select).format(Identifier(table)), (institution_id,)
                )
            ]
            for table in sorted(wanted, key=lambda name: name not in _REFERRED_TO)
        }


def _insert(connection: psycopg.Connection, table: str, rows: list[str]) -> None:
    insert = "INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::json)"
    document = f"[{','.join(rows)}]"
    connection.execute(SQL(insert).format(table=Identifier(table)), (document,))


def _changed(seed: bytes, numbers: Mapping[str, str], row: str) -> str:
    """The row as another institution's; equal ids and equal persons stay equal."""
    row = _UUID.sub(lambda found: str(_another_id(seed, found[0])), row)
    row = _DIGEST.sub(lambda found: _digest(seed, found[0]).hex(), row)
    for old, new in numbers.items():
        row = row.replace(old, new)
    return row


def _another_id(seed: bytes, known: str) -> UUID:
    """With the same time in it, so that rows keep their order."""
    old = UUID(known).bytes
    variant = bytes([_digest(seed, known)[0] & 0x3F | 0x80])
    return UUID(bytes=old[:8] + variant + _digest(seed, known)[1:8])


def _digest(seed: bytes, known: str) -> bytes:
    return hashlib.sha256(seed + known.encode()).digest()


def _another_uscc(known: str) -> str:
    """Sound in both of its check digits."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
    first_17 = known[:8] + drawn + organisation_check_digit(drawn)
    return first_17 + uscc_check_digit(first_17)
