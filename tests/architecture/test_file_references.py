"""Every column that may name a file is declared, or said to name none.

What is not declared is not seen by the job that erases unnamed files, and by no authority.
"""

from importlib import import_module

import pytest
from sqlalchemy import ARRAY, Column, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from otsp_chassis.references import Reference
from otsp_chassis.tables import chassis_metadata

SERVICES = ("institution", "staff", "materials", "courses", "compliance")
LIST = "tests/architecture/columns_without_files.txt"


def service_of(name):
    return import_module(f"otsp_{name}.app").service


def may_name_files(column: Column):
    """A file's id, and JSON or a list of ids of whatever kind."""
    kind = column.type
    is_of_ids = isinstance(kind, ARRAY) and isinstance(kind.item_type, Uuid)
    return column.name.endswith("file_id") or isinstance(kind, JSONB) or is_of_ids


def declared(reference: Reference):
    return f"{reference.table.name}.{reference.column.name}"


@pytest.fixture
def without_files(root):
    lines = (root / LIST).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("name", SERVICES)
def test_column_that_may_name_files_is_declared_or_said_to_name_none(name, without_files):
    service = service_of(name)
    own = [each for each in service.tables() if each.name not in chassis_metadata.tables]
    found = {
        f"{table.name}.{column.name}"
        for table in own
        for column in table.columns
        if may_name_files(column)
    }
    listed = {line.partition(".")[2] for line in without_files if line.startswith(f"{name}.")}
    known = {declared(each) for each in service.files.references}

    assert found - known - listed == set(), f"declare it in queries/files.py, or list it in {LIST}"
    assert listed & known == set()
    assert listed <= found, "these are not there any more"


@pytest.mark.parametrize("name", SERVICES)
def test_referring_table_tells_whose_its_rows_are(name):
    tables = {each.table for each in service_of(name).files.references}

    assert all("institution_id" in table.c for table in tables)
