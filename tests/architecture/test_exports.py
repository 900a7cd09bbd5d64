"""Lists that a service exports are those of its contract, and open nothing more."""

from importlib import import_module

import pytest

from otsp_testkit.specifications import all_operations

EXPORTING = ("institution", "staff", "materials", "courses")
each_service = pytest.mark.parametrize("name", EXPORTING)


def lists_of(name):
    return import_module(f"otsp_{name}.commands.exports").EXPORTED


@each_service
def test_lists_of_the_contract_are_those_of_the_service(name, specifications):
    schemas = specifications[name]["components"]["schemas"]
    lists = list(lists_of(name))

    for schema in ("ExportCreate", "Export"):
        assert schemas[schema]["properties"]["list"]["enum"] == lists
    assert "list" in schemas["ExportCreate"]["required"] or len(lists) == 1


@each_service
def test_list_is_what_an_operation_of_the_institution_gives_page_by_page(name):
    operations = {each.id: each for each in all_operations()}
    export = operations[f"otsp_{name}.api.exports.request_export"]
    for listed in lists_of(name).values():
        operation = operations[listed.operation]
        assert {"cursor", "limit"} <= set(operation.parameter_names("query"))
        assert operation.parameter_names("path") == ["institution_id"]
        assert set(operation.scopes()) <= set(export.scopes()), "an export opens nothing more"


def test_list_of_authorities_is_their_directory(specifications):
    lists = import_module("otsp_institution.commands.exports").DIRECTORY
    operations = {each.id: each for each in all_operations()}
    export = operations["otsp_institution.api.directory.request_export"]
    schemas = specifications["institution"]["components"]["schemas"]

    assert schemas["DirectoryExport"]["properties"]["list"]["enum"] == list(lists)
    for listed in lists.values():
        assert operations[listed.operation].scopes() == export.scopes()


@pytest.mark.parametrize("name", ["staff", "materials", "courses"])
def test_list_of_an_institution_is_masked_for_authorities_and_has_nothing_more(
    name, specifications
):
    operations = {each.id: each for each in all_operations()}
    export = operations[f"otsp_{name}.api.masked_exports.request_export"]
    body = specifications[name]["paths"][export.path]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    asked = specifications[name]["components"]["schemas"][schema]["properties"]

    assert asked["list"]["enum"] == list(lists_of(name))
    assert asked["format"]["enum"] == ["xlsx", "csv"], "contents are looked at within a case"
    for listed in lists_of(name).values():
        assert set(listed.masked.columns) <= set(listed.columns)
        assert (listed.masked.operation, listed.masked.archive) == (listed.operation, None)
        assert set(operations[listed.operation].scopes()) <= set(export.scopes())


@each_service
def test_titles_are_chinese_and_each_its_own(name):
    for of_list, listed in lists_of(name).items():
        titles = [column.title for column in listed.columns.values()]
        assert len(set(titles)) == len(titles), of_list
        assert not [title for title in titles if title.isascii()], of_list
