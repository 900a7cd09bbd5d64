"""The seam holds a service to its contract: every OpenAPI feature that our specifications use."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.tables import idempotency_key
from otsp_testkit import Client, ServiceKit

GOOD = {"name": "一号", "kind": "small", "amount_fen": 100, "opened_on": "2024-10-15"}


def owner(kit: ServiceKit, *scopes: str) -> tuple[Client, str]:
    institution_id = new_id()
    principal = Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=frozenset(scopes or ("sample:read", "sample:write")),
        session_id="s",
        institution_id=institution_id,
    )
    return kit.as_principal(principal), f"/api/sample/v1/institutions/{institution_id}"


def test_created_item_is_answered_with_its_place_and_version(kit):
    client, base = owner(kit)

    created = client.post(f"{base}/items", GOOD)

    assert created.status == 201
    assert created.version == 1
    assert client.get(created.headers["Location"]).json["name"] == "一号"


def test_people_of_a_closed_institution_look_and_write_nothing(kit):
    client, base = owner(kit)
    place = client.post(f"{base}/items", GOOD).headers["Location"]
    closed = kit.as_principal(replace(client.principal, is_read_only=True))

    refused = [closed.post(f"{base}/items", GOOD), closed.put(place, GOOD, if_match=1)]

    assert {(each.status, each.problem) for each in refused} == {(403, "institution-closed")}
    assert "查询和下载" in refused[0].json["detail"]
    assert closed.get(place).json == client.get(place).json


def test_all_faults_are_told_at_once_with_pointers_and_chinese_text(kit):
    client, base = owner(kit)
    body = {
        "kind": "huge",
        "amount_fen": "1",
        "opened_on": "2024-02-30",
        "closed_on": "2024-01-01",
        "owner": {"mobile": "1"},
        "tags": ["quiet"],
        "extra/field": 1,
    }

    refused = client.post(f"{base}/items", body)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {
        "/name",
        "/kind",
        "/amount_fen",
        "/opened_on",
        "/owner/mobile",
        "/tags/0",
        "/extra~1field",
    }
    assert all("一" <= error["detail"][0] <= "鿿" for error in refused.json["errors"])


def test_cross_field_faults_join_the_schema_faults(kit):
    client, base = owner(kit)
    body = GOOD | {"name": "", "opened_on": "2024-10-15", "closed_on": "2024-01-01"}

    assert client.post(f"{base}/items", body).pointers == {"/name", "/closed_on"}


def test_nullable_fields_take_null(kit):
    client, base = owner(kit)

    assert client.post(f"{base}/items", GOOD | {"closed_on": None, "note": None}).status == 201


def test_pasted_full_width_and_space_are_folded(kit):
    client, base = owner(kit)

    assert client.post(f"{base}/items", GOOD | {"name": " Ａ１号 "}).json["name"] == "A1号"


def test_malformed_json_is_refused_before_anything_else(kit):
    client, base = owner(kit)

    refused = client.post(f"{base}/items", raw=b'{"name": ')

    assert (refused.status, refused.problem) == (400, "malformed-json")


def test_wrong_content_type_is_refused(kit):
    client, base = owner(kit)

    refused = client.call(
        "POST", f"{base}/items", raw=b"name=1", content_type="application/x-www-form-urlencoded"
    )

    assert (refused.status, refused.problem) == (415, "unsupported-media-type")


def test_bad_and_unknown_parameters_are_told_together(kit):
    client, base = owner(kit)

    refused = client.get(f"{base}/items", query={"limit": "many", "kind": "huge", "colour": "red"})

    assert (refused.status, refused.problem) == (400, "bad-parameter")
    assert refused.pointers == {"/limit", "/kind/0", "/colour"}


def test_missing_scope_is_named(kit):
    client, base = owner(kit, "sample:read")

    refused = client.post(f"{base}/items", GOOD)

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert refused.json["missing_scopes"] == ["sample:write"]


def test_nobody_gets_in_without_an_identity(kit):
    _, base = owner(kit)

    assert kit.anonymous().get(f"{base}/items").problem == "unauthorised"


def test_public_operation_needs_no_identity(kit):
    assert kit.anonymous().get("/api/sample/v1/announcement").json == {"text": "公告"}


def test_another_institutions_data_are_refused(kit):
    client, _ = owner(kit)
    _, other = owner(kit)

    assert client.get(f"{other}/items").problem == "other-institution"


def test_unknown_route_and_method_are_problems(kit):
    client, base = owner(kit)

    assert client.get("/api/sample/v1/nowhere").problem == "unknown-route"
    assert client.delete(f"{base}/items").problem == "method-not-allowed"


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "TRACE", "QUERY"])
def test_a_method_that_is_not_declared_is_told_the_ones_that_are(kit, method):
    """Flask would answer OPTIONS by itself, to whoever asks."""
    client, base = owner(kit)

    answer = client.call(method, f"{base}/items")

    assert (answer.status, answer.problem) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_answer_against_the_contract_fails_the_test(kit):
    from otsp_chassis.http import ResponseMismatch

    client, _ = owner(kit)

    with pytest.raises(ResponseMismatch, match="answer_against_contract"):
        client.get("/api/sample/v1/broken")


def test_same_key_gives_the_same_answer_once(kit):
    client, base = owner(kit)

    first = client.post(f"{base}/items", GOOD, key="key-00000001")
    again = client.post(f"{base}/items", GOOD, key="key-00000001")

    assert (first.content, first.headers["Location"]) == (again.content, again.headers["Location"])
    assert len(client.get(f"{base}/items").json["items"]) == 1
    assert len(kit.published()) == 1


def test_kept_answer_cannot_be_read_without_the_key(kit):
    """An answer may show its owner a mobile; thirty days in clear would show it to others."""
    client, base = owner(kit)
    client.post(f"{base}/items", GOOD, key="key-00000001")

    with kit.runtime.database.autocommit.connect() as reader:
        kept = reader.scalar(select(idempotency_key.c.answer))

    assert "一号".encode() not in kept
    assert b"small" not in kept


def test_key_with_other_content_is_refused(kit):
    client, base = owner(kit)
    client.post(f"{base}/items", GOOD, key="key-00000001")

    refused = client.post(f"{base}/items", GOOD | {"name": "二号"}, key="key-00000001")

    assert (refused.status, refused.problem) == (422, "idempotency-key-reused")


def test_failed_request_frees_its_key(kit):
    client, base = owner(kit)
    client.post(f"{base}/items", GOOD)
    assert client.post(f"{base}/items", GOOD, key="key-00000002").problem == "sample-name-taken"

    retried = client.post(f"{base}/items", GOOD | {"name": "二号"}, key="key-00000002")

    assert retried.status == 201


def test_write_needs_the_version_it_replaces(kit):
    client, base = owner(kit)
    place = client.post(f"{base}/items", GOOD).headers["Location"]

    assert client.put(place, GOOD).problem == "precondition-required"
    assert client.put(place, GOOD | {"amount_fen": 5}, if_match=1).version == 2
    stale = client.put(place, GOOD, if_match=1)
    assert (stale.problem, stale.json["current_version"]) == ("stale-version", 2)


def test_pages_continue_where_the_last_one_ended(kit):
    client, base = owner(kit)
    for number in range(3):
        client.post(f"{base}/items", GOOD | {"name": f"{number}号"})

    first = client.get(f"{base}/items", query={"limit": 2}).json
    second = client.get(f"{base}/items", query={"limit": 2, "cursor": first["next"]}).json

    assert [item["name"] for item in first["items"] + second["items"]] == ["0号", "1号", "2号"]
    assert second["next"] is None
    assert client.get(f"{base}/items", query={"cursor": "x"}).problem == "bad-parameter"


def test_upload_is_judged_by_its_content(kit):
    client, base = owner(kit)
    place, png = f"{base}/files?name=a.png", b"\x89PNG\r\n\x1a\n" + bytes(64)

    stored = client.call("POST", place, raw=png, content_type="image/png")
    disguised = client.call("POST", place, raw=b"<html></html>" * 9, content_type="image/png")

    assert (stored.status, stored.json["size"]) == (201, len(png))
    assert disguised.problem == "file-content-differs"


def test_request_id_comes_back_and_names_the_problem(kit):
    client, base = owner(kit)

    refused = client.get(f"{base}/items/{new_id()}", headers={"X-Request-Id": "abc"})

    assert refused.headers["X-Request-Id"] == refused.json["instance"] == "abc"
