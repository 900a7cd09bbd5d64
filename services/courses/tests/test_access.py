"""Who may call what: every operation of the contract, whatever is added to it."""

from importlib import resources

import pytest
import yaml

from otsp_chassis.ids import new_id

CONTRACT = yaml.safe_load(resources.files("otsp_courses").joinpath("openapi.yaml").read_text())
DURING_REVIEW = {"record_attendance", "cancel_class", "upload_file"}
MECHANISMS = {"drafts", "imports", "exports", "masked-exports"}
LOCKED_ZH = "审核中，信息已锁定，可撤回申请后修改"


def operations():
    """Those on the institution's rows; the audit trail is for others (tests/security).

    Drafts, imports and exports are mechanisms of the house with tests of their own.
    """
    for path, methods in CONTRACT["paths"].items():
        if "{institution_id}" not in path or set(path.split("/")) & MECHANISMS:
            continue
        for method in ("get", "post", "put", "delete"):
            if method in methods:
                name = methods[method]["operationId"].rpartition(".")[2]
                yield pytest.param(method.upper(), path, methods[method], id=name)


every_operation = pytest.mark.parametrize(("method", "path", "operation"), list(operations()))


def call(client, method, path, operation, institution_id):
    """As the contract's own example says, on rows that do not exist."""
    ids = {"institution_id": institution_id}
    for name in ("site_id", "system_id", "course_id", "class_id", "file_id"):
        ids[name] = new_id()
    content = operation.get("requestBody", {}).get("content", {})
    options = {}
    if "application/json" in content:
        reference = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        options["body"] = CONTRACT["components"]["schemas"][reference]["example"]
    elif content:
        options = {
            "raw": b"%PDF-1.4",
            "content_type": "application/pdf",
            "query": {"name": "a.pdf"},
        }
    moments = {"from": "2024-01-01T00:00:00Z", "to": "2024-02-01T00:00:00Z"}
    options.setdefault("query", moments if path.endswith("/differences") else {})
    return client.call(method, path.format(**ids), if_match=1, **options)


@every_operation
def test_another_institution_is_turned_away(kit, method, path, operation):
    refused = call(kit.as_institution(new_id()), method, path, operation, new_id())

    assert (refused.status, refused.problem) == (403, "other-institution")


@every_operation
@pytest.mark.parametrize("role", ["national_admin", "auditor", "operator"])
def test_roles_that_review_nothing_are_not_admitted(kit, method, path, operation, role):
    refused = call(kit.as_authority(role), method, path, operation, new_id())

    assert (refused.status, refused.problem) == (403, "forbidden")


@every_operation
@pytest.mark.parametrize("role", ["reviewer", "region_admin"])
def test_an_authority_never_writes(kit, desk, method, path, operation, role):
    desk.profile()

    answer = call(kit.as_authority(role), method, path, operation, desk.institution_id)

    if method != "GET":
        assert (answer.status, answer.problem) == (403, "forbidden")


@every_operation
def test_nobody_is_admitted_without_identity(kit, method, path, operation):
    refused = call(kit.anonymous(), method, path, operation, new_id())

    assert (refused.status, refused.problem) == (401, "unauthorised")


@every_operation
def test_a_review_locks_every_write_but_attendance_and_cancellation(
    desk, method, path, operation, request
):
    name = request.node.callspec.id
    desk.request()

    answer = call(desk.client, method, path, operation, desk.institution_id)

    if method == "GET" or name in DURING_REVIEW:
        assert answer.status != 423
    else:
        assert (answer.status, answer.problem) == (423, "locked")
        assert answer.json["detail"] == LOCKED_ZH


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [each for each in operations() if each.values[1].count("{") > 1],
)
def test_rows_that_do_not_exist_are_not_found(desk, method, path, operation):
    answer = call(desk.client, method, path, operation, desk.institution_id)

    assert (answer.status, answer.problem) == (404, "not-found")
