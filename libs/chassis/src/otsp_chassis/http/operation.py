"""One operation of a specification, bound once at start-up to its function.

The view does what the contract says, in this order: identity, scope, parameters, body,
idempotency, function, rendering, conformity of the answer. Functions receive plain values and
return plain values; they never see a request.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import flask
import orjson
from werkzeug.datastructures import Headers

from otsp_chassis import idempotency
from otsp_chassis.http.conflicts import Readers
from otsp_chassis.http.download import Download, is_declared
from otsp_chassis.http.parameters import Parameter, read_parameters
from otsp_chassis.http.validation import (
    FormatCheck,
    Json,
    Schema,
    Validator,
    unstorable,
    with_cross_checks,
)
from otsp_chassis.identity import HEADER, IdentityVerifier, Principal
from otsp_chassis.problems import (
    Conflict,
    Forbidden,
    InstitutionClosed,
    InternalError,
    Invalid,
    Malformed,
    Problem,
    StaleVersion,
    UnsupportedMedia,
)
from otsp_contracts.values import FieldError

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from connexion.operations.openapi import OpenAPIOperation

JSON = "application/json"
OWN_OR_LOOK = (":read", ":reveal", ":self", ":integrate")
"""How scopes end that change nothing of an institution's data: exports, searches and looks in
clear are POSTs too, and the account with its keys is its holder's own to the end.
"""

NUL_ESCAPED = b"\\u0000"
"""The only way in which JSON text can hold a NUL."""

Check = Callable[[dict[str, Any]], Iterable[FieldError]]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(slots=True)
class Answer:
    """A status other than 200, a version for the ETag, or a Location beside the body."""

    body: Any = None
    status: int = 200
    version: int | None = None
    location: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def checked(check: Check) -> Callable[[View], View]:
    """Attach cross-field checks to an api function; their faults join the schema's (D4).

    The check receives the body less the fields that failed the schema, so it must cope with
    absent ones. It is pure: no database, no clock.
    """

    def attach(function: View) -> View:
        function.__otsp_check__ = check  # type: ignore[attr-defined]
        return function

    return attach


class ResponseMismatch(AssertionError):
    """Our own answer did not fit our own contract; only raised where tests run."""


@dataclass(frozen=True, slots=True)
class Seam:
    """What all operations of one service share. `schema_fields` are those of each named schema, for
    functions that ask for them; so are the `query_parameters` of each operation, by its id.
    """

    verifier: IdentityVerifier
    formats: Mapping[str, FormatCheck]
    is_strict: bool
    report_mismatch: Callable[[str, list[FieldError]], None]
    schema_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    readers: Readers = field(default_factory=Readers)
    query_parameters: dict[str, Mapping[str, Parameter]] = field(default_factory=dict)


class BoundOperation:
    """Callable with Flask's path values; returns a finished response or raises a Problem."""

    def __init__(
        self, seam: Seam, specification: "OpenAPIOperation", *, part: str | None = None
    ) -> None:
        """`part` is what the operation tells, by the name that the history has for it."""
        self.part = part
        self._seam = seam
        self.operation_id: str = specification.operation_id
        self.path: str = specification.path
        self.method: str = specification.method.upper()
        self.function: Callable[..., Any] = specification.function
        self.scopes = _scopes(specification)
        self.is_write = self.method not in {"GET", "HEAD"}
        self._changes_no_data = all(each.endswith(OWN_OR_LOOK) for each in self.scopes or ())
        self._wanted = set(inspect.signature(self.function).parameters)
        self._parameters = [
            Parameter(definition, seam.formats) for definition in specification.parameters
        ]
        of_query = {p.name: p for p in self._parameters if p.place == "query"}
        self._query_names = set(of_query)
        seam.query_parameters[self.operation_id] = of_query
        self._check: Check | None = getattr(self.function, "__otsp_check__", None)
        self._bind_body(specification)
        self._responses = _response_validators(specification, seam)
        self.answer_schema = _json_schema(specification.responses.get("200", {}))
        self._answers_bytes = any(is_declared(each) for each in specification.responses.values())
        self._is_idempotent = any(p.name == idempotency.HEADER for p in self._parameters)
        self.needs_only_its_path = not self._answers_bytes and all(
            each.place == "path" or not (each.is_required or each.name == "cursor")
            for each in self._parameters
        )
        if not self.is_write:
            seam.readers.add(self)

    def _bind_body(self, specification: "OpenAPIOperation") -> None:
        request_body = specification.request_body
        self._media_types = frozenset(request_body.get("content", {}))
        self._body_required = bool(request_body.get("required"))
        self.takes_files = any(
            each.get("schema", {}).get("format") == "binary"
            for each in request_body.get("content", {}).values()
        )
        self._body = None
        self.entry_schema = _json_schema(request_body)
        if JSON in self._media_types:
            self._body = Validator(self.entry_schema, self._seam.formats)

    @property
    def is_streaming(self) -> bool:
        """True for uploads, whose body is handed on unread."""
        return bool(self._media_types) and self._body is None

    def identify(self, request: flask.Request) -> Principal | None:
        """The caller; None for a public operation without a token."""
        token = request.headers.get(HEADER)
        if self.scopes is None and not token:
            return None
        principal = self._seam.verifier.verify(token)
        if self.scopes is not None and not self.scopes <= principal.scopes:
            raise Forbidden(missing_scopes=sorted(self.scopes - principal.scopes))
        if principal.is_read_only and self.is_write and not self._changes_no_data:
            raise InstitutionClosed
        return principal

    def __call__(
        self, request: flask.Request, principal: Principal | None, path: Mapping[str, str]
    ) -> flask.Response:
        arguments = read_parameters(
            request, path, parameters=self._parameters, query_names=self._query_names
        )
        key = arguments.pop("idempotency_key", None)
        raw = self._read_body(request, arguments)
        if "principal" in self._wanted:
            arguments["principal"] = principal
        if "schema_fields" in self._wanted:
            arguments["schema_fields"] = self._seam.schema_fields
        if "query_parameters" in self._wanted:
            arguments["query_parameters"] = self._seam.query_parameters
        if self._answers_bytes:
            return self._send(request, arguments)
        first = None
        if key is not None and self._is_idempotent:
            first = idempotency.Request(
                actor=str(principal.account_id) if principal else "anonymous",
                operation=self.operation_id,
                key=key,
                sha256=_request_digest(request, raw),
            )
        try:
            return _response(self._once(first, arguments))
        except (Conflict, StaleVersion) as refusal:
            self._seam.readers.tell_present(refusal, self, arguments=arguments, principal=principal)
            raise

    def _once(
        self, first: idempotency.Request | None, arguments: dict[str, Any]
    ) -> idempotency.Stored:
        if first is None:
            return self._perform(arguments)
        return idempotency.once(first, lambda: self._perform(arguments))

    def read_for(self, principal: Principal | None, arguments: Mapping[str, Any]) -> Answer | None:
        """What this GET answers to the caller of another operation; None where it refuses."""
        if not (self.scopes or frozenset()) <= (principal.scopes if principal else frozenset()):
            return None
        own = {
            each.argument: arguments[each.argument] if each.place == "path" else each.default
            for each in self._parameters
            if each.place == "path" or each.default is not None
        }
        if "principal" in self._wanted:
            own["principal"] = principal
        try:
            answer = self.function(**own)
        except Problem:
            return None
        return answer if isinstance(answer, Answer) else None

    def _read_body(self, request: flask.Request, arguments: dict[str, Any]) -> bytes:
        if not self._media_types:
            return b""
        if self.is_streaming or self._body is None:
            if request.mimetype not in self._media_types:
                raise UnsupportedMedia(accepted=sorted(self._media_types))
            arguments["stream"] = request.stream
            arguments["content_type"] = request.mimetype
            return b""
        raw = request.get_data(cache=False)
        if not raw and not self._body_required:
            return raw
        if request.mimetype != JSON:
            raise UnsupportedMedia(accepted=[JSON])
        arguments["body"] = self._parsed(raw, self._body)
        return raw

    def _parsed(self, raw: bytes, validator: Validator) -> Json:
        try:
            body = validator.fold(orjson.loads(raw))
        except orjson.JSONDecodeError as error:
            raise Malformed(position=error.pos) from error
        errors = validator.errors(body)
        if NUL_ESCAPED in raw:
            errors += unstorable(body)
        errors = with_cross_checks(body, errors, self._check)
        if errors:
            raise Invalid(errors=errors)
        return body

    def _send(self, request: flask.Request, arguments: dict[str, Any]) -> flask.Response:
        download: Download = self.function(**arguments)
        response = download.response(request)
        self._require_documented(response.status_code)
        return response

    def _perform(self, arguments: dict[str, Any]) -> idempotency.Stored:
        result = self.function(**arguments)
        answer = result if isinstance(result, Answer) else Answer(result)
        headers = dict(answer.headers)
        if answer.version is not None:
            headers["ETag"] = f'"{answer.version}"'
        if answer.location is not None:
            headers["Location"] = answer.location
        body = b"" if answer.body is None else orjson.dumps(answer.body)
        stored = idempotency.Stored(answer.status, headers, body)
        self._require_conformity(stored)
        return stored

    def _require_conformity(self, stored: idempotency.Stored) -> None:
        self._require_documented(stored.status)
        validator = self._responses.get(stored.status)
        if validator is None:
            return
        errors = validator.errors(orjson.loads(stored.body) if stored.body else None)
        if errors:
            self._mismatch(errors)

    def _require_documented(self, status: int) -> None:
        if status not in self._responses:
            self._mismatch([FieldError("", "undocumented_status", str(status))])

    def _mismatch(self, errors: list[FieldError]) -> None:
        if self._seam.is_strict:
            message = f"{self.operation_id} answers against its contract: {errors}"
            raise ResponseMismatch(message) from InternalError()
        self._seam.report_mismatch(self.operation_id, errors)


class _Complete(flask.Response):
    """Its headers are sent as they are: Location is a path, Content-Length stands already."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:  # noqa: ARG002 - inherited
        return self.headers


def _response(stored: idempotency.Stored) -> flask.Response:
    response = (
        _Complete(stored.body, stored.status, content_type=JSON)
        if stored.body
        else flask.Response(status=stored.status)
    )
    for name, value in stored.headers.items():
        response.headers[name] = value
    return response


def _request_digest(request: flask.Request, raw: bytes) -> bytes:
    """What makes two requests the same: target, version they replace, and content."""
    digest = hashlib.sha256(request.full_path.encode())
    digest.update(request.headers.get("If-Match", "").encode())
    digest.update(raw)
    return digest.digest()


def _scopes(specification: "OpenAPIOperation") -> frozenset[str] | None:
    """The scopes of the only oauth2 requirement; None when the operation is public."""
    if not specification.security:
        return None
    return frozenset(
        scope for each in specification.security for scopes in each.values() for scope in scopes
    )


def _json_schema(definition: Mapping[str, Any]) -> Schema:
    """Of a request body or an answer; empty when it is not JSON."""
    schema: Schema = definition.get("content", {}).get(JSON, {}).get("schema", {})
    return schema


def _response_validators(
    specification: "OpenAPIOperation", seam: Seam
) -> dict[int, Validator | None]:
    validators: dict[int, Validator | None] = {}
    for status, definition in specification.responses.items():
        if not status.isdigit():
            continue
        content = cast("Mapping[str, Any]", definition.get("content", {}))
        schema = content.get(JSON, {}).get("schema")
        validators[int(status)] = (
            Validator(schema, seam.formats, is_own_answer=not seam.is_strict) if schema else None
        )
    return validators
