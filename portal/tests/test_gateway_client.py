"""What goes over the wire, at a server that remembers what it was asked."""

import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from flask import request

from otsp_portal.gateway_client import Api, Caller, Gateway, Refusal


class Listening(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.path, self.headers, body))
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_GET(self):
        self.do_POST()

    def log_message(self, *_told):
        """Nothing on the console."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Listening) as listening:
        listening.asked = []
        Thread(target=listening.serve_forever, daemon=True).start()
        yield listening
        listening.shutdown()


@pytest.fixture
def api(server) -> Iterator[Api]:
    gateway = Gateway(f"http://127.0.0.1:{server.server_port}", timeout=5, at_once=2)
    yield gateway.called_by(Caller(token="t", address="192.0.2.1", request_id="r" * 8))
    gateway.close()


def test_a_file_goes_with_its_name_and_with_what_else_is_asked(api, server):
    api.upload("/proofs", io.BytesIO(b"%PDF"), name="执照.pdf", kind="application/pdf",
               query={"kind": "certificate"})  # fmt: skip

    path, headers, body = server.asked[0]
    assert path == "/proofs?name=%E6%89%A7%E7%85%A7.pdf&kind=certificate"
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Authorization"] == "Bearer t"
    assert body == b"%PDF"


def test_what_is_none_is_not_asked_and_a_list_is_asked_one_by_one(api, server):
    api.get("/staff", status=["employed", "departed"], q=None)
    api.get("/next?cursor=abc", q=None)

    assert [path for path, _headers, _body in server.asked] == [
        "/staff?status=employed&status=departed",
        "/next?cursor=abc",
    ]


def test_what_is_asked_together_comes_in_order_and_knows_whose_request_it_is(api, frame):
    def who():
        return request.headers["User-Agent"]

    with frame.test_request_context("/", headers={"User-Agent": "clerk"}):
        assert api.together(lambda: "first", who, who) == ["first", "clerk", "clerk"]


def test_what_is_asked_together_is_waited_for_once(api):
    api.get("/one")
    api.together(
        lambda: api.get("/two"),
        lambda: [api.get("/two"), api.get("/three")],
        lambda: api.together(lambda: api.get("/two"), lambda: api.get("/two")),
    )

    assert api.rounds == 3


@pytest.mark.timeout(20)
def test_what_is_asked_together_within_what_is_asked_together_waits_for_nobody(server):
    """One thread for all: whoever cannot be given another asks with its own."""
    gateway = Gateway(f"http://127.0.0.1:{server.server_port}", timeout=5, at_once=1)
    api = gateway.called_by(Caller(token="t", address="192.0.2.1", request_id="r" * 8))

    def pair():
        return api.together(lambda: api.get("/a"), lambda: api.get("/b"))

    assert api.together(pair, pair, pair) == [[{}, {}]] * 3
    assert len(server.asked) == 6
    gateway.close()


def test_a_fault_among_what_is_asked_together_is_raised(api):
    def fails():
        raise Refusal(503, {}, None)

    with pytest.raises(Refusal):
        api.together(lambda: 1, fails)
