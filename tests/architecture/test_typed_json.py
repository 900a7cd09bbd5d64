"""Nothing of an institution's file is free JSON, neither in the contracts nor in the databases."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy.dialects.postgresql import JSONB

from otsp_testkit.specifications import JSON, Operation, all_operations

FILE_OF = ("institution", "staff", "materials", "courses")
FREE = {"put_draft": "/content", "get_draft": "/content"}
"""What is kept as it was typed, right or wrong."""
CHECKED_BY_A_LIST = {"request_export": "/filters", "get_export": "/filters"}
"""The parameters of the list that is exported: its operation's contract has them."""


@pytest.mark.parametrize("owner", FILE_OF)
def test_every_object_that_is_sent_or_told_names_its_fields(owner):
    loose = {
        (operation.id.rpartition(".")[2], place)
        for operation in all_operations()
        if operation.service == owner
        for schema in _json_of(operation)
        for place, each in _objects(operation, schema)
        if "properties" not in each
    }

    assert loose <= {*FREE.items(), *CHECKED_BY_A_LIST.items()}
    assert ("put_draft", "/content") in loose


@pytest.mark.parametrize("owner", FILE_OF)
def test_every_object_that_is_sent_is_closed(owner):
    for operation in all_operations():
        if operation.service != owner or JSON not in operation.content():
            continue
        for place, each in _objects(operation, operation.content()[JSON]["schema"]):
            is_named = "properties" in each
            assert not is_named or each.get("additionalProperties") is False, (operation.id, place)


@pytest.mark.parametrize("owner", ["staff", "materials", "courses"])
def test_every_column_of_json_has_typed_rows(owner):
    mappers = import_module(f"otsp_{owner}.model").Base.registry.mappers
    columns = {
        f"{mapper.class_.__name__}.{column.key}": get_type_hints(mapper.class_)[column.key]
        for mapper in mappers
        for column in mapper.local_table.columns
        if isinstance(column.type, JSONB)
    }

    assert columns
    assert {name for name, hint in columns.items() if Any in _parts(hint)} == set()


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


def _json_of(operation: Operation) -> Iterator[dict[str, Any]]:
    answers = [operation.resolve(each) for each in operation.definition["responses"].values()]
    for content in (operation.content(), *(each.get("content", {}) for each in answers)):
        if JSON in content:
            yield content[JSON].get("schema", {})


def _objects(
    operation: Operation, schema: dict[str, Any], place: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    schema = operation.resolve(schema)
    if schema.get("type") == "object":
        yield place, schema
    for name, child in schema.get("properties", {}).items():
        yield from _objects(operation, child, f"{place}/{name}")
    if "items" in schema:
        yield from _objects(operation, schema["items"], f"{place}/*")
