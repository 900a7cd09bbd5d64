"""Reads that are compiled once: what they see, what they give, and a connection that is lost."""

import psycopg
import pytest
from sqlalchemy import ARRAY, Text, any_, bindparam, select

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Unavailable
from otsp_chassis.statements import Read
from otsp_testkit.sample.model import Dossier, Item

OF_INSTITUTION = Read(
    select(Item.item_id, Item.name, Item.opened_on)
    .where(Item.institution_id == bindparam("institution_id"), Item.kind == "small")
    .order_by(Item.name)
)
NAMED = Read(
    select(Item.name)
    .where(Item.name == any_(bindparam("names", type_=ARRAY(Text))))
    .order_by(Item.name)
)
DOSSIERS = Read(
    select(Dossier.dossier_id, Dossier.scan_file_ids, Dossier.notes).where(
        Dossier.institution_id == bindparam("institution_id")
    )
)


def an_item(institution_id, name, kind="small"):
    return Item(
        item_id=new_id(),
        institution_id=institution_id,
        name=name,
        kind=kind,
        amount_fen=0,
        opened_on=clock.today(),
    )


def test_it_sees_what_its_transaction_has_not_flushed_yet(kit):
    mine = new_id()

    with kit.active(), transaction() as tx:
        tx.add_all([an_item(mine, "b"), an_item(mine, "a"), an_item(mine, "c", kind="large")])
        tx.add(an_item(new_id(), "d"))
        found = OF_INSTITUTION.rows(tx, {"institution_id": mine})

    assert [(row.name, row.opened_on) for row in found] == [
        ("a", clock.today()),
        ("b", clock.today()),
    ]


def test_it_flushes_nothing_where_the_session_would_not(kit):
    mine = new_id()

    with kit.active(), transaction() as tx:
        tx.add(an_item(mine, "a"))
        with tx.no_autoflush:
            assert OF_INSTITUTION.rows(tx, {"institution_id": mine}) == []
        assert len(OF_INSTITUTION.rows(tx, {"institution_id": mine})) == 1


def test_the_first_row_or_none(kit):
    mine = new_id()
    with kit.active(), transaction() as tx:
        tx.add_all([an_item(mine, "b"), an_item(mine, "a")])

    with kit.active(), reading() as tx:
        assert OF_INSTITUTION.first(tx, {"institution_id": mine}).name == "a"
        assert OF_INSTITUTION.first(tx, {"institution_id": new_id()}) is None


def test_lists_go_in_as_arrays_and_columns_come_out_as_the_session_gives_them(kit):
    mine, files = new_id(), [new_id(), new_id()]
    with kit.active(), transaction() as tx:
        tx.add_all([an_item(mine, name) for name in ("a", "b", "c")])
        tx.add(
            Dossier(
                dossier_id=new_id(),
                institution_id=mine,
                scan_file_ids=files,
                notes={"甲": [1, None]},
                is_draft=False,
            )
        )

    with kit.active(), reading() as tx:
        assert [row.name for row in NAMED.rows(tx, {"names": ["c", "a", "x"]})] == ["a", "c"]
        told = DOSSIERS.first(tx, {"institution_id": mine})
    assert (told.scan_file_ids, told.notes) == (files, {"甲": [1, None]})


def test_connections_that_were_lost_do_not_stay_in_the_pool(kit, postgres):
    """One request meets the loss, not one for each connection that lay there."""

    def read(several):
        readers = [kit.runtime.database.autocommit.connect() for _ in range(several)]
        try:
            return [NAMED.rows(reader, {"names": []}) for reader in readers]
        finally:
            for reader in readers:
                reader.close()

    read(3)
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'otsp_sample'"
        )

    with kit.active(), pytest.raises(Unavailable), reading() as tx:
        NAMED.rows(tx, {"names": []})

    assert read(3) == [[], [], []]
