"""Filing, self-checking, and the one JSON object that a dossier comes to."""

import time
from collections.abc import Mapping
from datetime import date
from typing import Any

from otsp_cli.dossier.gateway import Session, wait_for

Json = Any
APPLICATIONS = "/api/compliance/v1/applications"
SELF_CHECKS = "/api/compliance/v1/self-checks"
SETTLED = frozenset(
    {"precheck_failed", "gather_failed", "submitted", "in_review", "awaiting_acknowledgement"}
)
WAIT_SECONDS = 90.0


def submit(session: Session, institution_id: str) -> tuple[Json, float]:
    """File an initial application, acknowledge every warning (D19), and wait for its result.

    Gives the application and the milliseconds from the request to the result.
    """
    begun = time.monotonic()
    body = {
        "institution_id": institution_id,
        "kind": "initial",
        "acknowledged_warnings": [],
        "exceptions": [],
    }
    path = f"{APPLICATIONS}/{session.post(APPLICATIONS, body)['application_id']}"
    found = _settled(session, path)
    elapsed = time.monotonic() - begun
    if found["state"] == "awaiting_acknowledgement":
        session.post(f"{path}/acknowledgements", {"rule_ids": found["to_acknowledge"]})
        found = _settled(session, path)
    return found, elapsed * 1000


def self_check(
    session: Session, institution_id: str, *, as_of: date | None, closing: Json = None
) -> tuple[Json, float]:
    """The same rules without lock or filing, as of any day; or those of closing."""
    begun = time.monotonic()
    body = {"institution_id": institution_id, "as_of": as_of.isoformat() if as_of else None}
    if closing is not None:
        body["closing"] = closing
    path = f"{SELF_CHECKS}/{session.post(SELF_CHECKS, body)['self_check_id']}"
    found = wait_for(
        lambda: session.get(path),
        lambda seen: seen["state"] != "gathering",
        seconds=WAIT_SECONDS,
    )
    return found, (time.monotonic() - begun) * 1000


def outcome(
    sample: str, found: Json, elapsed_ms: float, *, references: Mapping[str, str]
) -> dict[str, Json]:
    """What is printed of one dossier; objects carry the dossier's own names."""
    findings = [
        _told(finding, references)
        for group in ("blocking", "warnings", "excused", "data")
        for finding in found["findings"][group]
    ]
    return {
        "sample": sample,
        "application_id": found.get("application_id"),
        "state": found["state"],
        "blocking": found["blocking"],
        "warnings": found["warnings"],
        "findings": findings,
        "routed_steps": [
            {"authority": step["authority"], "purpose": step["purpose"]}
            for step in found["routed_steps"]
        ],
        "elapsed_ms": round(elapsed_ms),
    }


def _settled(session: Session, path: str) -> Json:
    return wait_for(
        lambda: session.get(path), lambda seen: seen["state"] in SETTLED, seconds=WAIT_SECONDS
    )


def _told(finding: Json, references: Mapping[str, str]) -> dict[str, Json]:
    return {
        "rule_id": finding["rule_id"],
        "severity": finding["severity"],
        "object_ids": [references.get(each, each) for each in finding["object_ids"]],
        "message_zh": finding["message_zh"],
        "basis": "；".join(finding["basis"]),
    }
