"""What the edge does with a bearer token: counts it, tells when its session ends, forgets it."""

import time

import pytest

from otsp_gateway.routes import load_routes
from otsp_gateway_testkit.upstream import Reply

STAFF = "/api/staff/v1/institutions/7/staff"
PUBLIC = "/api/auth/v1/registrations"
LOGIN = "/api/auth/v1/sessions"
ENDS = "OTSP-Session-Expires-At"
END = "2026-11-24T10:00:00+00:00"
OFFICE, HOME = "203.0.113.7", "198.51.100.8"
AT_ONCE = 5
"""How many requests of one token these edges let pass; the next would pass a minute later."""


def hardly(at_once):
    """A class that lets so many pass at once, and then one a minute."""
    return {"rate": "1r/m", "burst": at_once - 1}


@pytest.fixture(scope="session")
def counting_edge(make_edge):
    """Believes the forwarded address, as from a portal; tokens have a burst and hardly a rate."""
    rates = dict.fromkeys(("session", "api_key"), hardly(AT_ONCE))
    return make_edge(trusted_proxies=("127.0.0.1",), rates=rates)


@pytest.fixture
def ask(counting_edge):
    def send(token, address=OFFICE, method="GET", path=STAFF):
        counting_edge.auth.sessions[token] = Reply(200, {"OTSP-Identity": "x"}, b"")
        headers = {"X-Forwarded-For": address}
        return counting_edge.ask(method, path, token=token, headers=headers)

    return send


def checks_of(edge):
    """The value of OTSP-Passive in every question that reached auth."""
    asked = [seen for seen in edge.auth.seen if seen.path == "/internal/session"]
    return [seen.headers.get("otsp-passive") for seen in asked]


# --- limits


@pytest.mark.parametrize("prefix", ["", "otsp_"], ids=["session", "API key"])
def test_one_token_asks_only_so_often_and_is_told_when_to_come_again(ask, prefix):
    statuses = [ask(f"{prefix}busy").status for _ in range(AT_ONCE)]

    refused = ask(f"{prefix}busy")

    assert statuses == [200] * AT_ONCE
    assert refused.status == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:otsp:problem:too-many-requests"
    assert refused.headers["retry-after"] == str(load_routes().retry_after_seconds)


def test_another_token_behind_the_same_address_is_not_held_up(ask):
    for _ in range(AT_ONCE):
        ask("greedy")

    assert ask("greedy").status == 429
    assert [ask("neighbour").status for _ in range(AT_ONCE)] == [200] * AT_ONCE


def test_what_a_token_is_refused_is_not_taken_from_its_address(make_edge, edge):
    rates = {"standard": hardly(2 * AT_ONCE), "session": hardly(AT_ONCE)}
    shared = make_edge(trusted_proxies=("127.0.0.1",), rates=rates)
    edge.auth.sessions |= dict.fromkeys(("loud", "quiet"), Reply(200, {"OTSP-Identity": "x"}, b""))

    def statuses(token, times):
        there = {"X-Forwarded-For": OFFICE}
        return [shared.ask("GET", STAFF, token=token, headers=there).status for _ in range(times)]

    assert statuses("loud", 6 * AT_ONCE) == [200] * AT_ONCE + [429] * 5 * AT_ONCE
    assert statuses("quiet", AT_ONCE) == [200] * AT_ONCE


def test_one_token_gains_nothing_by_many_addresses_and_paths(ask):
    for number in range(AT_ONCE):
        ask("roaming", address=f"198.51.100.{number}")

    assert ask("roaming", address=HOME).status == 429
    assert ask("roaming", method="POST", path="/api/courses/v1/things").status == 429
    assert ask("roaming", method="DELETE", path=LOGIN).status == 429


def test_refused_requests_reach_nobody(ask, counting_edge):
    for _ in range(AT_ONCE):
        ask("pushing")
    counting_edge.forget()

    ask("pushing")

    assert counting_edge.seen == []
    assert counting_edge.session_checks == 0


def test_what_needs_no_session_is_counted_by_address_alone(ask, counting_edge):
    answers = [ask("anybody", path=PUBLIC).status for _ in range(AT_ONCE + 1)]
    without = [
        counting_edge.ask("GET", STAFF, headers={"X-Forwarded-For": HOME}).status
        for _ in range(AT_ONCE + 1)
    ]

    assert answers == [200] * (AT_ONCE + 1)
    assert without == [401] * (AT_ONCE + 1)


def test_an_exempt_client_is_not_counted_by_token_either(ask):
    statuses = {ask("bench", address="127.0.0.9").status for _ in range(AT_ONCE * 2)}

    assert statuses == {200}


def test_an_address_has_room_for_several_tokens():
    """Or one busy login would shut out its whole office, which is what `bearers` are against."""
    table = load_routes()

    shared = table.rates[table.defaults.rate]

    assert all(shared.burst >= 2 * rate.burst for _, rate in table.bearers)


# --- when the session ends


@pytest.fixture
def ending(edge):
    """A token whose session's end is known."""
    edge.auth.sessions["ending-soon"] = Reply(200, {"OTSP-Identity": "x", ENDS: END}, b"")
    return "ending-soon"


def test_every_answer_of_a_session_tells_when_it_would_end(edge, ending):
    for status in (200, 201, 304, 404, 422, 429, 500):
        edge.services.replies[STAFF] = Reply(status, body=b"")

        answer = edge.ask("GET", STAFF, token=ending)

        assert (answer.status, answer.headers[ENDS.lower()]) == (status, END)


def test_an_answer_from_the_cache_tells_it_too(edge, ending):
    told = {edge.ask("GET", STAFF, token=ending).headers[ENDS.lower()] for _ in range(10)}

    assert told == {END}
    assert edge.session_checks < 10


def test_a_service_cannot_tell_another_end_nor_show_the_identity(edge, ending):
    forged = Reply(headers={ENDS: "2099-01-01T00:00:00+00:00", "OTSP-Identity": "stolen"})
    edge.services.replies[STAFF] = forged
    edge.auth.replies |= {PUBLIC: forged, LOGIN: forged}

    signed_in = edge.ask("GET", STAFF, token=ending)
    without_end = edge.ask("GET", STAFF, token="good")
    public = [edge.ask("POST", path, token=ending) for path in (PUBLIC, LOGIN)]

    assert signed_in.headers[ENDS.lower()] == END
    assert [ENDS.lower() in each.headers for each in (without_end, *public)] == [False] * 3
    assert all("otsp-identity" not in each.headers for each in (signed_in, *public))


def test_a_refused_session_has_no_end(edge):
    answer = edge.ask("GET", STAFF, token="unknown", headers={ENDS: END})

    assert answer.status == 401
    assert ENDS.lower() not in answer.headers


# --- polling


def test_auth_is_told_who_only_polls(edge):
    edge.auth.sessions["polled"] = Reply(200, {"OTSP-Identity": "x"}, b"")

    edge.ask("GET", STAFF, token="polled", headers={"OTSP-Passive": "true"})

    assert checks_of(edge) == ["true"]
    assert "otsp-passive" not in edge.seen[0].headers


@pytest.mark.parametrize("value", ["", "false", "1", "yes", "true, true"])
def test_whatever_else_is_said_counts_as_work(edge, value):
    token = f"working-{len(value)}-{value[:1]}"
    edge.auth.sessions[token] = Reply(200, {"OTSP-Identity": "x"}, b"")

    edge.ask("GET", STAFF, token=token, headers={"OTSP-Passive": value})

    assert checks_of(edge) == [None]


def test_polling_hides_no_work_and_work_lends_polling_nothing(edge):
    edge.auth.sessions["both"] = Reply(200, {"OTSP-Identity": "x"}, b"")

    for passive in ({}, {"OTSP-Passive": "true"}, {}, {"OTSP-Passive": "true"}):
        edge.ask("GET", STAFF, token="both", headers=passive)

    assert sorted(checks_of(edge)[:2], key=str) == [None, "true"]


# --- revocation


def test_a_revoked_token_is_refused_by_every_edge_within_two_seconds(edge, make_edge):
    edges = (edge, make_edge())
    edge.auth.sessions["otsp_revoked"] = Reply(200, {"OTSP-Identity": "x"}, b"")
    passive = {"OTSP-Passive": "true"}
    for each in edges:
        assert each.ask("GET", STAFF, token="otsp_revoked").status == 200
        assert each.ask("GET", STAFF, token="otsp_revoked", headers=passive).status == 200

    del edge.auth.sessions["otsp_revoked"]
    deadline = time.monotonic() + 2
    left = [(each, headers) for each in edges for headers in ({}, passive)]
    while left:
        left = [
            (each, headers)
            for each, headers in left
            if each.ask("GET", STAFF, token="otsp_revoked", headers=headers).status != 401
        ]
        assert not left or time.monotonic() < deadline
