"""`otsp healthy`: the image's health check, in front of real listeners."""

import http.server
import threading
from contextlib import ExitStack, contextmanager

import pytest

from otsp_cli import health
from otsp_cli.__main__ import main
from otsp_local.ports import free_port


@contextmanager
def listening(port, **answers):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(answers.get(self.path.strip("/"), 404))
            self.end_headers()

        def log_message(self, *_):
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def doors(monkeypatch):
    """The ports of the image, each on a free one."""
    ports = {port: free_port() for port, _ in health.DOORS}
    monkeypatch.setattr(health, "DOORS", [(ports[port], path) for port, path in health.DOORS])
    with ExitStack() as stack:
        yield lambda port, **answers: stack.enter_context(listening(ports[port], **answers))


def test_an_api_is_healthy_while_it_is_ready(doors):
    doors(8080, readyz=200)
    doors(9090, metrics=200)

    assert main(["healthy"]) == 0


def test_an_api_without_its_database_is_not(doors, capsys):
    doors(8080, readyz=503)
    doors(9090, metrics=200)

    assert main(["healthy"]) == 1
    assert "/readyz answers 503" in capsys.readouterr().err


def test_a_worker_is_known_by_its_metrics(doors):
    doors(9090, metrics=200)

    assert main(["healthy"]) == 0


def test_a_gateway_is_asked_at_its_status_and_not_at_its_public_side(doors):
    doors(8080)
    doors(8081, livez=200)

    assert main(["healthy"]) == 0


def test_nothing_that_listens_is_not_healthy(doors, capsys):
    assert main(["healthy"]) == 1
    assert "nothing listens" in capsys.readouterr().out


def test_somebody_who_says_nothing_is_not_healthy(doors, monkeypatch):
    import socket

    monkeypatch.setattr(health, "SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", health.DOORS[1][0])):
        assert main(["healthy"]) == 1
