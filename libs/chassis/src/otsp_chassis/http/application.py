"""The Flask application of one service: its operations, its health, its refusals.

Connexion loads, resolves and validates the specification; Flask serves it as plain WSGI.
Measured against stock Connexion 3.3 this is half the CPU per request, and uploads stream
(docs/adr/0002).
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any, cast
from uuid import UUID

import flask
import orjson
from connexion.frameworks.flask import flaskify_endpoint, flaskify_path
from connexion.resolver import Resolver
from connexion.spec import Specification
from prometheus_client import Histogram
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.local import LocalProxy

from otsp_chassis import log, metrics, tracing
from otsp_chassis.context import Call, Runtime, activate
from otsp_chassis.contract import read_contract
from otsp_chassis.history.reading import Labels
from otsp_chassis.http.conflicts import Readers
from otsp_chassis.http.health import add_health
from otsp_chassis.http.operation import BoundOperation, Seam
from otsp_chassis.http.validation import FormatCheck
from otsp_chassis.identity import IdentityVerifier, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import InternalError, MethodNotAllowed, Problem, TooLarge, UnknownRoute
from otsp_contracts.values import FieldError

METHODS = {"get", "put", "post", "delete", "patch"}
MAX_JSON_BYTES = 4 * 1024 * 1024
REQUEST_ID = "X-Request-Id"
TRACE_ID = "OTSP-Trace-Id"
"""For the edge's access log, which keeps it from going further."""

_log = log.get_logger()


def load_specification(package: str) -> Specification:
    """The package's openapi.yaml, read as data (Connexion itself would render it with Jinja)."""
    return Specification.load(read_contract(package))


def build_application(
    runtime: Runtime,
    package: str,
    formats: dict[str, FormatCheck],
    *,
    labels: Labels | None = None,
) -> flask.Flask:
    """Bind every operation; an operationId that does not resolve stops the start."""
    app = flask.Flask(package, static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = runtime.settings.env == "test"
    specification = load_specification(package)
    seam = Seam(
        verifier=IdentityVerifier(runtime.settings.identity_public_keys),
        formats=formats,
        is_strict=runtime.settings.env == "test",
        report_mismatch=_mismatch_reporter(runtime.service),
        readers=Readers(labels or {}),
        schema_fields=_fields_of_schemas(specification),
    )
    takes_files = False
    for path, methods in specification["paths"].items():
        for method in METHODS & methods.keys():
            operation = specification.operation_cls.from_spec(
                specification, path=path, method=method, resolver=Resolver()
            )
            bound = BoundOperation(seam, operation, part=methods[method].get("x-otsp-part"))
            takes_files |= bound.takes_files
            app.add_url_rule(
                flaskify_path(path, {}),
                flaskify_endpoint(bound.operation_id),
                _door(runtime, bound),
                methods=[method.upper()],
                provide_automatic_options=False,  # the contract declares none
            )
    if takes_files:
        _tell_whether_scanned(runtime)
    add_health(app, runtime, package)
    _add_refusals(app)
    return app


def _fields_of_schemas(specification: Specification) -> dict[str, frozenset[str]]:
    schemas = specification["components"].get("schemas", {})
    return {name: frozenset(schema.get("properties", ())) for name, schema in schemas.items()}


def _tell_whether_scanned(runtime: Runtime) -> None:
    """Once, at the start: that infected files would be taken should surprise nobody later."""
    if runtime.settings.clamd_address is None:
        _log.info("uploads_are_not_scanned", service=runtime.service)


def _door(runtime: Runtime, bound: BoundOperation) -> Callable[..., flask.Response]:
    """The view: activates the service and the call, times it, tells every refusal as a problem."""
    service, operation, method = runtime.service, bound.operation_id, bound.method
    in_flight = metrics.HTTP_IN_FLIGHT.labels(service)
    failures = metrics.HTTP_FAILURES.labels(service)

    @cache
    def seconds(status: int) -> Histogram:
        return metrics.HTTP_REQUESTS.labels(service, operation, method, str(status))

    def view(**path: str) -> flask.Response:
        started = time.perf_counter()
        in_flight.inc()
        request = _current_request()
        request_id = request.headers.get(REQUEST_ID) or str(new_id())
        brought = request.environ.get("HTTP_TRACEPARENT")
        try:
            with tracing.door(service, operation, kind="server", traceparent=brought) as span:
                span.note_ids(path)
                response = _answered(
                    runtime, bound, request=request, path=path, request_id=request_id
                )
                if span.trace_id:
                    _tell_trace(span, response, method=method, request_id=request_id)
        finally:
            in_flight.dec()
        seconds(response.status_code).observe(time.perf_counter() - started, span.exemplar)
        if response.status_code >= 500:
            failures.inc()
        response.headers[REQUEST_ID] = request_id
        return response

    return view


def _tell_trace(
    span: tracing.Span, response: flask.Response, *, method: str, request_id: str
) -> None:
    span.note("http.request.method", method)
    span.note("http.response.status_code", response.status_code)
    span.note("http.request.id", request_id)
    if response.status_code >= 500:
        span.fail(str(response.status_code))
    response.headers[TRACE_ID] = span.trace_id


def _current_request() -> flask.Request:
    """The request itself: Flask's proxy would look it up anew for every attribute."""
    proxy = cast("LocalProxy[flask.Request]", flask.request)
    return proxy._get_current_object()  # noqa: SLF001 - Werkzeug documents it for this


def _answered(
    runtime: Runtime,
    bound: BoundOperation,
    *,
    request: flask.Request,
    path: dict[str, str],
    request_id: str,
) -> flask.Response:
    def call_of(principal: Principal | None) -> Call:
        return Call(
            operation=bound.operation_id,
            request_id=request_id,
            is_write=bound.is_write,
            principal=principal,
            client_ip=request.headers.get("X-Forwarded-For") or request.remote_addr,
            institution_id=_uuid(path.get("institution_id")),
            correlation_id=request_id,
        )

    if not bound.is_streaming:
        request.max_content_length = MAX_JSON_BYTES
    try:
        principal = bound.identify(request)
        with activate(runtime, call_of(principal)):
            return bound(request, principal, path)
    except Problem as problem:
        return problem_response(problem, request_id)
    except RequestEntityTooLarge:
        return problem_response(TooLarge(max_bytes=MAX_JSON_BYTES), request_id)
    except Exception as error:  # the request door: logged once, told as a problem
        if runtime.settings.env == "test":
            raise
        with activate(runtime, call_of(None)):
            _log.error("request_failed", exc_info=error)
        tracing.current().fail(error)
        return problem_response(InternalError(), request_id)


def problem_response(problem: Problem, request_id: str) -> flask.Response:
    return flask.Response(
        orjson.dumps(problem.as_dict(request_id)),
        problem.status,
        dict(problem.response_headers()),
        content_type="application/problem+json",
    )


def _add_refusals(app: flask.Flask) -> None:
    def refuse(error: HTTPException) -> flask.Response:
        request_id = flask.request.headers.get(REQUEST_ID) or str(new_id())
        problem: Problem = UnknownRoute()
        if error.code == MethodNotAllowed.status:
            problem = MethodNotAllowed()
        response = problem_response(problem, request_id)
        response.headers[REQUEST_ID] = request_id
        if isinstance(error, WrongMethod) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    app.register_error_handler(404, refuse)
    app.register_error_handler(405, refuse)


def _mismatch_reporter(service: str) -> Callable[[str, list[FieldError]], None]:
    def report(operation: str, errors: list[FieldError]) -> None:
        metrics.RESPONSE_MISMATCHES.labels(service, operation).inc()
        faults: list[Any] = [(error.pointer, error.code) for error in errors[:5]]
        _log.error("response_against_contract", operation=operation, faults=faults)

    return report


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
