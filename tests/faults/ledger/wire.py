"""A wire between the participants and the broker that can be torn: a TCP proxy of few lines."""

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time at all: closing sends RST, and what was on its way is gone."""


@dataclass(eq=False, slots=True)
class _Connection:
    """One participant's connection, carried by two threads; both ends are closed when one ends."""

    participant: socket.socket
    broker: socket.socket
    is_torn: bool = False

    def run(self) -> None:
        with self.participant, self.broker:
            back = threading.Thread(target=self._carry, args=(self.broker, self.participant))
            back.start()
            self._carry(self.participant, self.broker)
            back.join()

    def tear(self) -> None:
        """Reading ends at once, and with it the threads; no end says goodbye."""
        self.is_torn = True
        for end in (self.participant, self.broker):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RD)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for end in () if self.is_torn else (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@dataclass(slots=True)
class Wire:
    """Listens on a loopback port and carries bytes to the broker's."""

    broker_port: int
    _listener: socket.socket = field(init=False)
    _threads: dict[_Connection, threading.Thread] = field(default_factory=dict)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def tear(self) -> None:
        """Reset every connection at both ends, in the middle of whatever it carries."""
        for connection in list(self._threads):
            connection.tear()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self.tear()
        for thread in self._threads.values():
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                participant, _ = self._listener.accept()
            except OSError:  # closed
                return
            try:
                broker = socket.create_connection((LOOPBACK, self.broker_port))
            except ConnectionError:
                participant.close()
                continue
            connection = _Connection(participant, broker)
            self._threads[connection] = threading.Thread(target=connection.run)
            self._threads[connection].start()
