"""Snapshots and receipts: every hash computed anew, every signature verified offline."""

import base64
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from drill.checker.asked import Journal
from drill.checker.found import Finding
from drill.checker.stored import EDITED, OWNERS, Row, Stored

Json = Any
KIND = "otsp-receipt"
WORDED = "decision_text"
"""A leaf of a receipt that is no part of the snapshot."""


def check(journal: Journal, stored: Stored, keys: Mapping[str, Json]) -> Iterator[Finding]:
    parts: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in stored.compliance("parts"):
        parts[row["request_id"]][row["part"]] = row
    seals = {row["request_id"]: row for row in stored.compliance("snapshots")}
    yield from _parts(parts)
    yield from _seals(parts, seals, stored)
    yield from _applications(stored, seals)
    yield from _contents(journal, parts, stored)
    yield from _receipts(stored, seals, _public_keys(keys))


def _parts(parts: Mapping[str, Mapping[str, Row]]) -> Iterator[Finding]:
    for request_id, found in parts.items():
        for part, row in found.items():
            raw = gzip.decompress(row["content"])
            if hashlib.sha256(raw).hexdigest() != row["sha256"]:
                yield Finding("mismatched", "I3", f"{part} of {request_id}: not what its hash says")
            elif canonical(json.loads(raw)) != raw:
                yield Finding("mismatched", "I3", f"{part} of {request_id}: not canonical")


def _seals(
    parts: Mapping[str, Mapping[str, Row]], seals: Mapping[str, Row], stored: Stored
) -> Iterator[Finding]:
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for row in stored.compliance("sections"):
        told[row["request_id"]][row["section"]] = row["sha256"]
    for request_id, seal in seals.items():
        digests = {part: row["sha256"] for part, row in parts[request_id].items()}
        if seal["part_digests"] != digests or digest_of(digests) != seal["sha256"]:
            yield Finding("mismatched", "I3", f"the seal of {request_id} is not over its parts")
        for section in OWNERS:
            if told[request_id].get(section) != digests.get(section):
                what = f"{section} of {request_id}: sealed is another one than was received"
                yield Finding("mismatched", "I3", what)


def _applications(stored: Stored, seals: Mapping[str, Row]) -> Iterator[Finding]:
    """What was judged is sealed, and the application names the seal."""
    for row in stored.compliance("applications"):
        named, seal = row["snapshot_sha256"], seals.get(row["request_id"])
        if named is not None and (seal is None or seal["sha256"] != named):
            what = f"application {row['application_id']} names another seal than its snapshot's"
            yield Finding("mismatched", "I3", what)
        if row["submitted_at"] is not None and named is None:
            what = f"application {row['application_id']} was submitted without a snapshot"
            yield Finding("lost", "I3", what)


def _contents(
    journal: Journal, parts: Mapping[str, Mapping[str, Row]], stored: Stored
) -> Iterator[Finding]:
    """P3: a snapshot shows what its institution was told last before it filed, nothing later."""
    requests = {
        row["application_id"]: row["request_id"] for row in stored.compliance("applications")
    }
    for asked in journal.acknowledged("file"):
        found = parts.get(requests.get(str(asked.told["application_id"]), ""), {})
        for service, marks in asked.facts["shows"].items():
            if service in found:
                shown = _marks_in(service, found[service])
                for object_id, mark in marks.items():
                    if shown.get(object_id) != mark:
                        what = (
                            f"{service} of application {asked.told['application_id']} shows"
                            f" {shown.get(object_id)!r}, told last was {mark!r}"
                        )
                        yield Finding("mismatched", "I3", what)


def _marks_in(service: str, part: Row) -> dict[str, str]:
    _, key, field = EDITED[service]
    rows = json.loads(gzip.decompress(part["content"]))[service]
    return {row[key]: row[field] for row in rows}


def _receipts(
    stored: Stored, seals: Mapping[str, Row], keys: Mapping[str, Ed25519PublicKey]
) -> Iterator[Finding]:
    """I9; and who was told that he has filed, or what was decided, has one for it."""
    receipts = stored.compliance("receipts")
    for row in receipts:
        fault = _fault_of(row, seals, keys)
        if fault is not None:
            yield Finding("mismatched", "I9", f"receipt {row['receipt_no']}: {fault}")
    issued = Counter((row["application_id"], row["kind"]) for row in receipts)
    decided = {row["application_id"] for row in stored.compliance("decisions")}
    for row in stored.compliance("applications"):
        due = {
            "filing": row["submitted_at"] is not None,
            "decision": row["application_id"] in decided,
        }
        for kind, is_due in due.items():
            count = issued[row["application_id"], kind]
            if count != is_due:
                what = f"application {row['application_id']} has {count} receipts of its {kind}"
                yield Finding("duplicated" if count else "lost", "I9", what)


def _fault_of(
    row: Row, seals: Mapping[str, Row], keys: Mapping[str, Ed25519PublicKey]
) -> str | None:
    """Why the receipt does not hold; None when it does."""
    head, body, signature = row["jws"].split(".")
    header, payload = json.loads(_decoded(head)), json.loads(_decoded(body))
    key = keys.get(header.get("kid"))
    if key is None or header.get("alg") not in ("EdDSA", "Ed25519") or header.get("typ") != KIND:
        return "not signed as a receipt is"
    try:
        key.verify(_decoded(signature), f"{head}.{body}".encode())
    except InvalidSignature:
        return "the signature is wrong"
    if payload["receipt_no"] != row["receipt_no"]:
        return "it is another one's"
    seal, shown = seals[row["request_id"]], payload["snapshot"]
    if shown["sha256"] != seal["sha256"] or digest_of(shown["leaves"]) != shown["root"]:
        return "it is not over the sealed snapshot"
    for part, sha256 in seal["part_digests"].items():
        leaf = {"part": part, "salt": row["salts"].get(part), "sha256": sha256}
        if shown["leaves"].get(part) != digest_of(leaf):
            return f"the leaf of {part} is wrong"
    return None if shown["leaves"].keys() - {WORDED} == seal["part_digests"].keys() else "leaves"


def _public_keys(document: Mapping[str, Json]) -> dict[str, Ed25519PublicKey]:
    return {
        key["kid"]: Ed25519PublicKey.from_public_bytes(_decoded(key["x"]))
        for key in document["keys"]
    }


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def canonical(document: Json) -> bytes:
    """RFC 8785 for what is sealed here: texts, whole numbers, truths, nulls, plain names."""
    told = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return told.encode()


def digest_of(document: Json) -> str:
    return hashlib.sha256(canonical(document)).hexdigest()
