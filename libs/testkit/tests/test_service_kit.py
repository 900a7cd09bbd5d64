"""What a test finds of those before it: nothing."""

import psycopg
import pytest

from otsp_testkit.sample.app import service

ENTER = "INSERT INTO audit_entry (operation, action) VALUES ('a', 'a') RETURNING sequence"
DELETE = "DELETE FROM audit_entry"


@pytest.fixture
def owner(make_kit):
    with psycopg.connect(make_kit(service).owner_url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("then", [[], [DELETE], [DELETE, "VACUUM audit_entry"]])
def test_rows_are_gone_and_numbers_begin_anew(make_kit, owner, then):
    kit = make_kit(service)
    kit.clean()
    assert owner.execute(ENTER).fetchone() == (1,)
    for statement in then:
        owner.execute(statement)

    kit.clean()

    assert owner.execute("SELECT count(*) FROM audit_entry").fetchone() == (0,)
    assert owner.execute(ENTER).fetchone() == (1,)
    kit.clean()
