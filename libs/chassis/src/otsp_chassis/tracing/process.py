"""Tracing of one process: on when its environment names a collector, off otherwise."""

from otsp_chassis.settings import SharedSettings
from otsp_chassis.tracing import spans


def begin(settings: SharedSettings) -> None:
    """Once a process has forked for the last time: recording has a thread of its own."""
    if settings.otlp_endpoint is None or spans.is_recording():
        return
    from otsp_chassis.tracing.exporting import OtlpRecorder  # noqa: PLC0415 - 60 ms, 14 MB

    spans.record_with(
        OtlpRecorder(
            settings.otlp_endpoint, ratio=settings.trace_sample_ratio, environment=settings.env
        )
    )


def end() -> None:
    """Send what waits, for a few seconds at most; nothing is recorded afterwards."""
    recorder = spans.record_with(None)
    if recorder is not None:
        recorder.close()
