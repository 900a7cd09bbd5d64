"""What an SRE sees of the portal: the platform's own request metrics, and /livez, /readyz."""

import time

from flask import Flask, Response, current_app, g, request

from otsp_chassis import log, metrics, tracing
from otsp_portal.gateway_client import Gateway, Unreachable

SERVICE = "portal"
_EXEMPT = frozenset({"livez", "readyz"})


def watch(app: Flask) -> None:
    """Measure and trace every request by its view; answer the two questions of an orchestrator."""
    metrics.HTTP_FAILURES.labels(SERVICE)
    app.before_request(_begin)
    app.after_request(_measure)
    app.teardown_request(_end)
    app.add_url_rule("/livez", "livez", lambda: ("", 200))
    app.add_url_rule("/readyz", "readyz", _readyz)


def _readyz() -> tuple[str, int]:
    """Ready while the gateway answers; the page of a gateway that is gone helps nobody."""
    gateway: Gateway = current_app.extensions["otsp_gateway"]
    try:
        gateway.ping()
    except Unreachable:
        return "gateway", 503
    return "", 200


def _begin() -> None:
    g.began = time.perf_counter()
    metrics.HTTP_IN_FLIGHT.labels(SERVICE).inc()
    if not _is_exempt():
        name = f"{request.method} {request.endpoint or 'unknown'}"
        brought = request.headers.get("traceparent")
        g.span = tracing.door(SERVICE, name, kind="server", traceparent=brought).__enter__()


def _is_exempt() -> bool:
    """What nobody looks for in a trace: probes, and files that never change."""
    endpoint = request.endpoint or ""
    return endpoint in _EXEMPT or endpoint.endswith("static")


def _measure(response: Response) -> Response:
    span: tracing.Span = g.get("span", tracing.NOTHING)
    if request.endpoint not in _EXEMPT:
        metrics.HTTP_REQUESTS.labels(
            SERVICE, request.endpoint or "unknown", request.method, str(response.status_code)
        ).observe(time.perf_counter() - g.began, span.exemplar)
    if span.trace_id:
        span.note("http.request.method", request.method)
        span.note("http.response.status_code", response.status_code)
        span.note("http.request.id", g.get("request_id", ""))
        if response.status_code >= 500:
            span.fail(str(response.status_code))
        response.headers["OTSP-Trace-Id"] = span.trace_id
    if response.status_code >= 500:
        if request.endpoint not in _EXEMPT:
            metrics.HTTP_FAILURES.labels(SERVICE).inc()
        log.get_logger().warning(
            "page_failed",
            service=SERVICE,
            operation=request.endpoint,
            status=response.status_code,
            request_id=g.get("request_id"),
        )
    return response


def _end(error: BaseException | None) -> None:
    metrics.HTTP_IN_FLIGHT.labels(SERVICE).dec()
    span: tracing.Span | None = g.pop("span", None)
    if span is not None:
        span.__exit__(type(error) if error else None, error, None)
