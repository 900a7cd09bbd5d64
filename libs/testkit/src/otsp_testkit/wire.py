"""A wire that can be spoilt: a TCP proxy of few lines, for faults between two processes."""

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time at all: closing sends RST, and what was on its way is gone."""
CONNECT_SECONDS = 5


class Weather:
    """What happens to bytes on their way, as long as it lasts."""

    def __init__(self) -> None:
        self.delay_seconds = 0.0
        self._open = threading.Event()
        self._open.set()

    def swallow(self) -> None:
        """Nothing gets through and nobody is told: what is sent waits, for TCP sends it again."""
        self._open.clear()

    def clear(self) -> None:
        """Everything gets through again, what waited first."""
        self.delay_seconds = 0.0
        self._open.set()

    def pass_through(self, ended: threading.Event) -> None:
        """Return when a piece may go on."""
        if self.delay_seconds:
            ended.wait(self.delay_seconds)
        while not self._open.wait(0.2):
            if ended.is_set():
                return


@dataclass(eq=False, slots=True)
class _Connection:
    """One client's connection, carried by two threads; both ends are closed when one ends."""

    client: socket.socket
    server: socket.socket
    weather: Weather
    is_torn: bool = False
    is_half_closed: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with self.client, self.server:
            back = threading.Thread(target=self._carry, args=(self.server, self.client))
            back.start()
            self._carry(self.client, self.server)
            back.join()

    def tear(self) -> None:
        """Reading ends at once, and with it the threads; no end says goodbye."""
        self.is_torn = True
        self.ended.set()
        for end in (self.client, self.server):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RD)

    def half_close(self) -> None:
        """The server is told that nothing more will come; its client is told nothing."""
        self.is_half_closed = True
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_WR)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self.weather.pass_through(self.ended)
                if not (self.is_half_closed and target is self.server):
                    target.sendall(data)
        if self.is_half_closed and source is self.server:
            self.ended.wait()  # the client learns nothing of it until the wire is torn
        for end in () if self.is_torn else (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@dataclass(slots=True)
class Wire:
    """Listens on a loopback port and carries bytes to the server's."""

    server_port: int
    listen_port: int = 0
    weather: Weather = field(default_factory=Weather)
    _listener: socket.socket = field(init=False)
    _threads: dict[_Connection, threading.Thread] = field(default_factory=dict)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, self.listen_port), backlog=128)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        number: int = self._listener.getsockname()[1]
        return number

    def tear(self) -> None:
        """Reset every connection at both ends, in the middle of whatever it carries."""
        for connection in list(self._threads):
            connection.tear()

    def half_close(self) -> None:
        """Of every connection there is now: see `_Connection.half_close`."""
        for connection in list(self._threads):
            connection.half_close()

    def close(self) -> None:
        self.weather.clear()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self.tear()
        for thread in self._threads.values():
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            for connection in [each for each, thread in self._threads.items() if _is_over(thread)]:
                del self._threads[connection]
            try:
                server = socket.create_connection((LOOPBACK, self.server_port), CONNECT_SECONDS)
            except OSError:
                client.close()
                continue
            self._begin(client, server)

    def _begin(self, client: socket.socket, server: socket.socket) -> None:
        server.settimeout(None)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(client, server, self.weather)
        thread = threading.Thread(target=connection.run, daemon=True)
        self._threads[connection] = thread
        thread.start()


def _is_over(thread: threading.Thread) -> bool:
    return thread.ident is not None and not thread.is_alive()
