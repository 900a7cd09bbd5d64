"""Tracing: what one click brings about, from the portal to the last event, as one trace.

`spans` says where in a trace the code runs and is all that the doors know; `process` turns
recording on; `exporting` and `sql` alone know OpenTelemetry and are not even imported while it is
off. Nothing here ever holds what people typed: names are of code, values are ids and codes.
"""

from otsp_chassis.tracing.process import begin, end
from otsp_chassis.tracing.spans import (
    HEADER,
    NOTHING,
    Span,
    current,
    door,
    log_keys,
    relayed,
    step,
    traceparent,
)

__all__ = [
    "HEADER",
    "NOTHING",
    "Span",
    "begin",
    "current",
    "door",
    "end",
    "log_keys",
    "relayed",
    "step",
    "traceparent",
]
