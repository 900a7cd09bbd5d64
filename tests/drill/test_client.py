"""A client of the drill asks again with the same key, and its journal says so."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from drill.checker import asked
from drill.client import Client, Command, Over
from drill.journal import Journal

FILE = Command("file", "POST", "/applications", {"kind": "initial"}, told=("application_id",))


class Platform(ThreadingHTTPServer):
    """Answers as told, one status after the other; 0 hangs up instead."""

    def __init__(self, *statuses):
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = list(statuses)
        self.keys = []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        status = self.server.statuses.pop(0)
        if status:
            body = json.dumps({"application_id": "a", "type": "urn:otsp:problem:x"}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def serving():
    servers = []

    def serve(*statuses):
        server = Platform(*statuses)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    yield serve
    for each in servers:
        each.shutdown()
        each.server_close()


@pytest.fixture
def asking(tmp_path):
    """Performs the command, gives the answer and what the checker reads of it."""
    is_over = threading.Event()

    def ask(server):
        with Journal(tmp_path / "journal.jsonl") as journal:
            journal.write("begun", at=1_000.0, keys=journal.keys)
            url = f"http://127.0.0.1:{server.server_port}"
            client = Client(url, "somebody", journal=journal, is_over=is_over)
            try:
                answer = client.perform(FILE)
            except Over:
                answer = None
            finally:
                client.close()
        [command] = asked.read(journal.file).commands
        return answer, command

    ask.is_over = is_over
    return ask


def test_what_was_not_answered_is_asked_again_with_the_same_key(serving, asking):
    server = serving(0, 503, 202)

    answer, command = asking(server)

    assert answer.status == 202
    assert len(server.keys) == 3
    assert set(server.keys) == {command.key}
    assert (command.attempts, command.unknown, command.status) == (3, 2, 202)
    assert command.told == {"application_id": "a"}


def test_a_refusal_is_an_answer(serving, asking):
    _, command = asking(serving(409))

    assert (command.attempts, command.unknown, command.status) == (1, 0, 409)
    assert not command.is_acknowledged


def test_what_is_never_answered_stays_unknown(serving, asking):
    server = serving(500, 500)
    asking.is_over.wait = lambda _: asking.is_over.set()

    answer, command = asking(server)

    assert answer is None
    assert command.status is None
    assert command.was_unknown
