"""Requests that schemathesis makes out of a specification, and a judge of every answer.

schemathesis runs in an environment of its own (.venv/fuzz) and sees what a client sees: the
document and an address. Behind the address stands a `Judge`, which lends each request an identity
that may pass, exchanges most ids that were made up for rows that are there, and notes what no
answer may be.
"""

import io
import re
import subprocess
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import flask
import orjson
from pydantic_settings import BaseSettings, SettingsConfigDict
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from otsp_chassis.identity import HEADER
from otsp_chassis.problems import Problem
from otsp_local.environment import FUZZ
from otsp_testkit.documents import SHEET
from otsp_testkit.specifications import JSON, Operation

Environ = dict[str, Any]
IDENTITY = "HTTP_" + HEADER.upper().replace("-", "_")
BYTES = "application/octet-stream"
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
ETAG = re.compile(r'"\d{1,18}"')
KNOWN = 0.75
"""Of ids that nobody was told, how many become ids of rows; of versions, how many the first; of
idempotency keys that were used before, how many new ones.
"""
LEFT_OUT = (
    "positive_data_acceptance",  # what a schema takes, a rule may refuse: 409, 422, 423
    "ignored_auth",  # the judge asks without an identity itself, and with false ones
    # A fixed path beside one with a parameter has both's methods; test_http_seam.py has the rest.
    "allow_header_conformance",
    "unsupported_method",
    "ensure_resource_availability",  # ids are exchanged behind its back
    "use_after_free",
)
MOST_SECONDS = "60"
"""For an answer: what hangs is noticed. How fast one comes is asked by no test."""


class FuzzSettings(BaseSettings):
    """OTSP_FUZZ_CASES: at least so many requests over all services, in place of the short form."""

    model_config = SettingsConfigDict(env_prefix="OTSP_FUZZ_", frozen=True)

    cases: int = 0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Clients:
    """Who asks: by operationId those who may, tokens that prove nothing, and the rows there are."""

    may_pass: Mapping[str, Sequence[str]]
    identity: Callable[[str], str]
    """The token of a caller; empty for nobody."""
    worthless: Sequence[str]
    named: Callable[[Operation, str], str | None]
    """What a parameter or field is called in the rows; None where there is no such row."""


@dataclass(slots=True)
class Report:
    """What was asked of one service, and each fault with its requests."""

    statuses: Counter[int] = field(default_factory=Counter)
    successes: set[str] = field(default_factory=set)
    refusals: int = 0
    """Of requests without an identity that counts."""
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def cases(self) -> int:
        return self.statuses.total()

    def told(self) -> str:
        """Each fault with its first request and how often it came; empty when there is none."""
        return "\n".join(
            f"{len(found)} × {what}\n    {found[0]}" for what, found in self.faults.items()
        )

    def line(self, service: str, operations: int) -> str:
        of = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return (
            f"{service}: {self.cases} requests ({of}), {self.refusals} without an identity,"
            f" {len(self.successes)} of {operations} operations answered"
        )


def statuses_of_problems(kind: type[Problem] = Problem) -> dict[str, int]:
    """Slug → status of every refusal that a service knows."""
    known = {kind.slug: kind.status}
    for each in kind.__subclasses__():
        known |= statuses_of_problems(each)
    return known


class Judge:
    """One service as a WSGI application."""

    def __init__(
        self,
        application: flask.Flask,
        operations: Iterable[Operation],
        clients: Clients,
        seed: int,
    ) -> None:
        self.report = Report()
        self._application, self._clients = application, clients
        self._operations = {each.id.replace(".", "_"): each for each in operations}
        self._known = statuses_of_problems()
        self._told: set[str] = set()
        self._keys: set[str] = set()
        self._random = Random(seed)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        operation, path = self._operation_of(environ)
        if operation is not None:
            body = self._prepare(environ, body, operation, path)
            self._try_without_identity(environ, body, operation)
        status, headers, content = self._ask(environ, body)
        self._judge(operation, status, headers, content, asked=(environ, body))
        sent = [] if environ["REQUEST_METHOD"] == "HEAD" else [content]
        start_response(f"{status} .", list(headers.items()))
        return sent

    def _operation_of(self, environ: Environ) -> tuple[Operation | None, Mapping[str, str]]:
        try:
            endpoint, path = self._application.url_map.bind_to_environ(environ).match()
        except HTTPException:
            return None, {}
        return self._operations.get(endpoint), path

    def _prepare(
        self, environ: Environ, body: bytes, operation: Operation, path: Mapping[str, str]
    ) -> bytes:
        """Puts an identity and known rows into the request; the body that is then sent."""
        caller = self._random.choice(self._clients.may_pass[operation.id])
        environ["otsp.caller"] = caller
        environ.pop(IDENTITY, None)
        if token := self._clients.identity(caller):
            environ[IDENTITY] = token
        for name, value in path.items():
            known = self._known_instead(operation, name, value)
            environ["PATH_INFO"] = environ["PATH_INFO"].replace(value, known)
        if ETAG.fullmatch(environ.get("HTTP_IF_MATCH", "")) and self._random.random() < KNOWN:
            environ["HTTP_IF_MATCH"] = '"1"'
        key = environ.get("HTTP_IDEMPOTENCY_KEY", "")
        if key in self._keys and _is_key(operation, key) and self._random.random() < KNOWN:
            environ["HTTP_IDEMPOTENCY_KEY"] = f"fresh-key-{self.report.cases}"
        self._keys.add(key)
        media = operation.content()
        if SHEET in media and environ.get("CONTENT_TYPE") == BYTES:
            environ["CONTENT_TYPE"] = SHEET
        if JSON in media:
            body = self._with_known_rows(operation, body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return body

    def _known_instead(self, operation: Operation, name: str, value: str) -> str:
        """Ids that the service itself has told stay: they are the steps of a chain."""
        if not UUID.fullmatch(value) or value in self._told or self._random.random() > KNOWN:
            return value
        return self._clients.named(operation, name) or value

    def _with_known_rows(self, operation: Operation, body: bytes) -> bytes:
        def named(node: Any, name: str = "") -> Any:
            if isinstance(node, dict):
                return {each: named(child, each) for each, child in node.items()}
            if isinstance(node, list):
                return [named(child, name) for child in node]
            return self._known_instead(operation, name, node) if isinstance(node, str) else node

        try:
            return orjson.dumps(named(orjson.loads(body)))
        except orjson.JSONDecodeError:
            return body

    def _try_without_identity(self, environ: Environ, body: bytes, operation: Operation) -> None:
        if not operation.scopes() or environ["REQUEST_METHOD"] == "HEAD":
            return
        bare = {name: value for name, value in environ.items() if name != IDENTITY}
        for token in self._clients.worthless:
            status, _, content = self._ask(bare | ({IDENTITY: token} if token else {}), body)
            self.report.refusals += 1
            if status != 401:
                self._note(f"{operation.id} lets anybody pass", status, content, (environ, body))

    def _ask(self, environ: Environ, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """In tests the service raises what it would answer with 500."""
        asked = environ | {"wsgi.input": io.BytesIO(body)}
        try:
            chunks, status, headers = run_wsgi_app(self._application, asked, buffered=True)
            return int(status.split()[0]), headers, b"".join(chunks)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
            return 500, {"Content-Type": "text/plain"}, repr(error).encode()

    def _judge(
        self,
        operation: Operation | None,
        status: int,
        headers: Mapping[str, str],
        content: bytes,
        *,
        asked: tuple[Environ, bytes],
    ) -> None:
        self.report.statuses[status] += 1
        name = operation.id if operation else "no operation"
        if status >= 500:
            self._note(f"{name} breaks: {content[-300:].decode()}", status, content, asked)
        elif status >= 400:
            if not self._is_problem(status, headers, content):
                self._note(f"{name} refuses without a problem", status, content, asked)
        elif operation is None or str(status) not in operation.definition["responses"]:
            self._note(f"{name} answers {status}, undocumented", status, content, asked)
        else:
            self.report.successes.add(name)
            self._told.update(UUID.findall(content.decode(errors="replace")))

    def _is_problem(self, status: int, headers: Mapping[str, str], content: bytes) -> bool:
        if headers.get("Content-Type") != "application/problem+json":
            return False
        if not content:  # of HEAD
            return True
        told = orjson.loads(content)
        slug = str(told.get("type")).removeprefix("urn:otsp:problem:")
        return self._known.get(slug) == status == told.get("status")

    def _note(self, what: str, status: int, content: bytes, asked: tuple[Environ, bytes]) -> None:
        environ, body = asked
        self.report.faults[what].append(
            f"{environ.get('otsp.caller')}: {environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
            f"?{environ.get('QUERY_STRING', '')} {body[:400]!r} -> {status} {content[:400]!r}"
        )


def _is_key(operation: Operation, key: str) -> bool:
    """Were one that the contract refuses exchanged, it would seem to be taken."""
    return any(
        each["schema"].get("minLength", 0) <= len(key) <= each["schema"].get("maxLength", len(key))
        and re.fullmatch(each["schema"].get("pattern", ".*"), key) is not None
        for each in operation.parameters()
        if each["name"] == "Idempotency-Key"
    )


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """The judge tells what matters."""


@contextmanager
def served(judge: Judge) -> Iterator[str]:
    """The judge's address."""
    server = make_server("127.0.0.1", 0, judge, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_handed_out(specification: Mapping[str, Any]) -> bytes:
    """As the seam reads it: BYTES of an answer stand for the file's own type, and null is one of a
    nullable enum. Workbooks are bytes to somebody who cannot make one.
    """

    def rewritten(node: Any, *, is_answer: bool = False) -> Any:
        if isinstance(node, list):
            return [rewritten(each, is_answer=is_answer) for each in node]
        if not isinstance(node, dict):
            return node
        names = {BYTES: "*/*"} if is_answer else {SHEET: BYTES}
        nulls = {"enum": [*node["enum"], None]} if node.get("nullable") and "enum" in node else {}
        return {
            names.get(name, name): rewritten(child, is_answer=is_answer or name == "responses")
            for name, child in (node | nulls).items()
        }

    return orjson.dumps(rewritten(specification), option=orjson.OPT_NON_STR_KEYS)


def fuzz(
    specification: Mapping[str, Any],
    address: str,
    folder: Path,
    *,
    seed: int,
    examples: int,
    phases: Sequence[str],
    only: Sequence[str] = (),
) -> str:
    """One run of schemathesis; what it complains of, empty when nothing."""
    document = folder / "openapi.json"
    document.write_bytes(as_handed_out(specification))
    (folder / "schemathesis.toml").write_text("")
    done = subprocess.run(
        [
            FUZZ.venv / "bin" / "st", "--config-file", folder / "schemathesis.toml",
            "run", document, "--url", address,
            "--seed", str(seed), "--max-examples", str(examples), "--phases", ",".join(phases),
            "--checks", "all", "--exclude-checks", ",".join(LEFT_OUT), "--continue-on-failure",
            "--request-timeout", MOST_SECONDS, "--max-response-time", MOST_SECONDS,
            "--suppress-health-check", "all", "--no-shrink",
            "--no-color", "--warnings", "off",
            *(word for each in only for word in ("--include-operation-id", each)),
        ],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return ""
    return done.stdout[done.stdout.find("\n====") :] + done.stderr
