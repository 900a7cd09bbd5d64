"""An HTTP client on one service's WSGI application, calling as somebody.

Every answer has already been checked against the published contract by the seam, which is
strict in tests; refusals are checked here to be problem+json.
"""

from dataclasses import dataclass
from typing import Any

import flask
import orjson
from werkzeug.test import TestResponse

from otsp_chassis.identity import HEADER, IdentityMinter, Principal

Json = Any
PROBLEM_TYPE = "urn:otsp:problem:"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Json:
        return orjson.loads(self.content)

    @property
    def version(self) -> int:
        """The number in the ETag, for If-Match."""
        return int(self.headers["ETag"].strip('"'))

    @property
    def problem(self) -> str:
        """The slug of a refusal."""
        assert self.headers["Content-Type"] == "application/problem+json", self.content
        body = self.json
        assert body["status"] == self.status
        assert body["type"].startswith(PROBLEM_TYPE)
        return str(body["type"]).removeprefix(PROBLEM_TYPE)

    @property
    def pointers(self) -> set[str]:
        """The pointers of all field errors of a refusal."""
        return {error["pointer"] for error in self.json.get("errors", [])}


class Client:
    """Calls operations as one principal, or as nobody."""

    def __init__(
        self, app: flask.Flask, minter: IdentityMinter, principal: Principal | None
    ) -> None:
        self._client = app.test_client()
        self._minter = minter
        self.principal = principal

    def get(self, path: str, **options: Json) -> Answered:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Json = None, **options: Json) -> Answered:
        return self.call("POST", path, body=body, **options)

    def put(self, path: str, body: Json = None, **options: Json) -> Answered:
        return self.call("PUT", path, body=body, **options)

    def delete(self, path: str, **options: Json) -> Answered:
        return self.call("DELETE", path, **options)

    def call(  # noqa: PLR0913 - an HTTP request has these parts
        self,
        method: str,
        path: str,
        *,
        body: Json = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
        if_match: int | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Answered:
        """`body` is sent as JSON, `raw` as it is; `key` is the Idempotency-Key."""
        sent = dict(headers or {})
        if self.principal is not None:
            sent.setdefault(HEADER, self._minter.mint(self.principal))
        if if_match is not None:
            sent["If-Match"] = f'"{if_match}"'
        if key is not None:
            sent["Idempotency-Key"] = key
        content = raw if raw is not None else (orjson.dumps(body) if body is not None else None)
        response: TestResponse = self._client.open(
            path,
            method=method,
            data=content,
            content_type=content_type if content is not None else None,
            headers=sent,
            query_string=query,
        )
        with response:  # a file that is sent is closed with the answer
            return Answered(response.status_code, dict(response.headers), response.get_data())
