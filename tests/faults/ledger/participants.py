"""The two participants that the faults happen to: a writer of entries and a reader of them.

The reader's effect shows everything: each posting is a row of its own, in the order of handling,
and is added to a balance, which is wrong as soon as one is missing or there twice.
"""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Uuid
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.context import Runtime
from otsp_chassis.db import Tx
from otsp_chassis.inbox import Received, on
from otsp_chassis.service import Service
from otsp_chassis.settings import ServiceSettings
from otsp_contracts.envelope import Payload

WRITER, READER = "writer", "reader"
QUEUE = f"{READER}.events.q1"
POISON = 0
"""An amount that the reader cannot post."""

writer_tables, reader_tables = MetaData(), MetaData()
account = Table(
    "account",
    writer_tables,
    Column("account_id", Uuid, primary_key=True),
    Column("last_number", Integer, nullable=False),
)
entry = Table(
    "entry",
    writer_tables,
    Column("entry_id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
)
posting = Table(
    "posting",
    reader_tables,
    Column("position", BigInteger, Identity(), primary_key=True),
    Column("entry_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
)
balance = Table(
    "balance",
    reader_tables,
    Column("account_id", Uuid, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)


class EntryWritten(Payload):
    """An entry of an account; numbers count up from 1 within the account."""

    TYPE: ClassVar[str] = "writer.entry_written.v1"
    SUBJECT: ClassVar[str] = "account_id"

    entry_id: UUID
    account_id: UUID
    number: int
    amount: int


@on(EntryWritten)
def post(tx: Tx, event: Received[EntryWritten]) -> None:
    """Deliberately without any defence of its own against repeats: the inbox is under test."""
    told = event.data
    values = {"entry_id": told.entry_id, "account_id": told.account_id, "number": told.number}
    tx.execute(insert(posting).values(**values))
    row = insert(balance).values(account_id=told.account_id, amount=told.amount)
    added = {"amount": balance.c.amount + row.excluded.amount}
    tx.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=added))
    if told.amount == POISON:
        raise ValueError


def runtime_of(settings: ServiceSettings, name: str) -> Runtime:
    """One participant's resources within this process."""
    return Service(name=name, package=__package__).runtime_with(settings)
