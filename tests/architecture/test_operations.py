"""Every operation of every specification is secured, documented and in the house style."""

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from otsp_auth.rules.roles import scopes_of
from otsp_chassis.http.operation import OWN_OR_LOOK
from otsp_testkit.specifications import all_operations

OPEN_TO_THE_CLOSED = {
    *(f"otsp_{each}.api.exports.request_export" for each in ("institution", "staff", "materials")),
    *(
        f"otsp_{each}.api.masked_exports.request_export"
        for each in ("staff", "materials", "courses")
    ),
    "otsp_courses.api.exports.request_export",
    "otsp_institution.api.directory.request_export",
    "otsp_institution.api.reveals.reveal_institution",
    "otsp_staff.api.people.search_staff",
    "otsp_staff.api.reveals.reveal_staff",
}
"""Beside the account itself, what people of a closed institution may still ask for by a POST."""
KEBAB = re.compile(r"/(api/[a-z]+/v1(/([a-z0-9]+(-[a-z0-9]+)*|\{[a-z_]+\}))+|internal/session)")
SNAKE = re.compile(r"[a-z][a-z0-9_]*")
KEEPING_HISTORY = {"institution", "staff", "materials", "courses"}
UNSAFE = {"post", "put", "patch", "delete"}
NOT_IN_REQUESTS = {"default", "readOnly", "oneOf", "anyOf"}


def test_operation_has_a_scope_or_is_on_the_list_of_public_ones(operation, root):
    listed = (root / "tests/architecture/public_operations.txt").read_text().split()

    if operation.id in listed:
        assert operation.scopes() == [], "a public operation asks for no scope"
        return
    assert operation.scopes(), "name a scope, or add it to public_operations.txt with a reason"
    schemes = operation.specification["components"]["securitySchemes"]
    assert {scheme["type"] for scheme in schemes.values()} == {"oauth2"}


def test_people_of_a_closed_institution_change_nothing_but_their_account():
    """A scope of a new kind is closed to them until somebody opens it."""
    theirs = scopes_of("inst_admin")
    still_open = {
        each.id
        for each in all_operations()
        if each.method in UNSAFE and each.scopes() and theirs >= set(each.scopes())
        if all(scope.endswith(OWN_OR_LOOK) for scope in each.scopes())
    }

    assert {each for each in still_open if "otsp_auth." not in each} == OPEN_TO_THE_CLOSED
    assert OWN_OR_LOOK == (":read", ":reveal", ":self", ":integrate")


def test_list_of_public_operations_names_only_what_exists(specifications, root):
    listed = (root / "tests/architecture/public_operations.txt").read_text().split()
    existing = {
        definition.get("operationId")
        for specification in specifications.values()
        for path in specification["paths"].values()
        for definition in path.values()
        if isinstance(definition, dict)
    }

    assert set(listed) <= existing


def test_operation_id_resolves_to_a_function_of_its_service(operation):
    module, _, function = operation.id.rpartition(".")

    assert module == f"otsp_{operation.service}.api" or module.startswith(
        f"otsp_{operation.service}.api."
    )
    assert callable(getattr(importlib.import_module(module), function))


def test_path_is_kebab_case_below_the_services_prefix(operation):
    assert KEBAB.fullmatch(operation.path)
    if operation.path != "/internal/session":
        assert operation.path.startswith(f"/api/{operation.service}/v1/")


def test_refusals_are_documented_as_problems(operation):
    refusals = {
        status: operation.resolve(answer)
        for status, answer in operation.definition["responses"].items()
        if status == "default" or status.startswith("4")
    }

    assert refusals, "document the 4xx answers"
    for answer in refusals.values():
        assert "application/problem+json" in answer.get("content", {}) or not answer.get("content")


def test_success_is_documented(operation):
    assert any(status.startswith("2") for status in operation.definition["responses"])


def test_write_takes_an_idempotency_key_and_a_replacement_its_version(operation):
    if operation.method not in UNSAFE or operation.definition.get("x-otsp-no-key"):
        return
    names = {parameter["name"] for parameter in operation.parameters()}

    assert "Idempotency-Key" in names, "declare it, or say why not in x-otsp-no-key"


def test_replacement_that_comes_too_late_can_be_told_what_stands_there(operation):
    if operation.method != "put" or "If-Match" not in operation.parameter_names("header"):
        return
    place = operation.path
    while "get" not in operation.specification["paths"].get(place, {}):
        place, _, _ = place.rpartition("/")
    read = replace(
        operation,
        path=place,
        method="get",
        definition=operation.specification["paths"][place]["get"],
    )

    answer = read.resolve(read.definition["responses"]["200"])["content"]["application/json"]
    assert "version" in read.resolve(answer["schema"])["properties"]
    needed = {each["in"] for each in read.parameters() if each.get("required")}
    assert needed <= {"path"}
    if operation.service in KEEPING_HISTORY and "section" not in operation.parameter_names("path"):
        labels = importlib.import_module(f"otsp_{operation.service}.app").service.labels
        assert read.definition.get("x-otsp-part") in labels, "say what it tells in x-otsp-part"


def test_request_schemas_are_closed_and_plain(operation):
    body = operation.resolve(operation.definition.get("requestBody", {}))
    for media_type, content in body.get("content", {}).items():
        if media_type != "application/json":
            continue
        assert operation.example() is not None, "give an example of the request body"
        for schema in _schemas(operation, content["schema"]):
            assert not NOT_IN_REQUESTS & schema.keys(), schema
            if schema.get("type") == "object" and "properties" in schema:
                assert schema.get("additionalProperties") is False, schema
            assert all(SNAKE.fullmatch(name) for name in schema.get("properties", {})), schema


def test_schemas_do_not_contain_themselves(operation):
    for content in _contents(operation):
        if "schema" in content:
            assert list(_schemas(operation, content["schema"]))


def test_lists_are_pages(operation):
    names = {parameter["name"] for parameter in operation.parameters()}
    if "cursor" in names:
        limit = next(each for each in operation.parameters() if each["name"] == "limit")
        assert limit["schema"]["maximum"] <= 100


def test_operation_ids_are_unique_over_all_services(specifications):
    ids = Counter(
        definition["operationId"]
        for specification in specifications.values()
        for path in specification["paths"].values()
        for definition in path.values()
        if isinstance(definition, dict) and "operationId" in definition
    )

    assert [each for each, count in ids.items() if count > 1] == []


def test_specifications_survive_being_rendered_by_connexion(root, service):
    text = (root / f"services/{service}/src/otsp_{service}/openapi.yaml").read_text()

    assert "{{" not in text
    assert "{%" not in text


def _contents(operation) -> Iterator[dict[str, Any]]:
    body = operation.resolve(operation.definition.get("requestBody", {}))
    yield from body.get("content", {}).values()
    for answer in operation.definition["responses"].values():
        yield from operation.resolve(answer).get("content", {}).values()


def _schemas(operation, schema, inside=()) -> Iterator[dict[str, Any]]:
    reference = schema.get("$ref")
    assert reference is None or reference not in inside, f"{reference} contains itself"
    inside = (*inside, reference) if reference else inside
    schema = operation.resolve(schema)
    yield schema
    children = [*schema.get("properties", {}).values(), *schema.get("allOf", [])]
    children += [schema[name] for name in ("items", "additionalProperties") if name in schema]
    for child in children:
        if isinstance(child, dict):
            yield from _schemas(operation, child, inside)


def test_owners_tell_completeness_by_one_schema():
    """The home page asks the four at once and shows them as one (docs/home.md)."""
    told = {
        each.service: each.specification["components"]["schemas"]
        for each in all_operations()
        if each.id.endswith(".api.completeness.get_completeness")
    }
    names = ("Completeness", "PartCompleteness", "FilledPercent")

    assert told.keys() == KEEPING_HISTORY
    for name in names:
        assert len({repr(schemas[name]) for schemas in told.values()}) == 1, name
