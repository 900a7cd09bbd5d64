"""The forms whose drafts a service keeps are those of its contract, field by field."""

from importlib import import_module

import pytest

from otsp_chassis.drafts import Drafts

KEEPING_DRAFTS = ("institution", "staff", "materials", "courses")
each_service = pytest.mark.parametrize("name", KEEPING_DRAFTS)


def forms_of(name):
    return import_module(f"otsp_{name}.queries.drafts").FORMS


@each_service
def test_sections_of_the_contract_are_the_forms_of_the_service(name, specifications):
    path = f"/api/{name}/v1/institutions/{{institution_id}}/drafts/{{section}}"
    parameters = specifications[name]["paths"][path]["parameters"]
    [section] = [each for each in parameters if each.get("name") == "section"]

    assert section["schema"]["pattern"] == Drafts(forms_of(name)).pattern


@each_service
def test_example_of_the_contract_is_a_draft_of_its_section(name, specifications):
    path = f"/api/{name}/v1/institutions/{{institution_id}}/drafts/{{section}}"
    parameters = specifications[name]["paths"][path]["parameters"]
    [section] = [each["example"] for each in parameters if each.get("name") == "section"]
    schemas = specifications[name]["components"]["schemas"]
    form = forms_of(name)[section.partition(".")[0]]

    typed = schemas["DraftEntry"]["example"]["content"]
    assert typed.keys() <= schemas[form.schema]["properties"].keys()


@each_service
def test_form_has_the_fields_of_a_request_and_the_version_of_a_table(name, specifications):
    schemas = specifications[name]["components"]["schemas"]
    for section, form in forms_of(name).items():
        assert schemas[form.schema]["additionalProperties"] is False, section
        assert not form.besides & schemas[form.schema]["properties"].keys(), section
        assert {"institution_id", "version", form.key or "version"} <= set(form.table.c.keys())


@each_service
def test_every_new_object_of_the_contract_has_a_form(name, specifications):
    """Whatever a clerk adds by a POST to a list that is read page by page can be drafted."""
    drafted = {form.schema for form in forms_of(name).values()}
    below = f"/api/{name}/v1/institutions/{{institution_id}}/"
    added = {
        content["schema"]["$ref"].rpartition("/")[2]
        for path, methods in specifications[name]["paths"].items()
        if path.startswith(below) and "get" in methods and "post" in methods
        for media_type, content in methods["post"]["requestBody"]["content"].items()
        if media_type == "application/json"
    }

    assert added - drafted - NO_FORMS == set()


NO_FORMS = {"VersionCreate", "StatementEntry"}
"""Hardly anything is typed: a version is an upload described afterwards; a statement, four sums."""
