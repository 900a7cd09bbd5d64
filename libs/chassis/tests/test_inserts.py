"""A new row alone: stored as the unit of work would store it, past its machinery."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import BigInteger, Identity, Index, create_engine, event, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from otsp_chassis import clock
from otsp_chassis.context import Call, activate
from otsp_chassis.db import COLUMN_TYPES, Stamped, reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.problems import StaleVersion
from otsp_chassis.tables import audit_entry
from otsp_testkit.sample.commands import NameTaken
from otsp_testkit.sample.model import Item


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class Sheet(Stamped, Base):
    """Whatever a column can be: renamed, JSON, with defaults; one that stands of each name."""

    __tablename__ = "insert_sheet"
    __table_args__ = (
        Index("uq_standing", "title", unique=True, postgresql_where=text("is_standing")),
    )

    sheet_id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    is_standing: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[str] = mapped_column("kind_code", default="plain")
    weight_g: Mapped[int | None] = mapped_column(BigInteger)
    notes: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    told: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Line(Base):
    """Numbered by the database."""

    __tablename__ = "insert_line"

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    words: Mapped[str]


def an_item(name: str) -> Item:
    return Item(
        item_id=new_id(),
        institution_id=new_id(),
        name=name,
        kind="small",
        amount_fen=0,
        opened_on=clock.today(),
    )


@pytest.fixture
def engine(kit) -> Iterator[Any]:
    engine = create_engine(kit.owner_url.replace("postgresql://", "postgresql+psycopg://"))
    Base.metadata.create_all(engine)
    yield engine
    Base.metadata.drop_all(engine)
    engine.dispose()


@contextmanager
def inserts_of(engine) -> Iterator[list[str]]:
    """Those that SQLAlchemy sends itself."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if statement.startswith("INSERT"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def stored(engine) -> list[dict[str, Any]]:
    rows = (
        "SELECT to_jsonb(s) - 'sheet_id' - 'created_at' - 'updated_at' || jsonb_build_object("
        "'is_silent', notes IS NULL AND told IS NULL) FROM insert_sheet s"
    )
    with engine.connect() as connection:
        return [row[0] for row in connection.execute(text(rows))]


@pytest.mark.parametrize(
    "given",
    [
        {"title": "甲"},
        {"title": "甲", "kind": "large", "is_standing": False, "weight_g": 7, "told": {"a": [1]}},
        {"title": "甲", "kind": None, "weight_g": None, "told": None},
        {"title": "甲", "notes": None},
        {"title": "甲", "notes": {"b": None}},
        {"title": "甲", "weight_g": func.abs(-3)},
        {"title": "甲", "version": 5},
    ],
)
def test_it_stores_what_the_unit_of_work_stores(engine, given):
    with Session(engine) as alone, alone.begin():
        alone.add(Sheet(sheet_id=new_id(), **given))
    first = stored(engine)
    with Session(engine) as beside, beside.begin():
        beside.execute(text("DELETE FROM insert_sheet"))
        beside.add_all([Sheet(sheet_id=new_id(), **given), Line(words="beside it")])

    assert first == stored(engine)
    assert len(first) == 1


def test_it_goes_past_the_unit_of_work_and_then_is_as_if_it_had_not(engine):
    with inserts_of(engine) as seen, Session(engine) as tx, tx.begin():
        sheet = Sheet(sheet_id=new_id(), title="甲")
        tx.add(sheet)
        tx.flush()
        assert (sheet.version, sheet.kind, sheet.is_standing, sheet.notes) == (
            1,
            "plain",
            True,
            None,
        )
        assert sheet.created_at is not None
        assert sheet in tx
        assert not tx.new
        assert not tx.dirty
        assert tx.get(Sheet, sheet.sheet_id) is sheet
        sheet.title = "乙"

    assert seen == []
    assert [(row["title"], row["version"]) for row in stored(engine)] == [("乙", 2)]


def test_a_change_beside_it_comes_first(engine):
    """What stood is laid down before what takes its place is entered."""
    with Session(engine) as tx, tx.begin():
        old = Sheet(sheet_id=new_id(), title="甲")
        tx.add(old)
        tx.flush()
        old.is_standing = False
        tx.add(Sheet(sheet_id=new_id(), title="甲"))

    assert sorted(row["is_standing"] for row in stored(engine)) == [False, True]


def test_what_the_database_numbers_is_known_after_the_flush(engine):
    with Session(engine) as tx, tx.begin():
        line = Line(words="one")
        tx.add(line)
        tx.flush()
        assert line.number > 0


def test_one_that_is_refused_is_refused_as_by_a_flush(engine):
    with Session(engine) as tx, tx.begin():
        tx.add(Sheet(sheet_id=new_id(), title="甲"))
    with Session(engine) as tx:
        tx.add(Sheet(sheet_id=new_id(), title="甲"))
        with pytest.raises(IntegrityError) as refused:
            tx.flush()

    assert isinstance(refused.value.orig, psycopg.errors.UniqueViolation)
    assert "甲" not in str(refused.value).partition("DETAIL")[0]
    assert len(stored(engine)) == 1


def test_who_listens_to_its_table_hears_of_it_once_it_is_stored(engine):
    heard = []

    def note(_mapper, connection, target) -> None:
        rows = connection.execute(text("SELECT count(*) FROM insert_sheet")).scalar()
        heard.append((target.title, rows))

    event.listen(Sheet, "after_insert", note)
    try:
        with Session(engine) as tx, tx.begin():
            tx.add(Sheet(sheet_id=new_id(), title="甲"))
    finally:
        event.remove(Sheet, "after_insert", note)

    assert heard == [("甲", 1)]


def test_a_rolled_back_one_leaves_nothing(engine):
    with Session(engine) as tx:
        tx.add(Sheet(sheet_id=new_id(), title="甲"))
        tx.flush()
        tx.rollback()

    assert stored(engine) == []


def test_entering_a_row_is_a_change_that_leaves_a_trace(kit):
    with activate(kit.runtime, Call("enter", "1", is_write=True)), transaction() as tx:
        tx.add(an_item("甲"))

    with kit.active(), reading() as tx:
        assert tx.execute(select(audit_entry.c.action)).scalars().all() == ["enter"]


def test_a_taken_name_and_a_lost_race_are_told_as_the_contract_says(kit):
    def enter(name: str) -> Item:
        with kit.active(), transaction(conflicts={"uq_item_name": NameTaken}) as tx:
            item = an_item(name)
            tx.add(item)
            return item

    def change_too_late(item_id: UUID) -> None:
        with transaction() as tx:
            mine = tx.get(Item, item_id)
            tx.execute(text("UPDATE item SET version = 2"))
            mine.note = "spoken too late"

    item = enter("甲")
    with pytest.raises(NameTaken):
        enter("甲")
    with kit.active(), pytest.raises(StaleVersion):
        change_too_late(item.item_id)
