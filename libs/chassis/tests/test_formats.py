"""What passes the seam can be stored, and is read by others as it is."""

import pytest

from otsp_chassis.http.validation import Validator, unstorable
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.page import encode_cursor
from otsp_chassis.problems import BadParameter


def items_of_an_institution(kit):
    scopes = frozenset({"sample:read", "sample:write"})
    principal = Principal(new_id(), "inst_admin", scopes, "s", institution_id=new_id())
    path = f"/api/sample/v1/institutions/{principal.institution_id}/items"
    return kit.as_principal(principal), path


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("time-hm", "08:30", None),
        ("time-hm", "23:59", None),
        ("time-hm", "8:30", "bad_time"),
        ("time-hm", "08:3", "bad_time"),
        ("time-hm", "24:00", "bad_time"),
        ("date", "2024-02-29", None),
        ("date", "2023-02-29", "bad_date"),
        ("date", "20240229", "bad_date"),
        ("date", "2024-W09-4", "bad_date"),
    ],
)
def test_dates_and_times_have_one_spelling(name, value, code):
    errors = Validator({"type": "string", "format": name}, {}).errors(value)

    assert [error.code for error in errors] == ([code] if code else [])


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ("a\0b", [""]),
        ({"a/b": ["x", "\0"], "c": {"d": "\0"}, "e": 1}, ["/a~1b/1", "/c/d"]),
        ({"a": "\\u0000"}, []),
    ],
)
def test_text_with_a_nul_is_found_wherever_it_is(value, pointers):
    assert [fault.pointer for fault in unstorable(value)] == pointers


def test_text_that_the_database_cannot_keep_is_refused(kit):
    client, path = items_of_an_institution(kit)
    body = {"name": "a\0b", "kind": "small", "amount_fen": 1, "opened_on": "2024-10-15"}

    refused = client.post(path, body)

    assert (refused.status, refused.pointers) == (422, {"/name"})
    assert client.post(path, body | {"name": "\\u0000"}).status == 201
    assert client.get(path, query={"cursor": "\0"}).problem == BadParameter.slug


@pytest.mark.parametrize("cursor", ["x", "中", "W10", encode_cursor(["x"]), encode_cursor([1, 2])])
def test_a_cursor_that_is_not_ours_is_a_bad_parameter(kit, cursor):
    client, path = items_of_an_institution(kit)

    refused = client.get(path, query={"cursor": cursor})

    assert (refused.status, refused.problem) == (400, BadParameter.slug)
