"""Threaded HTTP servers that stand behind the edge and remember what reached them."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as an upstream got it. Header names are in lower case."""

    service: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"


class Upstream(ThreadingHTTPServer):
    """Answers every path with 200, the paths in `replies` as told, `/internal/session` from
    `sessions` (token → identity token), and paths ending in /hang when the test is over.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sessions: dict[str, Reply] = {}
        self.replies: dict[str, Reply] = {}
        self.begun: list[str] = []  # paths whose headers have come; their bodies may not have
        self.seen: list[Seen] = []
        self.over = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def forget(self) -> None:
        """As if nothing had come yet; sessions that a test opened stay its own."""
        self.begun.clear()
        self.seen.clear()
        self.replies.clear()

    def reply_to(self, seen: Seen) -> Reply:
        if seen.path == "/internal/session":
            token = seen.headers.get("authorization", "").removeprefix("Bearer ")
            return self.sessions.get(token, Reply(401, {"WWW-Authenticate": "Bearer"}))
        if seen.path.endswith("/hang"):
            self.over.wait()
        body = json.dumps({"service": seen.service, "path": seen.path}).encode()
        return self.replies.get(seen.path, Reply(body=body))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Upstream

    def _answer(self) -> None:
        self.server.begun.append(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(
            service=headers.get("host", ""),
            method=self.command,
            path=self.path,
            headers=headers,
            body=self._body(headers),
        )
        self.server.seen.append(seen)
        reply = self.server.reply_to(seen)
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        body = b"" if reply.status == 204 else reply.body
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    # The names that http.server looks up.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", "0")))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: object) -> None:
        """Tests ask `seen`; nothing is printed."""
