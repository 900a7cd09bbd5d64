"""What the edge does with traces: believes its peers, logs their ids, tells outsiders nothing."""

import pytest

from otsp_gateway_testkit.upstream import Reply

STAFF = "/api/staff/v1/institutions/7/staff"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BROUGHT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
BEGUN = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="session")
def behind_portal(make_edge):
    return make_edge(trusted_proxies=("127.0.0.1",))


def logged(edge, answer):
    return edge.log_line(answer.headers["x-request-id"])["trace_id"]


def test_a_trusted_peers_trace_reaches_service_and_session_check_and_is_logged(behind_portal):
    behind_portal.auth.sessions["traced"] = Reply(200, {"OTSP-Identity": "x"}, b"")

    answer = behind_portal.ask("GET", STAFF, token="traced", headers=BROUGHT)

    (seen,) = behind_portal.seen
    (check,) = [seen for seen in behind_portal.auth.seen if seen.path == "/internal/session"]
    told = [each.headers["traceparent"] for each in (seen, check)]
    assert told == [BROUGHT["traceparent"]] * 2
    assert logged(behind_portal, answer) == TRACE


def test_an_outsiders_trace_is_neither_passed_on_nor_logged(edge):
    answer = edge.ask("GET", STAFF, token="good", headers=BROUGHT)

    assert "traceparent" not in edge.seen[0].headers
    assert logged(edge, answer) == ""


def test_the_trace_that_began_behind_the_edge_is_logged_and_not_told_outside(edge):
    begun = Reply(headers={"OTSP-Trace-Id": BEGUN})
    edge.services.replies[STAFF] = edge.portal.replies["/apply"] = begun

    answers = [edge.ask("GET", path, token="good") for path in (STAFF, "/apply")]

    assert [answer for answer in answers if "otsp-trace-id" in answer.headers] == []
    assert [logged(edge, answer) for answer in answers] == [BEGUN, BEGUN]


def test_what_is_no_trace_id_is_not_logged_as_one(behind_portal):
    behind_portal.services.replies[STAFF] = Reply(headers={"OTSP-Trace-Id": "x" * 32})
    brought = {"traceparent": f"00-{TRACE}-no-01"}

    answer = behind_portal.ask("GET", STAFF, token="good", headers=brought)

    assert logged(behind_portal, answer) == ""
