"""A spoilt wire does what its name says, and is a wire again when it is mended."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from otsp_testkit.wire import Wire


class Echo:
    """A server that says back what it hears, and ends when nothing more comes."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                while heard := connection.recv(100):
                    connection.sendall(heard)
            except OSError:
                return
        self.ended.set()

    def close(self) -> None:
        with suppress(OSError):  # closed already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def wire(echo) -> Iterator[Wire]:
    wire = Wire(echo.port)
    yield wire
    wire.close()


@pytest.fixture
def client(wire) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as connection:
        assert said(connection) == b"hello"
        yield connection


def said(connection: socket.socket) -> bytes:
    connection.sendall(b"hello")
    return connection.recv(100)


def say_until_it_fails(connection: socket.socket) -> None:
    while True:
        assert said(connection), "a goodbye"


def test_latency_delays_each_way_and_loses_nothing(wire, client):
    wire.weather.delay_seconds = 0.1
    begun = time.monotonic()

    answer = said(client)

    assert answer == b"hello"
    assert time.monotonic() - begun >= 0.2


def test_black_hole_swallows_until_it_is_healed_then_all_of_it_comes(wire, client):
    wire.weather.swallow()
    client.settimeout(0.3)

    with pytest.raises(TimeoutError):
        said(client)

    wire.weather.clear()
    client.settimeout(10)
    assert client.recv(100) == b"hello"


def test_reset_ends_both_ends_without_a_goodbye(wire, client):
    wire.tear()

    with pytest.raises(ConnectionError):
        say_until_it_fails(client)


def test_half_close_tells_the_server_and_not_its_client(wire, client, echo):
    wire.half_close()

    assert echo.ended.wait(10)
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.recv(100)


def test_a_healed_wire_takes_new_connections(wire, client):
    wire.weather.swallow()
    wire.tear()
    wire.weather.clear()

    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as another:
        assert said(another) == b"hello"


def test_a_server_that_is_away_refuses_and_is_found_when_it_is_back(wire, client, echo):
    echo.close()

    with socket.create_connection(("127.0.0.1", wire.port), timeout=10) as another:
        assert another.recv(100) == b""
