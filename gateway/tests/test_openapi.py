"""Six specifications become one document in which nothing means two things."""

import json
import re

import pytest

from otsp_gateway.openapi import (
    SpecConflictError,
    discover_specs,
    load_spec,
    merge_openapi,
    operations_of,
)


@pytest.fixture
def specs(load_example):
    return {"auth": load_example("auth"), "staff": load_example("staff")}


def references(document):
    return re.findall(r'"(#/components/[^"]+)"', json.dumps(document))


def test_every_path_of_every_service_is_there(specs):
    merged = merge_openapi(specs)

    assert set(merged["paths"]) == {path for spec in specs.values() for path in spec["paths"]}


def test_a_component_that_is_the_same_everywhere_stands_once(specs):
    schemas = merge_openapi(specs)["components"]["schemas"]

    assert "Problem" in schemas
    assert not {"auth.Problem", "staff.Problem"} & set(schemas)


def test_a_component_with_two_meanings_is_named_after_its_service(specs):
    schemas = merge_openapi(specs)["components"]["schemas"]

    assert "Item" not in schemas
    assert "account_id" in schemas["auth.Item"]["properties"]
    assert "staff_id" in schemas["staff.Item"]["properties"]


def test_equal_components_part_when_what_they_refer_to_parts(specs):
    merged = merge_openapi(specs)

    pages = merged["components"]["schemas"]
    assert "Page" not in pages
    items = pages["staff.Page"]["properties"]["items"]["items"]
    assert items == {"$ref": "#/components/schemas/staff.Item"}


def test_every_reference_leads_somewhere(specs):
    merged = merge_openapi(specs)

    assert references(merged)
    for reference in references(merged):
        _, _, section, name = reference.split("/")
        assert name in merged["components"][section], reference


def test_a_discriminator_follows_its_schema(specs):
    schemas = merge_openapi(specs)["components"]["schemas"]

    mapping = schemas["staff.Item"]["discriminator"]["mapping"]
    assert mapping == {"page": "#/components/schemas/staff.Page"}


def test_the_security_scheme_keeps_its_name_and_lists_all_scopes(specs):
    schemes = merge_openapi(specs)["components"]["securitySchemes"]

    assert list(schemes) == ["session"]
    assert set(schemes["session"]["flows"]["password"]["scopes"]) == {"account:self", "staff:read"}


def test_security_schemes_of_different_kinds_are_refused(specs):
    specs["staff"]["components"]["securitySchemes"]["session"] = {"type": "http", "scheme": "basic"}

    with pytest.raises(SpecConflictError, match="session"):
        merge_openapi(specs)


def test_operations_keep_unique_ids_and_stand_under_their_service(specs):
    merged = merge_openapi(specs, {"auth": "账号与会话", "staff": "从业人员"})

    operations = [operation for _, _, operation in operations_of(merged)]
    assert len({operation["operationId"] for operation in operations}) == 2
    assert {tag for operation in operations for tag in operation["tags"]} == {
        "账号与会话",
        "从业人员",
    }


def test_an_operation_id_used_twice_is_refused(specs):
    (operation,) = (operation for _, _, operation in operations_of(specs["staff"]))
    operation["operationId"] = "otsp_auth.api.sessions.open_session"

    with pytest.raises(SpecConflictError, match="open_session"):
        merge_openapi(specs)


def test_a_path_claimed_by_two_services_is_refused(specs):
    specs["staff"]["paths"]["/api/auth/v1/sessions"] = {}

    with pytest.raises(SpecConflictError, match="two services"):
        merge_openapi(specs)


def test_merging_leaves_the_given_specifications_alone(specs):
    before = json.dumps(specs)

    merge_openapi(specs, {"auth": "账号与会话"})

    assert json.dumps(specs) == before


def test_a_specification_is_found_inside_its_package_without_importing_it(tmp_path, monkeypatch):
    package = tmp_path / "otsp_example"
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    (package / "openapi.yaml").write_text("openapi: 3.0.3")
    monkeypatch.syspath_prepend(tmp_path)

    assert discover_specs(["example"]) == {"example": package / "openapi.yaml"}


def test_a_missing_specification_is_an_error():
    with pytest.raises(FileNotFoundError, match="otsp_nowhere"):
        discover_specs(["nowhere"])


def test_a_date_in_an_example_stays_a_text(tmp_path):
    path = tmp_path / "openapi.yaml"
    path.write_text("example: { day: 2026-09-01, at: 2026-09-01T08:00:00+08:00, is_open: true }")

    example = load_spec(path)["example"]

    assert example == {"day": "2026-09-01", "at": "2026-09-01T08:00:00+08:00", "is_open": True}
