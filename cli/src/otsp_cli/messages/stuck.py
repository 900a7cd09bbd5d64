"""`otsp stuck`: what should have moved and has not, one line each with what to do."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from otsp_chassis.stuck import HeldLock, Stuck, find_stuck, held_locks, over_among
from otsp_cli.messages.desk import NOTHING, SOME, Desk, at, put


def show_stuck(names: Sequence[str], *, older: timedelta, is_json: bool) -> int:
    """Exit code 1 when there is any."""
    desk, count = Desk(), 0
    for name in names:
        service = desk.service(name)
        found = find_stuck(desk.runtime(name), service.watch(), service.jobs(), older=older)
        count += _tell(name, found, is_json=is_json)
    locks = {name: held_locks(desk.runtime(name), older=older) for name in names}
    for name, found in _orphans(desk, locks):
        count += _tell(name, found, is_json=is_json)
    return SOME if count else NOTHING


def _orphans(desk: Desk, locks: dict[str, list[HeldLock]]) -> Iterator[tuple[str, list[Stuck]]]:
    """Locks whose application is over; all old ones when nobody asked knows applications."""
    ids = sorted({lock.application_id for held in locks.values() for lock in held})
    over = None
    for name in locks if ids else ():
        told = over_among(desk.runtime(name), desk.service(name).watch(), ids)
        over = told if over is None else over
    for name, held in locks.items():
        yield name, [_lock(each) for each in held if over is None or each.application_id in over]


def _lock(lock: HeldLock) -> Stuck:
    return Stuck(
        "review_lock",
        f"institution {lock.institution_id} is locked for application {lock.application_id}",
        lock.set_at,
        "where that application is over: otsp republish compliance",
    )


def _tell(name: str, found: Sequence[Stuck], *, is_json: bool) -> int:
    for each in found:
        row = {
            "service": name,
            "kind": each.kind,
            "what": each.what,
            "since": each.since,
            "advice": each.advice,
        }
        line = f"{name}  {each.kind}  {each.what}  since={at(each.since)}  → {each.advice}"
        put(row, is_json=is_json, line=line)
    return len(found)
