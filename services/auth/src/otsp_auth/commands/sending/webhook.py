"""A carrier of texts behind a signed webhook; docs/accounts.md tells it to who builds one.

POST of JSON {id, mobile, text}, signed in `OTSP-Signature: t=<Unix seconds>,v1=<hex>` by
HMAC-SHA-256 over `<t>.<body>`. Any 2xx is a promise to carry; the id makes repetitions harmless.
"""

import hmac
import http.client
import ssl
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import orjson

from otsp_auth.commands.sending.carriers import NotSent, PerhapsSent, Text
from otsp_chassis import clock

SIGNATURE: Final = "OTSP-Signature"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Redirections and proxies are not followed: a signed text goes where the setting says."""

    name: str
    url: str
    secret: bytes = field(repr=False)
    timeout_seconds: float

    def carry(self, text: Text) -> None:
        body = orjson.dumps({"id": text.message_id, "mobile": text.mobile, "text": text.text})
        connection = self._connection()
        try:
            _connect(connection)
            status = self._post(connection, body)
        finally:
            connection.close()
        if status not in range(200, 300):
            reason = f"status {status}"
            raise NotSent(reason)

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host, port, timeout = parts.hostname or "", parts.port, self.timeout_seconds
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=trusting_system())

    def _post(self, connection: http.client.HTTPConnection, body: bytes) -> int:
        parts = urlsplit(self.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json", SIGNATURE: signature(self.secret, body)}
        try:
            connection.request("POST", target, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as failure:
            raise PerhapsSent(type(failure).__name__) from failure


def signature(secret: bytes, body: bytes) -> str:
    """Of now; the receiver refuses what is older than five minutes."""
    at = int(clock.now().timestamp())
    digest = hmac.new(secret, f"{at}.".encode() + body, "sha256").hexdigest()
    return f"t={at},v1={digest}"


@cache
def trusting_system() -> ssl.SSLContext:
    """The system's authorities, or those of SSL_CERT_FILE; reading them costs milliseconds."""
    return ssl.create_default_context()


def _connect(connection: http.client.HTTPConnection) -> None:
    try:
        connection.connect()
    except OSError as failure:
        raise NotSent(type(failure).__name__) from failure
