"""The SQL of docs/operations.md makes what the doctor calls well, before and after migrating."""

import json
import re

import psycopg
import pytest

from otsp_chassis.migrate import upgrade
from otsp_cli.__main__ import main
from otsp_local.environment import ROOT

NAME = "otsp_paged"


@pytest.fixture
def made(postgres):
    """The page's own statements under another name; the addresses of owner and application."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [script] = re.findall(r"```sql\n(CREATE ROLE.*?)```", page, re.DOTALL)
    before, inside = script.replace("otsp_staff", NAME).split(f"\\connect {NAME}\n")
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as superuser:
        for statement in before.split(";\n"):
            superuser.execute(statement)
    with psycopg.connect(postgres.superuser_dsn(NAME), autocommit=True) as superuser:
        superuser.execute(inside)
    place = f"127.0.0.1:{postgres.port}/{NAME}"
    yield [f"postgresql://{NAME}_{who}:change-me-{who}@{place}" for who in ("owner", "app")]
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as superuser:
        superuser.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
        superuser.execute(f"DROP ROLE {NAME}_owner, {NAME}_app")


def test_what_the_page_makes_is_what_the_doctor_wants(made, monkeypatch, capsys):
    owner, app = made
    monkeypatch.setenv("OTSP_STAFF_DATABASE_URL", app)
    monkeypatch.setenv("OTSP_STAFF_MIGRATION_DATABASE_URL", owner)

    before = main(["doctor", "--json", "--before", "--only", "database", "roles"])
    upgrade("otsp_staff", owner)
    capsys.readouterr()
    after = main(["doctor", "--json", "--only", "database", "roles", "schema"])

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (before, after) == (0, 0), rows
    assert {row["state"] for row in rows} == {"ok"}
    assert len(rows) == 5
