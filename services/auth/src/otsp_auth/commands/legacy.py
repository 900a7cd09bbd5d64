"""Migration (迁移): accounts of a legacy platform become accounts here, batch by batch.

A batch is one transaction and one entry of the audit trail: what three hundred thousand entries
would say stands in `legacy_account`. A repeated run passes over what is there, so that a run that
was killed is gone on with by giving the same command again.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, text

from otsp_auth.commands.passwords import current_passwords
from otsp_auth.commands.seen_lines import SeenLines
from otsp_auth.model import Account, LegacyAccount
from otsp_auth.queries.legacy_names import legacy_name_index
from otsp_auth.queries.legacy_rows import known_legacy_names, migrated_numbers, names_of_others
from otsp_auth.rules.legacy_rows import LegacyRow, UnsoundRow, read_row
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.pii import encrypt
from otsp_contracts.auth import AccountMigrated

_ONE_IMPORT = text("SELECT pg_advisory_xact_lock(hashtext('otsp-auth'), hashtext('import-legacy'))")


class Outcome(StrEnum):
    """What became of a line."""

    IMPORTED = "imported"
    MERGE_CANDIDATE = "merge_candidate"
    ALREADY_THERE = "already_there"
    REFUSED = "refused"


BROUGHT = frozenset({Outcome.IMPORTED, Outcome.MERGE_CANDIDATE})
"""The account is new."""


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One line of the file; `cells` is None where they could not be told apart."""

    number: int
    cells: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Reported:
    """What the report says of a line: nothing that stands in it."""

    line: int
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class _Sound:
    """A line that can be read, with what it is found by."""

    line: int
    row: LegacyRow
    index: bytes
    account_id: UUID
    institution_id: UUID


class LegacyImport:
    """One run over one file of one platform. A dry one writes nothing and reports the same."""

    def __init__(self, source: str, names: Sequence[str], seen: SeenLines, *, is_dry: bool) -> None:
        self._source, self._names, self._seen, self._is_dry = source, names, seen, is_dry

    def take(self, lines: Sequence[Line]) -> list[Reported]:
        """One batch, in the order of its lines; imports do not overtake each other."""
        told: dict[int, Reported] = {}
        sound = list(self._sound(lines, told))
        with transaction() as tx:
            tx.execute(_ONE_IMPORT)
            accepted = list(self._judged(tx, sound, told))
            if accepted and not self._is_dry:
                self._bring(tx, accepted)
        return [told[line.number] for line in lines]

    def _sound(self, lines: Sequence[Line], told: dict[int, Reported]) -> Iterator[_Sound]:
        for line in lines:
            try:
                if line.cells is None:
                    raise UnsoundRow(["此行不是有效的 CSV（可能是引号未成对）。"])
                row = read_row(self._names, line.cells)
            except UnsoundRow as fault:
                told[line.number] = Reported(line.number, Outcome.REFUSED, fault.reason)
            else:
                index = legacy_name_index(row.username)
                yield _Sound(line.number, row, index, account_id=new_id(), institution_id=new_id())

    def _judged(
        self, tx: Tx, sound: Sequence[_Sound], told: dict[int, Reported]
    ) -> Iterator[_Sound]:
        """Those that are new; what is said of each line goes into `told`."""
        known = known_legacy_names(tx, self._source, {each.index for each in sound})
        shared = names_of_others(
            tx, self._source, {each.index: each.row.username for each in sound}
        )
        numbers = migrated_numbers(tx, {each.row.uscc for each in sound})
        for each in sound:
            said = self._said(each, known, numbers)
            if said.outcome in BROUGHT and each.index in shared:
                said = Reported(said.line, said.outcome, said.reason + self._ambiguous())
            told[each.line] = said
            if said.outcome is Outcome.REFUSED:
                continue
            self._seen.note(each.index, each.line)
            self._seen.note(_number_key(each.row.uscc), each.line)
            if said.outcome in BROUGHT:
                yield each

    def _said(self, each: _Sound, known: Mapping[bytes, str], numbers: set[str]) -> Reported:
        earlier = self._seen.line_of(each.index)
        if earlier is not None:
            reason = f"legacy_username 与第 {earlier} 行重复，每个账号只能出现一次。"
            return Reported(each.line, Outcome.REFUSED, reason)
        if each.index in known:
            if known[each.index] == each.row.uscc:
                return Reported(each.line, Outcome.ALREADY_THERE, "该账号此前已导入，未作改动。")
            reason = "该账号此前已导入，但统一社会信用代码不同，请核对后更正。"
            return Reported(each.line, Outcome.REFUSED, reason)
        earlier = self._seen.line_of(_number_key(each.row.uscc))
        if earlier is None and each.row.uscc not in numbers:
            return Reported(each.line, Outcome.IMPORTED, "")
        reason = "同一统一社会信用代码已有迁移账号，请由区域管理员合并。"
        return Reported(each.line, Outcome.MERGE_CANDIDATE, reason)

    def _ambiguous(self) -> str:
        return f"同名账号另有他人使用，登录时请在账号后加 @{self._source}。"

    def _bring(self, tx: Tx, accepted: Sequence[_Sound]) -> None:
        tx.execute(insert(_table(Account)), [self._account(each) for each in accepted])
        tx.execute(insert(_table(LegacyAccount)), [self._legacy(each) for each in accepted])
        for each in accepted:
            publish(tx, self._told(each))
        audit.record(
            tx,
            "auth.accounts_imported",
            object_type="legacy_accounts",
            object_id=f"{self._source}:{accepted[0].line}..{accepted[-1].line}",
            after={"accounts": [each.account_id for each in accepted]},
        )

    def _account(self, each: _Sound) -> dict[str, Any]:
        return {
            "account_id": each.account_id,
            "institution_id": each.institution_id,
            "role": "inst_admin",
            "status": "migrated_inactive",
            "password_hash": current_passwords().nobodys,
            "password_changed_at": clock.now(),
            "must_change_password": True,
            "must_complete_information": True,
            "legacy_source": self._source,
            "legacy_hash": encrypt(each.row.password.to_text()),
            "version": 1,
        }

    def _legacy(self, each: _Sound) -> dict[str, Any]:
        row = each.row
        return {
            "source": self._source,
            "username_index": each.index,
            "username": encrypt(row.username),
            "account_id": each.account_id,
            "institution_name": row.institution_name,
            "uscc": row.uscc,
            "licence_no": row.licence_no,
            "region_code": row.region_code,
            "categories": list(row.categories),
            "mobile": None if row.mobile is None else encrypt(row.mobile),
            "imported_at": clock.now(),
        }

    def _told(self, each: _Sound) -> AccountMigrated:
        return AccountMigrated(
            account_id=each.account_id,
            institution_id=each.institution_id,
            legacy_source=self._source,
            name=each.row.institution_name,
            uscc=each.row.uscc,
            licence_no=each.row.licence_no,
            region_code=each.row.region_code,
            categories=each.row.categories,
        )


def _number_key(uscc: str) -> bytes:
    return hashlib.sha256(uscc.encode()).digest()


def _table(kind: type[Account | LegacyAccount]) -> Table:
    """Rows in bulk pass by the ORM, which would keep an object of each."""
    table = kind.__table__
    if not isinstance(table, Table):
        raise TypeError(kind)
    return table
