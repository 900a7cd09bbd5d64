"""The events as documents: a JSON Schema per type and one table of all of them.

`docs/events/` and `docs/events.md` are written from here; a test compares them with the code.
"""

import json
from pathlib import Path
from typing import Any

from otsp_contracts.envelope import PAYLOAD_CLASSES
from otsp_contracts.payload import Payload


def schema_of(payload: type[Payload]) -> dict[str, Any]:
    """What a reader may rely on: members that every sender of this version has are required."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:otsp:event:{payload.TYPE}",
        **payload.model_json_schema(mode="validation"),
    }


def schema_files() -> dict[str, str]:
    """File name to text, for every event type, in order and stable from run to run."""
    return {
        f"{event_type}.json": json.dumps(
            schema_of(payload), ensure_ascii=False, indent=2, sort_keys=True
        )
        + "\n"
        for event_type, payload in sorted(PAYLOAD_CLASSES.items())
    }


def export(directory: Path) -> None:
    """Makes `directory` hold exactly the schemas: files of types that are gone are deleted."""
    directory.mkdir(parents=True, exist_ok=True)
    files = schema_files()
    for stale in directory.glob("*.json"):
        if stale.name not in files:
            stale.unlink()
    for name, text in files.items():
        (directory / name).write_text(text, "utf-8")


def events_table() -> str:
    """All events as a Markdown table; optional members are in brackets."""
    rows = [
        "| event | is about | says | members |",
        "|---|---|---|---|",
    ]
    for event_type, payload in sorted(PAYLOAD_CLASSES.items()):
        rows.append(
            f"| [`{event_type}`](events/{event_type}.json) | `{payload.SUBJECT}`"
            f" | {_first_line(payload)} | {_members(payload)} |"
        )
    return "\n".join(rows) + "\n"


def events_page() -> str:
    """The text of `docs/events.md`."""
    return f"{_PAGE_HEAD}\n{events_table()}"


def _first_line(payload: type[Payload]) -> str:
    return (payload.__doc__ or "").strip().partition("\n")[0]


def _members(payload: type[Payload]) -> str:
    return ", ".join(
        name if field.is_required() else f"[{name}]" for name, field in payload.model_fields.items()
    )


_PAGE_HEAD = """# Events

Written by `./dev export-docs` from `otsp_contracts`; do not edit.

A service publishes events of its own name only. Each is a CloudEvents 1.0 message in structured
JSON mode: the attributes outside (`id` is the same on every retry, `correlationid`, `causationid`
and `traceparent` are extensions), the members below inside `data`. Within a version members are
only added, and added ones are optional (in brackets). A change of state carries `version`,
`actor`, `from_state` and `to_state`; a reader ignores a version older than the one it has. No
personal data travel beyond ids; a section says of class-3 data only what a rule must know.

`*.snapshot_provided.v1` carries a section of `otsp_contracts.snapshots`. Its `sha256` is over the
section's canonical JSON (RFC 8785) as it was sent.
"""
