"""`otsp dead-letters`: look at what was given up, and give it another chance."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from otsp_chassis.bus.dead_queue import DeadMessage, DeadQueue
from otsp_chassis.context import activate, operation_by
from otsp_chassis.dead_letters import (
    PAGE,
    DeadLetter,
    Selection,
    digest_of,
    headers_of,
    list_letters,
    note_redriven,
    open_letter,
    redrive,
    showable,
)
from otsp_cli.messages.desk import (
    NOTHING,
    REFUSED,
    SOME,
    CannotDo,
    Desk,
    at,
    note,
    operator,
    put,
)
from otsp_contracts.envelope import PAYLOAD_CLASSES


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted; no limit: all of it."""

    cursor: str | None
    limit: int | None


def show_list(names: Sequence[str], window: Window, *, is_json: bool) -> int:
    """One line a letter, service by service, the oldest first."""
    if window.cursor is not None and len(names) != 1:
        raise CannotDo("--cursor continues the list of one service: name it")
    desk = Desk()
    found = sum(_list_one(desk, name, window, is_json=is_json) for name in names)
    return SOME if found else NOTHING


def show_broker_list(names: Sequence[str], *, is_json: bool) -> int:
    """The broker's queue, of all services when none is named. Nothing leaves it."""
    found = 0
    with _dead_queue(Desk().amqp_url) as queue:
        for message in queue.messages():
            if names and message.service not in names:
                continue
            found += 1
            row = _told(message)
            put(
                row,
                is_json=is_json,
                line=f"{row['event_id'] or '(unreadable)'}  {row['type'] or '–'}"
                f"  queue={row['queue']}  {row['reason']}  died={row['died_at']}"
                f"  size={row['size']}  sha256={row['sha256']}",
            )
    return SOME if found else NOTHING


def show_one(event_id: UUID, names: Sequence[str], *, is_json: bool, with_broker: bool) -> int:
    """Wherever it is dead; an event that several services gave up is told once for each."""
    desk = Desk()
    found = 0
    for name in names:
        payloads = desk.service(name).heard_payloads()
        opened = open_letter(desk.runtime(name), event_id, payloads)
        if opened is not None:
            found += 1
            told = {"service": name} | asdict(opened)
            put(told, is_json=is_json, line=_page(told))
    if with_broker:
        found += _show_at_broker(desk, event_id, is_json=is_json)
    if not found:
        note(f"otsp dead-letters: {event_id} is dead in none of {', '.join(names)}")
    return NOTHING if found else REFUSED


def redrive_inbox(name: str, chosen: Selection, *, reason: str) -> int:
    runtime = Desk().runtime(name)
    count = redrive(runtime, chosen, operator=operator(), reason=reason)
    return _answered(name, chosen, count)


def redrive_broker(name: str, chosen: Selection, *, reason: str) -> int:
    """Back to the service's own queue, each message at most once a command."""
    desk = Desk()
    runtime, types = desk.runtime(name), desk.service(name).heard_types()
    with _dead_queue(desk.amqp_url) as queue:
        told = queue.redrive(_chosen_by(chosen), queue=f"{name}.events.q1", types=types)
    if told.done:
        with activate(runtime, operation_by(operator(), "dead-letters:redrive")):
            note_redriven(chosen, told.done, reason=reason, source="broker")
    if told.unfit:
        note(f"{name}: {told.unfit} left: its consumer cannot read them and would drop them again")
    if told.refused:
        raise CannotDo(f"{told.refused} left: {name}.events.q1 is not there; start its worker")
    return _answered(name, chosen, told.done)


def _answered(name: str, chosen: Selection, count: int) -> int:
    """Naming one event that is not dead is a mistake; that none of many is left is not."""
    print(f"{name}: {count} redriven")
    return REFUSED if chosen.event_id is not None and not count else NOTHING


def _list_one(desk: Desk, name: str, window: Window, *, is_json: bool) -> int:
    cursor, found = window.cursor, 0
    while True:
        left = PAGE if window.limit is None else min(PAGE, window.limit - found)
        page = list_letters(desk.runtime(name), cursor=cursor, limit=left)
        for letter in page.items:
            put({"service": name} | asdict(letter), is_json=is_json, line=_line(name, letter))
        found, cursor = found + len(page.items), page.next
        if cursor is None:
            return found
        if found == window.limit:
            note(f"{name}: there are more; go on with --cursor {cursor}")
            return found


def _line(name: str, letter: DeadLetter) -> str:
    return (
        f"{letter.event_id}  {name}  {letter.type}  subject={letter.subject}"
        f"  attempts={letter.attempts}  since={at(letter.received_at)}  {letter.last_reason}"
    )


def _page(told: dict[str, Any]) -> str:
    """A block of `name: value` lines, the parts one below the other."""
    letter, rest = told.get("letter", {}), {k: v for k, v in told.items() if k != "letter"}
    lines = []
    for name, value in (letter | rest).items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {key}: {each}" for key, each in value.items())]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join([*lines, ""])


def _show_at_broker(desk: Desk, event_id: UUID, *, is_json: bool) -> int:
    found = 0
    with _dead_queue(desk.amqp_url) as queue:
        for message in queue.messages():
            envelope = message.envelope
            if envelope is None or envelope.id != event_id:
                continue
            found += 1
            payload = showable(envelope, PAYLOAD_CLASSES.get(envelope.type))
            told = _told(message) | {"headers": headers_of(envelope), "payload": payload}
            put(told, is_json=is_json, line=_page(told))
    return found


def _told(message: DeadMessage) -> dict[str, Any]:
    """Of a message that cannot be read nothing is known that might be shown."""
    envelope = message.envelope
    return {
        "event_id": envelope.id if envelope else None,
        "type": envelope.type if envelope else None,
        "queue": message.queue,
        "reason": message.reason,
        "died_at": message.died_at,
        **digest_of(message.body),
    }


def _chosen_by(chosen: Selection) -> Callable[[DeadMessage], bool]:
    def is_chosen(message: DeadMessage) -> bool:
        if chosen.event_id is None and chosen.type is None:
            return True
        envelope = message.envelope
        return envelope is not None and (
            envelope.id == chosen.event_id or envelope.type == chosen.type
        )

    return is_chosen


def _dead_queue(url: str) -> AbstractContextManager[DeadQueue]:
    from otsp_chassis.bus.rabbit import dead_queue  # noqa: PLC0415 - only with a broker

    return dead_queue(url)
