"""What the edge does for those who keep the rules: routes, sessions, headers, refusals, limits."""

import json
import re
import time

import pytest

from otsp_gateway_testkit.edge import read_answer
from otsp_gateway_testkit.upstream import Reply

STAFF = "/api/staff/v1/institutions/7/staff"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def assert_is_problem(answer, status, slug):
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"urn:otsp:problem:{slug}"
    assert body["status"] == status
    assert CHINESE.search(body["detail"])
    assert body["title"].isascii()
    assert body["instance"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.fixture(scope="session")
def edge_behind_portal(make_edge):
    """Believes the forwarded address, as from a portal, and counts clients by it."""
    return make_edge(trusted_proxies=("127.0.0.1",))


@pytest.fixture(scope="session")
def production_edge(make_edge):
    return make_edge(
        env="production", limit_exempt=(), portal=(), public_hosts=("otsp.example.cn",)
    )


@pytest.fixture(scope="session")
def edge_with_replicas(make_edge, edge):
    """Two replicas of everything; of courses the first is dead."""
    alive = edge.services.address
    services = ("institution", "staff", "materials", "compliance")
    replicas = dict.fromkeys(services, (alive, alive))
    replicas |= {"courses": ("127.0.0.1:9", alive), "auth": (edge.auth.address,)}
    return make_edge(upstreams=replicas)


# --- routes


@pytest.mark.parametrize("service", ["auth", "institution", "staff", "materials", "compliance"])
def test_a_prefix_leads_to_its_service(edge, service):
    answer = edge.ask("GET", f"/api/{service}/v1/things?cursor=a%2Fb&limit=5", token="good")

    assert answer.status == 200
    (seen,) = edge.seen
    assert (seen.service, seen.path) == (service, f"/api/{service}/v1/things?cursor=a%2Fb&limit=5")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_the_methods_of_the_api_pass(edge, method):
    assert edge.ask(method, STAFF, token="good").status == 200
    assert [seen.method for seen in edge.seen] == [method]


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"])
def test_other_methods_do_not_pass(edge, method):
    answer = edge.ask(method, STAFF, token="good")

    assert answer.status in {400, 405}
    assert answer.headers["content-type"] == "application/problem+json"
    assert edge.seen == []


def test_a_refused_method_is_told_which_would_pass(edge):
    answer = edge.ask("PROPFIND", STAFF, token="good")

    assert_is_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE"


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api", "/api/unknown/v1/x", "/api/staff/v2/x", "/api/staff", "/api/STAFF/v1/x"],
)
def test_an_unknown_route_is_404_with_and_without_a_session(edge, path):
    for token in (None, "good"):
        assert_is_problem(edge.ask("GET", path, token=token), 404, "unknown-route")
    assert edge.seen == []


def test_bodies_and_answers_pass_unchanged(edge):
    body = json.dumps({"name": "张三"}).encode()
    edge.services.replies[STAFF] = Reply(201, {"Location": f"{STAFF}/1", "ETag": '"3"'}, b'{"a":1}')

    answer = edge.ask("POST", STAFF, token="good", body=body)

    assert (answer.status, answer.body) == (201, b'{"a":1}')
    assert (answer.headers["location"], answer.headers["etag"]) == (f"{STAFF}/1", '"3"')
    assert [seen.body for seen in edge.seen] == [body]


def test_a_part_of_a_file_passes_unchanged_though_no_buffer_here_holds_it(edge):
    path = f"{STAFF}/files/8/content"
    part = bytes(range(256)) * 8_192
    told = {
        "Content-Type": "image/png",
        "Content-Range": f"bytes 10-{9 + len(part)}/9999999",
        "Content-Disposition": "attachment; filename=\"_.png\"; filename*=UTF-8''%E7%94%B2.png",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "ETag": '"0f"',
    }
    edge.services.replies[path] = Reply(206, told, part)
    asked = {"Range": "bytes=10-", "If-Range": '"0f"'}

    answer = edge.ask("GET", path, token="good", headers=asked)

    assert (answer.status, answer.body) == (206, part)
    assert {name: answer.headers[name.lower()] for name in told} == told
    assert {name: edge.seen[0].headers[name.lower()] for name in asked} == asked


def test_a_services_own_problem_is_not_touched(edge):
    told = Reply(401, {"Content-Type": "application/problem+json"}, b'{"title":"theirs"}')
    for status in (400, 401, 403, 404, 405, 413, 429, 500, 502, 503, 504):
        edge.services.replies[STAFF] = Reply(status, told.headers, told.body)

        answer = edge.ask("GET", STAFF, token="good")

        assert (answer.status, answer.body) == (status, told.body)


# --- sessions


def test_a_session_becomes_an_identity_and_stays_at_the_edge(edge):
    edge.ask("GET", STAFF, token="good")

    (seen,) = edge.seen
    assert seen.headers["otsp-identity"] == "identity-of-good"
    assert "authorization" not in seen.headers


def test_auth_alone_receives_the_token(edge):
    edge.ask("GET", "/api/auth/v1/sessions", token="good")

    (seen,) = edge.seen
    assert seen.headers["authorization"] == "Bearer good"
    assert seen.headers["otsp-identity"] == "identity-of-good"


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        "",
        "good",
        "Bearer",
        "Bearer ",
        "Bearer unknown",
        "Bearer good extra",
        "Bearer good,Bearer good",
        "Bearer gööd",
        "Basic Z29vZDo=",
        "Bearer " + "g" * 600,
    ],
)
def test_without_a_valid_token_nothing_passes(edge, credentials):
    headers = {} if credentials is None else {"Authorization": credentials.encode("latin-1")}

    answer = edge.ask("GET", STAFF, headers=headers)

    assert_is_problem(answer, 401, "unauthorised")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert edge.seen == []


def test_malformed_credentials_do_not_reach_auth(edge):
    edge.ask("GET", STAFF, headers={"Authorization": "Basic Z29vZDo="})

    assert edge.session_checks == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/auth/v1/sessions"),
        ("POST", "/api/auth/v1/registrations"),
        ("PUT", "/api/auth/v1/registrations/9/code"),
        ("GET", "/api/auth/v1/development/outbox"),
        ("GET", "/api/compliance/v1/public/receipts/TJ20261129-7K3M-9Q2X-W4TB"),
        ("POST", "/api/compliance/v1/public/verification"),
        ("GET", "/api/compliance/v1/public/log/heads"),
    ],
)
def test_public_operations_need_no_session_and_get_no_identity(edge, method, path):
    answer = edge.ask(method, path, headers={"OTSP-Identity": "forged"})

    assert answer.status == 200
    (seen,) = edge.seen
    assert "otsp-identity" not in seen.headers
    assert edge.session_checks == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/auth/v1/sessions"),
        ("DELETE", "/api/auth/v1/sessions"),
        ("DELETE", "/api/auth/v1/sessions/current"),
        ("POST", "/api/auth/v1/sessions/current"),
        ("POST", "/api/auth/v1/registrationsx"),
    ],
)
def test_their_neighbours_need_one(edge, method, path):
    assert_is_problem(edge.ask(method, path), 401, "unauthorised")
    assert edge.seen == []

    assert edge.ask(method, path, token="good").status == 200
    assert edge.seen[0].headers["otsp-identity"] == "identity-of-good"


def test_one_answer_serves_many_requests(edge):
    for _ in range(30):
        assert edge.ask("GET", STAFF, token="good").status == 200

    assert edge.session_checks < 30 / 2


def test_each_token_has_its_own_identity(edge):
    edge.auth.sessions["hers"] = Reply(200, {"OTSP-Identity": "identity-of-hers"}, b"")

    for token in ("good", "hers", "good"):
        edge.ask("GET", STAFF, token=token)

    assert [seen.headers["otsp-identity"] for seen in edge.seen] == [
        "identity-of-good",
        "identity-of-hers",
        "identity-of-good",
    ]


def test_a_revoked_session_ends_within_two_seconds(edge):
    edge.auth.sessions["ending"] = Reply(204, {"OTSP-Identity": "x", "Cache-Control": "max-age=99"})
    assert edge.ask("GET", STAFF, token="ending").status == 200

    del edge.auth.sessions["ending"]
    deadline = time.monotonic() + 2
    status = 200
    while status == 200:
        asked_at = time.monotonic()
        status = edge.ask("GET", STAFF, token="ending").status
        assert status != 200 or asked_at < deadline

    assert status == 401


def test_a_refusal_is_not_remembered(edge):
    assert edge.ask("GET", STAFF, token="new").status == 401

    edge.auth.sessions["new"] = Reply(200, {"OTSP-Identity": "identity-of-new"})

    assert edge.ask("GET", STAFF, token="new").status == 200


def test_a_check_that_cannot_be_made_lets_nobody_in(edge):
    edge.auth.sessions["broken"] = Reply(500)

    answer = edge.ask("GET", STAFF, token="broken")

    assert_is_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert edge.seen == []


def test_a_check_without_an_identity_sends_none(edge):
    edge.auth.sessions["bare"] = Reply(200)

    edge.ask("GET", STAFF, token="bare", headers={"OTSP-Identity": "forged"})

    assert [seen.headers.get("otsp-identity") for seen in edge.seen] == [None]


# --- headers


@pytest.mark.parametrize(
    "name",
    [
        "OTSP-Identity",
        "otsp-identity",
        "OTSP_Identity",
        "OTSP-Anything",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Prefix",
        "X-Real-IP",
        "X-Request-Id",
        "X_Request_Id",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-Accel-Internal",
        "Forwarded",
        "traceparent",
        "Cookie",
        "Proxy",
        "Proxy-Authorization",
        "Host",
    ],
)
@pytest.mark.parametrize("path", [STAFF, "/api/auth/v1/registrations"])
def test_no_header_from_outside_passes_for_the_edges_own(edge, name, path):
    answer = edge.ask("GET", path, token="good", headers={name: "spoofed.example"})

    assert answer.status == 200
    (seen,) = edge.seen
    assert "spoofed.example" not in seen.headers.values()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Idempotency-Key", "0123456789"),
        ("If-Match", '"7"'),
        ("Content-Type", "application/json"),
        ("Accept-Language", "zh-CN"),
    ],
)
def test_the_headers_of_the_api_pass(edge, name, value):
    edge.ask("PUT", STAFF, token="good", headers={name: value}, body=b"{}")

    assert edge.seen[0].headers[name.lower()] == value


def test_a_cookie_is_no_session(edge):
    answer = edge.ask("GET", STAFF, headers={"Cookie": "session=good; __Host-session=good"})

    assert_is_problem(answer, 401, "unauthorised")


def test_a_service_sets_no_cookie(edge):
    edge.services.replies[STAFF] = Reply(headers={"Set-Cookie": "a=b"})

    assert "set-cookie" not in edge.ask("GET", STAFF, token="good").headers


def test_a_service_does_not_steer_the_edge(edge):
    edge.services.replies[STAFF] = Reply(headers={"X-Accel-Redirect": "/_session"}, body=b"mine")

    assert edge.ask("GET", STAFF, token="good").body == b"mine"


def test_the_request_id_is_the_edges_and_goes_both_ways(edge):
    edge.services.replies[STAFF] = Reply(headers={"X-Request-Id": "theirs"})

    answers = [edge.ask("GET", STAFF, token="good") for _ in range(2)]

    given = [answer.headers["x-request-id"] for answer in answers]
    assert [seen.headers["x-request-id"] for seen in edge.seen] == given
    assert len(set(given)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in given)


def test_a_client_is_known_by_its_own_address(edge):
    edge.ask("GET", STAFF, token="good", headers={"X-Forwarded-For": "203.0.113.9"})

    assert edge.seen[0].headers["x-forwarded-for"] == "127.0.0.1"


def test_the_portal_is_believed_about_its_client_and_its_trace(edge_behind_portal):
    told = {"X-Forwarded-For": "203.0.113.9, 198.51.100.2", "traceparent": "00-aa-bb-01"}

    edge_behind_portal.ask("GET", STAFF, token="good", headers=told)

    (seen,) = edge_behind_portal.seen
    assert seen.headers["x-forwarded-for"] == "198.51.100.2"
    assert seen.headers["traceparent"] == "00-aa-bb-01"


def test_answers_carry_the_security_headers_once(edge):
    theirs = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src *"}
    edge.services.replies[STAFF] = Reply(headers=theirs)

    for answer in (edge.ask("GET", STAFF, token="good"), edge.ask("GET", STAFF)):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["strict-transport-security"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["server"] == "nginx"


# --- refusals


def test_a_service_that_is_down_is_502(edge):
    answer = edge.ask("GET", "/api/courses/v1/things", token="good")

    assert_is_problem(answer, 502, "bad-gateway")


def test_a_service_that_is_silent_is_504(edge):
    answer = edge.ask("POST", f"{STAFF}/hang", token="good", body=b"{}")

    assert_is_problem(answer, 504, "gateway-timeout")
    assert [seen.method for seen in edge.seen] == ["POST"]


@pytest.mark.parametrize(
    ("method", "service", "times"),
    [("GET", "institution", 2), ("POST", "staff", 1), ("PATCH", "materials", 1)],
)
def test_only_what_may_be_repeated_is_tried_again(edge_with_replicas, method, service, times):
    answer = edge_with_replicas.ask(method, f"/api/{service}/v1/hang", token="good", body=b"{}")

    assert answer.status == 504
    assert len(edge_with_replicas.seen) == times


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_dead_replica_is_passed_over(edge_with_replicas, method):
    statuses = {
        edge_with_replicas.ask(method, "/api/courses/v1/things", token="good").status
        for _ in range(4)
    }

    assert statuses == {200}


def test_the_developments_outbox_is_not_in_production(production_edge):
    path, host = "/api/auth/v1/development/outbox", {"Host": "otsp.example.cn"}

    answer = production_edge.ask("GET", path, token="good", headers=host)

    assert_is_problem(answer, 404, "unknown-route")


@pytest.mark.parametrize("host", ["evil.example", "otsp.example.cn.evil.example", "127.0.0.1"])
def test_another_host_is_not_served(production_edge, host):
    answer = production_edge.ask("GET", STAFF, token="good", headers={"Host": host})

    assert_is_problem(answer, 421, "misdirected-request")


def test_its_own_host_is_served_in_any_case(production_edge):
    for host in ("otsp.example.cn", "OTSP.example.cn:8443"):
        answer = production_edge.ask("GET", STAFF, token="good", headers={"Host": host})
        assert answer.status == 200


def test_too_many_sign_ins_from_one_address_are_refused(edge_behind_portal):
    def sign_in(address):
        headers = {"X-Forwarded-For": address}
        return edge_behind_portal.ask("POST", "/api/auth/v1/sessions", headers=headers)

    answers = [sign_in("203.0.113.77") for _ in range(60)]

    refused = [answer for answer in answers if answer.status != 200]
    assert 0 < len(refused) < 60
    assert_is_problem(refused[0], 429, "too-many-requests")
    assert refused[0].headers["retry-after"] == "5"
    assert sign_in("203.0.113.78").status == 200
    assert [sign_in("127.0.0.9").status for _ in range(60)] == [200] * 60


# --- portal


def test_everything_else_is_the_portals(edge):
    headers = {"Cookie": "session=s", "OTSP-Identity": "forged", "X-Forwarded-For": "1.2.3.4"}

    answer = edge.ask("GET", "/staff?page=2", headers=headers)

    assert answer.status == 200
    (seen,) = edge.portal.seen
    assert seen.path == "/staff?page=2"
    assert seen.headers["cookie"] == "session=s"
    assert seen.headers["x-forwarded-for"] == "127.0.0.1"
    assert seen.headers["x-forwarded-proto"] == "https"
    assert seen.headers["host"] == f"127.0.0.1:{edge.port}"
    assert not {"otsp-identity", "authorization"} & seen.headers.keys()


def test_what_the_scripts_of_pages_say_reaches_the_portal(edge):
    """That nobody made the request by hand (D41), the token of its forms, the rest of a file."""
    told = {"OTSP-Passive": "true", "CSRF-Token": "t", "If-Range": '"e"', "Range": "bytes=1-"}

    edge.ask("GET", "/session", headers=told)

    (seen,) = edge.portal.seen
    assert {name: seen.headers.get(name.lower()) for name in told} == told


def test_the_portal_may_set_its_cookie(edge):
    edge.portal.replies["/login"] = Reply(303, {"Set-Cookie": "session=s", "Location": "/"}, b"")

    answer = edge.ask("POST", "/login", body=b"a=b")

    assert (answer.status, answer.headers["set-cookie"]) == (303, "session=s")


def test_without_a_portal_a_visitor_is_told_so_in_chinese(production_edge):
    answer = production_edge.ask("GET", "/", headers={"Host": "otsp.example.cn"})

    assert answer.status == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert CHINESE.search(answer.body.decode())
    assert 'href="/api/docs/"' in answer.body.decode()


def test_a_visitor_of_a_silent_portal_gets_a_page(edge):
    answer = edge.ask("GET", "/hang")

    assert answer.status == 504
    assert 'lang="zh-CN"' in answer.body.decode()
    assert answer.headers["x-request-id"] in answer.body.decode()


# --- log


def test_the_log_names_neither_query_nor_token(edge):
    answer = edge.ask("GET", f"{STAFF}?mobile=13800138000", token="good")

    entry = edge.log_line(answer.headers["x-request-id"])
    assert (entry["path"], entry["method"], entry["status"]) == (STAFF, "GET", 200)
    assert entry["service"] == "staff"
    written = "".join(path.read_text() for path in (edge.out_dir / "logs").iterdir())
    assert "13800138000" not in written
    assert "Bearer" not in written


@pytest.mark.parametrize("path", [STAFF, "/api/courses/v1/things"])
def test_a_refusal_is_logged_with_its_own_method_and_path(edge, path):
    answer = edge.ask("DELETE", f"{path}?name=x", headers={"Authorization": "Bearer no"})

    entry = edge.log_line(answer.headers["x-request-id"])
    assert (entry["method"], entry["path"], entry["status"]) == ("DELETE", path, 401)


def test_a_kept_connection_serves_one_client_after_the_other(edge):
    request = f"GET {STAFF} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
    with edge.connection() as wire:
        statuses = []
        for token in ("good", "unknown", "good"):
            wire.sendall((request % token).encode())
            statuses.append(read_answer(wire).status)

    assert statuses == [200, 401, 200]
