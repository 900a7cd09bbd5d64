"""What the edge does with those who do not keep the rules: nothing gets behind it."""

import pytest

from otsp_gateway_testkit.edge import await_that, read_answer

STAFF = "/api/staff/v1/institutions/7/staff"
GOOD = "Authorization: Bearer good\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"


def request(method, target, *lines, body=b""):
    """As given, byte for byte; the connection is closed after the answer."""
    head = "".join(f"{line}\r\n" for line in ("Host: x", *lines, "Connection: close"))
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def status_of(received):
    """0 when nginx closed without an answer."""
    return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/1.1 ") else 0


def answers_in(received):
    return received.count(b"HTTP/1.1 ")


@pytest.fixture(scope="session")
def small_edge(make_edge):
    """Limits of production, where a test can reach them from one address."""
    return make_edge(limit_exempt=(), connections_per_client=2)


# --- paths

TRICKS = [
    "/internal/session",
    "/api/auth/v1/../../../internal/session",
    "/api/auth/v1/..;/..;/..;/internal/session",
    "/api/auth/v1/%2e%2e/%2e%2e/%2e%2e/internal/session",
    "/api/auth/v1/.%2e/.%2e/.%2e/internal/session",
    "/api/auth/v1/%252e%252e/%252e%252e/internal/session",
    "/api/auth/v1/..%2f..%2f..%2finternal/session",
    "/api/auth/v1/..%5c..%5c..%5cinternal/session",
    "/api/auth/v1/..\\..\\..\\internal\\session",
    "/api/auth/v1/..%c0%af..%c0%afinternal/session/../x",
    "/api/auth/v1/registrations/../accounts",
    "/api/auth/v1/registrations/..;/accounts",
    "/api/auth/v1/registrations/%2e%2e/accounts",
    "/api/auth/v1/registrations/..%2faccounts",
    "/api/auth/v1/registrations;/../accounts",
    "/api/auth/v1/registrations/./accounts",
    "/api/auth/v1/registrations//accounts",
    "/api/auth/v1/registrations%2f..%2faccounts",
    "/api/auth/v1/registrations/%00",
    "/api/auth/v1/registrations%23/../accounts",
    "/api/auth/v1/registrations#/../accounts",
    "/api/auth/v1/registrations%3f/../accounts",
    "//api/auth/v1/registrations",
    "///internal/session",
    "/api//auth/v1/registrations",
    "/api/auth/v1/registrations/\xff",
    "/api/auth/v1/registrations/%0d%0aOTSP-Identity:%20x",
    "/api/auth/v1/registrations/%20",
    "/./internal/session",
    "/x/../internal/session",
    "/%69nternal/session",
    "/metrics",
    "/metrics/",
    "/livez",
    "/readyz",
    "/startupz",
    "/_session",
    "/_session/POST",
    "/_problem/401",
    "/_page/401",
    "internal/session",
    "*",
    "http://x/internal/session",
    "http://auth/internal/session",
    "http://x/api/auth/v1/registrations/../accounts",
]


@pytest.mark.parametrize("credentials", ["", GOOD], ids=["anonymous", "signed-in"])
@pytest.mark.parametrize("path", TRICKS)
def test_no_spelling_of_a_path_gets_behind_the_edge(edge, path, credentials):
    lines = [credentials.strip()] if credentials else []

    received = edge.ask_raw(request("GET", path, *lines))

    assert status_of(received) in {0, 400, 401, 404}
    assert edge.seen == []
    assert edge.session_checks == 0


@pytest.mark.parametrize(
    "target",
    [f"http://x{STAFF}", f"http://user:secret@x{STAFF}", f"HTTP://otsp.example:80{STAFF}"],
)
def test_a_whole_url_as_target_is_its_path_or_nothing(edge, target):
    received = edge.ask_raw(request("GET", target))

    assert status_of(received) in {400, 401}
    assert edge.seen == []


def test_a_query_may_hold_anything(edge):
    target = f"{STAFF}?next=%2e%2e%2f&q=..;/&u=http://x//y&n=%00"

    assert status_of(edge.ask_raw(request("GET", target, GOOD.strip()))) == 200
    assert [seen.path for seen in edge.seen] == [target]


def test_a_chinese_segment_passes_encoded(edge):
    path = "/api/compliance/v1/public/institutions/%E6%A0%A1%E5%A4%96"

    assert edge.ask("GET", path, token="good").status == 200
    assert [seen.path for seen in edge.seen] == [path]


# --- smuggling

SMUGGLED = f"GET {STAFF} HTTP/1.1\r\nHost: x\r\n{GOOD}\r\n".encode()


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 4", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 4"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding: identity"],
        ["Transfer-Encoding: chunked, identity"],
        ["Transfer-Encoding: identity, chunked"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding : chunked"],
        ["Transfer-Encoding:\x0bchunked"],
        ["Transfer-Encoding: chun\x00ked"],
        ["Content-Length: 4", "Content-Length: 5"],
        ["Content-Length: 4", "Content-Length: 4"],
        ["Content-Length: 4, 4"],
        ["Content-Length: +4"],
        ["Content-Length: -4"],
        ["Content-Length: 0x4"],
        ["Content-Length: 4 4"],
        ["Content-Length: 99999999999999999999"],
        ["Content-Length : 4"],
        ["X: a", " Transfer-Encoding: chunked"],
        ["X: a", "\tContent-Length: 4"],
        ["Host: y"],
        ["X\x00: a"],
        ["X a: b"],
        [": a"],
    ],
    ids=repr,
)
def test_a_request_with_two_readings_is_refused_and_ends_the_connection(edge, lines):
    wire = request("POST", STAFF, GOOD.strip(), *lines, body=b"0\r\n\r\n" + SMUGGLED)

    received = edge.ask_raw(wire)

    assert status_of(received) in {400, 501}
    assert answers_in(received) == 1
    assert b"application/problem+json" in received
    assert edge.seen == []


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\nabc\r\n0\r\n\r\n",
        b"-1\r\nabc\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcdef\r\n0\r\n\r\n",
    ],
)
def test_a_broken_chunk_is_refused(edge, body):
    received = edge.ask_raw(request("POST", STAFF, GOOD.strip(), CHUNKED.strip(), body=body))

    assert status_of(received) == 400
    assert answers_in(received) == 1
    assert edge.seen == []


def test_chunks_reach_a_service_as_one_measured_body(edge):
    body = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nOTSP-Identity: forged\r\n\r\n"

    edge.ask_raw(request("POST", STAFF, GOOD.strip(), CHUNKED.strip(), body=body))

    (seen,) = edge.seen
    assert (seen.body, seen.headers["content-length"]) == (b"abcde", "5")
    assert "transfer-encoding" not in seen.headers
    assert seen.headers["otsp-identity"] == "identity-of-good"


@pytest.mark.parametrize(
    "line",
    [
        f"GET {STAFF}",
        f"GET {STAFF} HTTP/0.9",
        f"GET {STAFF} HTTP/2.0",
        f"GET {STAFF} HTTP/1.10",
        f"GET {STAFF} HTTP/1.1 x",
        f"GET  {STAFF} ",
        f"G\x00T {STAFF} HTTP/1.1",
        f"{STAFF} HTTP/1.1",
        "PRI * HTTP/2.0",
    ],
    ids=repr,
)
def test_a_strange_request_line_is_refused(edge, line):
    edge.ask_raw(f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"))

    assert edge.seen == []


def test_the_body_of_a_refused_request_is_not_read_as_the_next_one(edge):
    wire = f"POST {STAFF} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n"
    after = request("GET", "/api/unknown")

    received = edge.ask_raw(wire.encode() + SMUGGLED + after)

    assert answers_in(received) == 2
    assert edge.seen == []


def test_a_request_without_a_host_is_refused(edge):
    received = edge.ask_raw(f"GET {STAFF} HTTP/1.1\r\n{GOOD}Connection: close\r\n\r\n".encode())

    assert status_of(received) == 400
    assert edge.seen == []


def test_an_old_clients_chunks_are_refused(edge):
    wire = f"POST {STAFF} HTTP/1.0\r\n{GOOD}{CHUNKED}\r\n0\r\n\r\n".encode()

    assert status_of(edge.ask_raw(wire)) == 400
    assert edge.seen == []


def test_two_authorisations_are_none(edge):
    lines = ["Authorization: Bearer unknown", "Authorization: Bearer good"]

    received = edge.ask_raw(request("GET", STAFF, *lines))

    assert status_of(received) in {400, 401}
    assert edge.seen == []


def test_an_upgrade_is_not_passed_on(edge):
    lines = [GOOD.strip(), "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]
    wire = request("GET", STAFF, *lines).replace(b"Connection: close", b"Connection: Upgrade")

    with edge.connection() as connection:
        connection.sendall(wire)
        answer = read_answer(connection)

    assert answer.status == 200
    assert not {"upgrade", "http2-settings", "connection"} & edge.seen[0].headers.keys()


# --- size and time


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/auth/v1/sessions", 64 * 1024),
        ("/api/auth/v1/registrations", 64 * 1024),
        (STAFF, 4 * 1024 * 1024),
        ("/api/staff/v1/institutions/7/files", 20 * 1024 * 1024),
        ("/api/materials/v1/institutions/7/files", 500 * 1024 * 1024),
    ],
)
def test_a_body_past_its_limit_is_refused_before_it_is_sent(edge, path, limit):
    with edge.connection() as connection:
        connection.sendall(request("POST", path, GOOD.strip(), f"Content-Length: {limit + 1}"))
        answer = read_answer(connection)

    assert answer.status == 413
    assert answer.json()["type"] == "urn:otsp:problem:too-large"
    assert edge.seen == []


@pytest.mark.parametrize(
    ("path", "size"),
    [("/api/auth/v1/sessions", 64 * 1024), (STAFF, 4 * 1024 * 1024)],
)
def test_a_body_at_its_limit_passes(edge, path, size):
    assert edge.ask("POST", path, token="good", body=b"x" * size).status == 200
    assert [len(seen.body) for seen in edge.seen] == [size]


def test_a_refusal_with_a_large_body_is_still_a_problem(edge):
    head = f"POST {STAFF} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
    with edge.connection() as connection:
        connection.sendall(head.encode())
        answer = read_answer(connection)

    assert answer.status == 401
    assert answer.json()["type"] == "urn:otsp:problem:unauthorised"


def test_chunks_past_the_limit_are_refused(edge):
    chunks = (b"x" * 16_384 for _ in range(5))

    answer = edge.ask("POST", "/api/auth/v1/sessions", body=chunks)

    assert answer.status == 413
    assert edge.seen == []


def test_an_upload_streams_to_its_service_and_touches_no_disk(edge):
    head = f"POST /api/staff/v1/institutions/7/files HTTP/1.1\r\nHost: x\r\n{GOOD}{CHUNKED}\r\n"
    with edge.connection() as connection:
        connection.sendall(head.encode() + b"5\r\nfirst\r\n")
        await_that(lambda: bool(edge.services.begun))
        connection.sendall(b"4\r\nlast\r\n0\r\n\r\n")
        assert read_answer(connection).status == 200

    assert [seen.body for seen in edge.seen] == [b"firstlast"]
    assert edge.seen[0].headers["transfer-encoding"] == "chunked"


def test_large_bodies_and_answers_leave_no_file(edge):
    body = b"x" * (3 * 1024 * 1024)

    assert edge.ask("POST", STAFF, token="good", body=body).status == 200

    assert [path for path in (edge.out_dir / "tmp").rglob("*") if path.is_file()] == []


def test_a_long_address_is_refused(edge):
    received = edge.ask_raw(request("GET", f"{STAFF}?q={'x' * 20_000}", GOOD.strip()))

    assert status_of(received) == 414
    assert b"urn:otsp:problem:uri-too-long" in received
    assert edge.seen == []


@pytest.mark.parametrize("lines", [["X: " + "x" * 20_000], ["X: " + "x" * 7_000] * 6])
def test_large_headers_are_refused(edge, lines):
    received = edge.ask_raw(request("GET", STAFF, GOOD.strip(), *lines))

    assert status_of(received) == 431
    assert b"urn:otsp:problem:headers-too-large" in received
    assert edge.seen == []


@pytest.mark.parametrize(
    "start",
    [
        "",
        f"GET {STAFF} HT",
        f"GET {STAFF} HTTP/1.1\r\nHost: x\r\n{GOOD}",
        f"POST {STAFF} HTTP/1.1\r\nHost: x\r\n{GOOD}Content-Length: 100\r\n\r\n1234",
        f"POST {STAFF} HTTP/1.1\r\nHost: x\r\n{GOOD}{CHUNKED}\r\n4\r\n12",
    ],
    ids=["silent", "request line", "headers", "body", "chunk"],
)
def test_a_client_that_stops_is_let_go(edge, start):
    """`ask_raw` returns when nginx closes; its patience is ten times the edge's."""
    received = edge.ask_raw(start.encode())

    assert status_of(received) in {0, 408}
    assert edge.seen == []


def test_one_address_holds_only_so_many_requests(small_edge):
    path = "/api/auth/v1/development/outbox"
    unfinished = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1".encode()
    with small_edge.connection() as first, small_edge.connection() as second:
        for connection in (first, second):
            connection.sendall(unfinished)
        await_that(lambda: small_edge.ask("GET", path).status == 429)

        assert small_edge.ask("GET", path).json()["type"] == "urn:otsp:problem:too-many-requests"


def test_one_address_asks_only_so_often(small_edge):
    statuses = [small_edge.ask("POST", "/api/auth/v1/sessions").status for _ in range(40)]

    assert 30 <= statuses.count(200) < 40
    assert statuses[-1] == 429
