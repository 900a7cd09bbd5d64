"""Recording with OpenTelemetry: sampled by parents, sent in batches by OTLP over HTTP.

A collector that is away, slow or full costs spans, never a request: whoever ends a span only
lays it down, and what finds no room, or is not taken, is counted and gone.
"""

import logging
import re
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, ClassVar, Final

import orjson
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from otsp_chassis import metrics
from otsp_chassis.outage import Outage
from otsp_chassis.tracing import spans, sql
from otsp_chassis.tracing.spans import NOTHING, Kind, Span, Value

QUEUE = 4_096
"""Spans that may wait; some 2 KB each."""
BATCH = 512
EVERY_SECONDS = 2.0
PATIENCE_SECONDS = 5.0
"""With the collector: for one batch, retries included, and for all that waits when the process
ends. The last batch may have begun just before, so that an end takes twice as long at most.
"""
MOST_STATEMENTS = 64
"""Below one span; a job that walks through a province would else be a trace that nobody opens."""

_LIMITS: Final = SpanLimits(max_span_attributes=32, max_span_attribute_length=200)
_KINDS: Final = {
    "server": trace.SpanKind.SERVER,
    "client": trace.SpanKind.CLIENT,
    "consumer": trace.SpanKind.CONSUMER,
    "producer": trace.SpanKind.PRODUCER,
    "internal": trace.SpanKind.INTERNAL,
}
_SUMMARY: Final = re.compile(
    r"\s*(\w+)(?:(?:(?<=UPDATE)|.*?\b(?:FROM|INTO|TABLE))\s+(?:ONLY\s+)?\"?(\w+))?",
    re.DOTALL | re.IGNORECASE,
)


class RecordedSpan(Span):
    """A span of OpenTelemetry's, sampled or not: either way what follows belongs to its trace."""

    __slots__ = ("_failed", "_ids", "_span", "_statements", "_tracer", "is_sampled")
    is_recording: ClassVar[bool] = True

    def __init__(self, span: trace.Span, tracer: trace.Tracer, *, learns: bool = True) -> None:
        """`learns` ids: a job is about many things and is not found by the first of them."""
        told = span.get_span_context()
        super().__init__(
            trace.format_trace_id(told.trace_id),
            trace.format_span_id(told.span_id),
            f"{int(told.trace_flags) & 1:02x}",
        )
        self._span = span
        self._tracer = tracer
        self._statements = 0
        self._ids: dict[str, str] | None = {} if learns else None
        self._failed = False
        self.is_sampled = span.is_recording()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, traceback)
        if error is not None:
            self.fail(error)
        if self._statements:
            self.note("otsp.statements", self._statements)
        self._span.end()

    @property
    def exemplar(self) -> dict[str, str] | None:
        return {"trace_id": self.trace_id} if self.is_sampled else None

    def log_keys(self) -> dict[str, str]:
        return {"trace_id": self.trace_id, "span_id": self.span_id}

    def note(self, name: str, value: Value) -> None:
        self._span.set_attribute(name, value)

    def note_ids(self, named: Mapping[str, Any]) -> None:
        if not self.is_sampled or self._ids is None:
            return
        for name, value in spans.ids_in(named):
            if self._ids.setdefault(name, value) is value:
                self.note(name, value)

    def fail(self, why: str | BaseException) -> None:
        if not self._failed:
            self._failed = True
            kind = why if isinstance(why, str) else why.__class__.__name__
            self.note("error.type", kind)
            self._span.set_status(trace.StatusCode.ERROR)

    def child(self, name: str, *, kind: Kind) -> Span:
        if not self.is_sampled:
            return NOTHING
        span = self._tracer.start_span(
            name, trace.set_span_in_context(self._span, Context()), kind=_KINDS[kind]
        )
        return RecordedSpan(span, self._tracer)

    def statement(self, sql: str) -> Span:
        if not self.is_sampled:
            return NOTHING
        self._statements += 1
        if self._statements > MOST_STATEMENTS:
            return NOTHING
        child = self.child(summary_of(sql), kind="client")
        child.note("db.system.name", "postgresql")
        return child


@lru_cache(1_024)
def summary_of(sql: str) -> str:
    """What it does and to which table first; never its values."""
    found = _SUMMARY.match(sql)
    return " ".join(part for part in found.groups() if part) if found else "SQL"


class OtlpRecorder:
    """Records for every service of this process; one queue and one thread for all of them."""

    def __init__(
        self,
        endpoint: str,
        *,
        ratio: float,
        environment: str,
        queue: int = QUEUE,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # an Outage tells instead
        self._patience = patience
        room = threading.Semaphore(queue)
        self._exporter = _Told(f"{endpoint.rstrip('/')}/v1/traces", room, patience=patience)
        self._processor = _Bounded(self._exporter, room)
        self._sampler = ParentBased(TraceIdRatioBased(ratio))
        self._environment = environment
        self._tracers: dict[str, trace.Tracer] = {}
        sql.listen()

    def begin(self, service: str, name: str, *, kind: Kind, parent: Span | None) -> Span:
        tracer = self._tracer(service)
        span = tracer.start_span(name, _context(parent), kind=_KINDS[kind])
        return RecordedSpan(span, tracer, learns=kind != "internal")

    def relayed(self, service: str, envelopes: Iterable[bytes]) -> None:
        """From the publishing to the broker's word, so that a wait in the outbox is seen."""
        now, tracer = time.time_ns(), self._tracer(service)
        for raw in envelopes:
            told = orjson.loads(raw)
            parent = spans.span_of(told.get("traceparent"))
            if parent is None or not int(parent.flags, 16) & 1:
                continue
            began = int(datetime.fromisoformat(told["time"]).timestamp() * 1e9)
            span = tracer.start_span(
                f"publish {told['type']}",
                _context(parent),
                kind=_KINDS["producer"],
                start_time=min(began, now),
            )
            span.set_attribute("messaging.message.id", told["id"])
            span.set_attributes(dict(spans.ids_in(told["data"])))
            span.end(now)

    def close(self) -> None:
        """Whoever waits for a collector that is gone is not kept waiting with it."""
        sql.unlisten()
        impatience = threading.Timer(self._patience, self._exporter.shutdown)
        impatience.daemon = True
        impatience.start()
        self._processor.shutdown()  # type: ignore[no-untyped-call]  # the library's
        impatience.cancel()

    def _tracer(self, service: str) -> trace.Tracer:
        if service not in self._tracers:
            resource = Resource.create(
                {
                    "service.name": service,
                    "service.namespace": "otsp",
                    "deployment.environment.name": self._environment,
                }
            )
            provider = TracerProvider(
                self._sampler, resource, shutdown_on_exit=False, span_limits=_LIMITS
            )
            provider.add_span_processor(self._processor)
            self._tracers[service] = provider.get_tracer("otsp_chassis")
        return self._tracers[service]


class _Bounded(BatchSpanProcessor):
    """The library's own queue drops the oldest without a word to anybody who counts."""

    def __init__(self, exporter: "_Told", room: threading.Semaphore) -> None:
        super().__init__(
            exporter,
            max_queue_size=QUEUE,
            schedule_delay_millis=EVERY_SECONDS * 1_000,
            max_export_batch_size=BATCH,
        )
        self._room = room

    def on_end(self, span: ReadableSpan) -> None:
        if self._room.acquire(blocking=False):
            super().on_end(span)
        else:
            metrics.SPANS_DROPPED.labels("queue").inc()


class _Told(SpanExporter):
    """The library's exporter, and what it comes to: counted, and told once an outage."""

    def __init__(self, endpoint: str, room: threading.Semaphore, *, patience: float) -> None:
        self._exporter = OTLPSpanExporter(endpoint, timeout=patience)
        self._room = room
        self._outage = Outage("spans_not_taken", "spans_taken_again", collector=endpoint)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        finally:
            self._room.release(len(spans))
        if result is SpanExportResult.SUCCESS:
            self._outage.is_over()
        else:
            metrics.SPANS_DROPPED.labels("export").inc(len(spans))
            self._outage.lasts()
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the library's


def _context(parent: Span | None) -> Context:
    """Never the ambient one: a door's parent is what it brought along."""
    if parent is None:
        return Context()
    told = trace.SpanContext(
        int(parent.trace_id, 16),
        int(parent.span_id, 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(int(parent.flags, 16)),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(told), Context())
