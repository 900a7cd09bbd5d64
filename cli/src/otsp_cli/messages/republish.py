"""`otsp republish`: a service tells again what others keep copies of."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime, time
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.context import Runtime
from otsp_chassis.problems import Unavailable
from otsp_chassis.republish import By, Progress, Source, Wanted, republish
from otsp_cli.messages.desk import NOTHING, CannotDo, Desk, MovingLine, note, operator, put

INTERRUPTED = 130


def republish_service(
    name: str,
    *,
    since: date | None,
    after: str | None,
    is_dry: bool,
    is_json: bool,
    reason: str | None,
) -> int:
    """Source by source, page by page; what is printed last is where to go on."""
    desk = Desk()
    runtime, sources = desk.runtime(name), desk.service(name).republish_sources()
    begin = None if since is None else datetime.combine(since, time.min, clock.SHANGHAI)
    wanted = Wanted(since=begin, is_dry=is_dry)
    for source, part in _from_here_on(sources, wanted, after):
        progress = _run(runtime, source, wanted=part, by=By(operator(), reason))
        if progress is None:
            return INTERRUPTED
        row = {"service": name, "cursor": _cursor(progress), "is_dry": is_dry} | asdict(progress)
        verb = "would be told" if is_dry else "told"
        seen = f"of {progress.seen} {source.name}"
        put(row, is_json=is_json, line=f"{name}: {progress.told} {verb} {seen} ({_types(source)})")
    return NOTHING


def _run(runtime: Runtime, source: Source, *, wanted: Wanted, by: By) -> Progress | None:
    """The progress at the end; None when it was interrupted. What was told stays told."""
    line, progress = ProgressLine(), None
    try:
        for progress in republish(runtime, source, wanted=wanted, by=by):
            line.show(progress)
    except KeyboardInterrupt:
        line.end()
        note(f"interrupted; go on with --after {_cursor(progress)}" if progress else "interrupted")
        return None
    except Unavailable as error:
        line.end()
        where = f"; go on with --after {_cursor(progress)}" if progress else ""
        raise CannotDo(f"the database went away{where}") from error
    line.end()
    return progress


def _from_here_on(
    sources: list[Source], wanted: Wanted, after: str | None
) -> Iterator[tuple[Source, Wanted]]:
    """All sources, or those from the cursor's on; the cursor counts in its own."""
    names = [source.name for source in sources]
    first, key = (names[0], None) if after is None else _read_cursor(after)
    if first not in names:
        raise CannotDo(f"--after: {after} is no cursor of this service ({', '.join(names)})")
    yield sources[names.index(first)], replace(wanted, after=key)
    for source in sources[names.index(first) + 1 :]:
        yield source, wanted


def _cursor(progress: Progress) -> str:
    return f"{progress.source}:{progress.last or ''}"


def _read_cursor(text: str) -> tuple[str, UUID | None]:
    name, _, key = text.partition(":")
    try:
        return name, UUID(key) if key else None
    except ValueError as error:
        raise CannotDo(f"--after: {text} is not what this command prints") from error


def _types(source: Source) -> str:
    return ", ".join(event.TYPE for event in source.events)


class ProgressLine:
    """How far a source is, and where to go on."""

    def __init__(self) -> None:
        self._line = MovingLine()

    def show(self, progress: Progress) -> None:
        share = 100 * progress.seen // progress.total if progress.total else 100
        text = f"{progress.source}: {progress.seen}/{progress.total} {share} %"
        text += f"  --after {_cursor(progress)}" if progress.last else ""
        self._line.show(text)

    def end(self) -> None:
        self._line.end()
