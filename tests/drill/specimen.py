"""A small world in which everything is right, for the checker to find faults in once it is spoilt.

One institution has filed, been returned, edited a person and filed again; what it was told and
what the databases hold fit together.
"""

import base64
import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from drill.checker import asked, auditing
from drill.checker.sealing import KIND, canonical, digest_of
from drill.checker.stored import OWNERS, Stored

BEGUN = 1_700_000_000.0
INSTITUTION, PERSON = "institution-1", "person-1"
FIRST, SECOND = "application-1", "application-2"
CASES = {FIRST: "case-1", SECOND: "case-2"}
REQUESTS = {FIRST: "request-1", SECOND: "request-2"}
MARKS = {FIRST: "示例", SECOND: "示例一"}
BINDINGS = {"compliance.snapshot_requested.v1": frozenset(OWNERS)}
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def keys():
    public = _KEY.public_key().public_bytes_raw()
    return {"keys": [{"kid": "k1", "kty": "OKP", "crv": "Ed25519", "x": encoded(public)}]}


def lines():
    """The journal; a filing's first attempt was not answered."""
    told = [
        *_asked("file-1", "file", 202, {"application_id": FIRST}, shows={}),
        *_asked("return-1", "return", 200, {"state": "decided"}, case_id=CASES[FIRST],
                application_id=FIRST),
        *_asked("edit-0", "edit_staff", 423, {}, object_id=PERSON, field="name", value="示例零"),
        *_asked("edit-1", "edit_staff", 200, {"version": 2}, object_id=PERSON, field="name",
                value=MARKS[SECOND]),
        *_asked("file-2", "file", 202, {"application_id": SECOND},
                shows={"staff": {PERSON: MARKS[SECOND]}}),
    ]  # fmt: skip
    unknown = {"event": "unknown", "key": "drill-file-2", "attempt": 1, "why": "nothing", "t": 8.0}
    told[-1:-1] = [unknown, {"event": "sent", "key": "drill-file-2", "attempt": 2, "t": 9.0}]
    numbered = [{"t": float(number)} | line for number, line in enumerate(told, 1)]
    return [{"t": 0.0, "event": "begun", "at": BEGUN, "keys": "drill-"}, *numbered]


def journal(changed=None):
    return asked.digest(changed or lines())


def _asked(key, do, status, told, **facts):
    key = f"drill-{key}"
    intended = {"event": "intended", "key": key, "do": do, "institution_id": INSTITUTION} | facts
    answered = {"event": "answered", "key": key, "attempt": 1, "status": status}
    return [
        intended,
        {"event": "sent", "key": key, "attempt": 1},
        answered | ({"told": told} if status < 300 else {"problem": "locked"}),
    ]


def world():
    """Rows by service and name, as the checker reads them; to be changed at will."""
    found = {service: _service(service) for service in ("auth", *OWNERS, "compliance")}
    found["staff"]["changes"] = [
        {"object_id": PERSON, "version": 2, "operation": "otsp_staff.api.people.replace_staff",
         "fields": [{"pointer": "/name", "before": MARKS[FIRST], "after": MARKS[SECOND]}]}
    ]  # fmt: skip
    found["staff"]["edited"] = [{"object_id": PERSON, "value": MARKS[SECOND], "version": 2}]
    found["staff"]["keys"] = [_kept("edit-1", 200)]
    found["compliance"] |= _compliance()
    return found


def stored(rows):
    return Stored(rows)


def _service(service):
    rows = {name: [] for name in ("trail", "inbox", "outbox", "audit", "keys")}
    if service in OWNERS:
        rows |= {"changes": [], "edited": []}
        rows["locks"] = [{"institution_id": INSTITUTION, "application_id": SECOND,
                          "scopes": [service]}]  # fmt: skip
        rows["inbox"] = [
            {"event_id": f"event-{number}", "type": "compliance.snapshot_requested.v1",
             "subject": INSTITUTION, "state": "done", "attempts": 1,
             "received_at": _moment(number) + timedelta(milliseconds=50)}
            for number in (1, 2)
        ]  # fmt: skip
    return rows


def _compliance():
    states = {FIRST: "returned", SECOND: "submitted"}
    return {
        "trail": [
            {"sequence": number, "event_id": f"event-{number}", "subject": INSTITUTION,
             "type": "compliance.snapshot_requested.v1", "at": _moment(number)}
            for number in (1, 2)
        ],
        "audit": [
            _audited("file_application", "application", FIRST),
            _audited("decide_case", "review_case", CASES[FIRST]),
            _audited("file_application", "application", SECOND),
        ],
        **_sealed(),
        "keys": [_kept("file-1", 202), _kept("return-1", 200), _kept("file-2", 202)],
        "applications": [
            {"application_id": each, "institution_id": INSTITUTION, "state": states[each],
             "request_id": REQUESTS[each], "submitted_at": _moment(1),
             "snapshot_sha256": digest_of(_digests(each))}
            for each in (FIRST, SECOND)
        ],
        "cases": [
            {"case_id": CASES[each], "subject_id": each, "decision": None,
             "state": "open" if each == SECOND else "decided"}
            for each in (FIRST, SECOND)
        ],
        "gatherings": [
            {"request_id": REQUESTS[each], "application_id": each, "state": "judged",
             "missing_sections": [], "ended_at": BEGUN + 20}
            for each in (FIRST, SECOND)
        ],
        "sections": [
            {"request_id": REQUESTS[each], "section": part, "sha256": sha256}
            for each in (FIRST, SECOND)
            for part, sha256 in _digests(each).items()
        ],
        "parts": [
            {"request_id": REQUESTS[each], "part": part, "sha256": digest_of(content),
             "content": gzip.compress(canonical(content))}
            for each in (FIRST, SECOND)
            for part, content in _parts(each).items()
        ],
        "snapshots": [
            {"request_id": REQUESTS[each], "sha256": digest_of(_digests(each)),
             "part_digests": _digests(each)}
            for each in (FIRST, SECOND)
        ],
        "receipts": [
            _receipt("receipt-1", "filing", FIRST), _receipt("receipt-2", "decision", FIRST),
            _receipt("receipt-3", "filing", SECOND),
        ],
        "decisions": [{"decision_id": "decision-1", "application_id": FIRST}],
    }  # fmt: skip


def _parts(application):
    people = [{"staff_id": PERSON, "name": MARKS[application]}]
    return {section: {section: people if section == "staff" else []} for section in OWNERS}


def _digests(application):
    return {part: digest_of(content) for part, content in _parts(application).items()}


def _receipt(number, kind, application):
    salts = {part: f"salt of {part}" for part in OWNERS}
    digests = _digests(application)
    leaves = {
        part: digest_of({"part": part, "salt": salts[part], "sha256": digests[part]})
        for part in OWNERS
    }
    snapshot = {"sha256": digest_of(digests), "root": digest_of(leaves), "leaves": leaves}
    payload = {"receipt_no": number, "kind": kind, "snapshot": snapshot}
    return {
        "receipt_no": number, "kind": kind, "application_id": application, "salts": salts,
        "request_id": REQUESTS[application], "jws": signed(payload),
    }  # fmt: skip


def signed(payload, kind=KIND):
    header = {"alg": "EdDSA", "kid": "k1", "typ": kind}
    told = ".".join(encoded(json.dumps(each).encode()) for each in (header, payload))
    return f"{told}.{encoded(_KEY.sign(told.encode()))}"


def encoded(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _sealed():
    entries = [
        {"sequence": number, "at": _moment(number), "action": f"compliance.x{number}",
         "before_sha256": None, "after_sha256": bytes(32), "pii_fields": []}
        for number in (1, 2)
    ]  # fmt: skip
    link, seals = hashlib.sha256(b"otsp audit trail of compliance").digest(), []
    for position, entry in enumerate(entries, 1):
        seal = {"entry_sequence": entry["sequence"], "entry_sha256": auditing.digest_of(entry)}
        link = auditing.link_after(link, position, seal)
        seals.append(seal | {"chain_sha256": link})
    return {"trail_of_audit": entries, "seals": seals}


def _kept(key, status):
    return {"key": f"drill-{key}", "operation": "…", "status": status}


def _audited(operation, object_type, object_id):
    return {"operation": f"otsp_compliance.api.x.{operation}", "action": "compliance.x",
            "object_type": object_type, "object_id": object_id, "request_id": "r"}  # fmt: skip


def _moment(seconds):
    return datetime.fromtimestamp(BEGUN + seconds, UTC)
