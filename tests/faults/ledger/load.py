"""Writes entries as a service's commands do, at a steady pace, and keeps a journal of its own.

What the journal calls acknowledged was committed before the caller was told; what it calls
unknown was cut off and may be either, as for any client of a database that went away.
"""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ledger.participants import POISON, EntryWritten, account, entry
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.context import Call, Runtime, activate
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Unavailable

ACCOUNTS = 5
CLIENTS = 2
ROLLED_BACK = 0.1
LARGEST = 3
"""Entries in one transaction, at most."""


@dataclass(slots=True)
class Journal:
    """Ids of entries by what their writer was told."""

    acknowledged: set[UUID] = field(default_factory=set)
    rolled_back: set[UUID] = field(default_factory=set)
    unknown: set[UUID] = field(default_factory=set)
    planted: set[UUID] = field(default_factory=set)
    """Those of the acknowledged that the reader cannot post."""

    @property
    def attempted(self) -> int:
        return len(self.acknowledged) + len(self.rolled_back) + len(self.unknown)


class _ChangedMind(Exception):
    """A use case refused after it had written and published."""


class Load:
    """Some clients on the same few accounts; every choice is drawn from the seed."""

    def __init__(self, runtime: Runtime, seed: int, *, pause: float = 0.08) -> None:
        self.journal = Journal()
        self.accounts = [UUID(int=number + 1) for number in range(ACCOUNTS)]
        self._runtime = runtime
        self._seed = seed
        self._pause = pause
        self._stop = threading.Event()
        self._clients: Sequence[threading.Thread] = ()

    def start(self) -> None:
        self._stop.clear()
        self._clients = [
            threading.Thread(target=self._run, args=(random.Random(f"{self._seed}-{number}"),))
            for number in range(CLIENTS)
        ]
        for client in self._clients:
            client.start()

    def stop(self) -> Journal:
        self._stop.set()
        for client in self._clients:
            client.join()
        return self.journal

    def close(self) -> None:
        self._runtime.database.dispose()

    def write(self, count: int, *, chance: random.Random) -> None:
        """So many transactions at once, one after the other."""
        for _ in range(count):
            self._write_some(chance)

    def plant(self, account_id: UUID) -> None:
        """One entry that the reader cannot post, in a transaction of its own."""
        with activate(self._runtime, _call()), transaction() as tx:
            entry_id = _write(tx, account_id, POISON)
        self.journal.acknowledged.add(entry_id)
        self.journal.planted.add(entry_id)

    def _run(self, chance: random.Random) -> None:
        while not self._stop.wait(chance.uniform(0, 2 * self._pause)):
            self._write_some(chance)

    def _write_some(self, chance: random.Random) -> None:
        account_id, count = chance.choice(self.accounts), chance.randint(1, LARGEST)
        is_refused, written = chance.random() < ROLLED_BACK, list[UUID]()
        try:
            with activate(self._runtime, _call()), transaction() as tx:
                for _ in range(count):
                    written.append(_write(tx, account_id, chance.randint(1, 1000)))
                if is_refused:
                    raise _ChangedMind
            self.journal.acknowledged.update(written)
        except _ChangedMind:
            self.journal.rolled_back.update(written)
        except Unavailable:
            self.journal.unknown.update(written)


def _write(tx: Tx, account_id: UUID, amount: int) -> UUID:
    """The account's row first: it is what gives one account's entries their order."""
    row = insert(account).values(account_id=account_id, last_number=0)
    tx.execute(row.on_conflict_do_nothing())
    number = tx.scalar(
        update(account)
        .where(account.c.account_id == account_id)
        .values(last_number=account.c.last_number + 1)
        .returning(account.c.last_number)
    )
    told = {"entry_id": new_id(), "account_id": account_id, "number": number, "amount": amount}
    tx.execute(insert(entry).values(**told))
    publish(tx, EntryWritten(**told))
    return told["entry_id"]


def _call() -> Call:
    return Call("write", request_id=str(new_id()), is_write=True)
