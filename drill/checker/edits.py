"""Edits between filings: each acknowledged one is there once, refused ones are not."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from drill.checker.asked import Asked, Journal
from drill.checker.found import Finding
from drill.checker.stored import EDITED, Row, Stored


def check(journal: Journal, stored: Stored) -> Iterator[Finding]:
    for service in EDITED:
        asked: dict[str, list[Asked]] = defaultdict(list)
        for each in journal.commands:
            if each.do == f"edit_{service}":
                asked[each.facts["object_id"]].append(each)
        changes: dict[str, list[Row]] = defaultdict(list)
        for row in stored.of(service, "changes"):
            changes[row["object_id"]].append(row)
        edited = {row["object_id"]: row for row in stored.of(service, "edited")}
        for object_id, all_asked in asked.items():
            yield from _object(all_asked, changes[object_id], edited.get(object_id))


def _object(asked: list[Asked], changes: list[Row], stored: Row | None) -> Iterator[Finding]:
    name = f"{asked[0].do} of {asked[0].facts['object_id']}"
    if stored is None:
        yield Finding("lost", "I1", f"{name}: it is gone")
        return
    acknowledged = [each for each in asked if each.is_acknowledged]
    values = Counter(_value(each, asked[0].facts["field"]) for each in changes)
    for each in acknowledged:
        count = values.pop(each.facts["value"], 0)
        if count != 1:
            what = f"{name}: {each.facts['value']!r} stands {count} times in its history"
            yield Finding("lost" if count == 0 else "duplicated", "I2", what)
    never_told = {each.facts["value"] for each in asked if each.status is None}
    for value in values.keys() - never_told - {None}:
        yield Finding("mismatched", "I5", f"{name}: {value!r} was refused, or asked by nobody")
    last = acknowledged[-1].facts["value"] if acknowledged else None
    if last is not None and stored["value"] != last and stored["value"] not in never_told:
        what = f"{name}: it says {stored['value']!r}, told last was {last!r}"
        yield Finding("lost", "I1", what)
    versions = [each.told["version"] for each in acknowledged]
    if sorted(set(versions)) != versions:
        yield Finding("out_of_order", "I4", f"{name}: told versions are {versions}")


def _value(change: Row, field: str) -> str | None:
    found = [each["after"] for each in change["fields"] if each["pointer"] == f"/{field}"]
    return found[0] if found else None
