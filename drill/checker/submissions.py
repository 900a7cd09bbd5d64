"""Submissions, withdrawals and decisions: what was told against what stands."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from drill.checker.asked import Asked, Journal
from drill.checker.found import Finding
from drill.checker.stored import OWNERS, Row, Stored

GATHERING = frozenset({"locking", "gathering", "evaluating"})
FINAL = frozenset({"precheck_failed", "gather_failed", "approved", "returned", "rejected",
                   "withdrawn", "lapsed", "deregistered"})  # fmt: skip
REVIEWED = frozenset({"submitted", "in_review"})
LEADS_TO = {"withdraw": "withdrawn", "return": "returned", "reject": "rejected",
            "approve": "approved"}  # fmt: skip
OPERATION = {"file": "file_application", "withdraw": "withdraw_application",
             "accept": "accept_case", "return": "decide_case", "reject": "decide_case",
             "approve": "decide_case"}  # fmt: skip
BESIDES = frozenset({"compliance.case_claimed"})
"""Who takes a step up holds the case from then on, which is an entry of its own."""


def check(journal: Journal, stored: Stored) -> Iterator[Finding]:
    applications = {row["application_id"]: row for row in stored.compliance("applications")}
    yield from _filings(journal, applications)
    yield from _uninvited(journal, applications)
    yield from _open_ones(applications)
    yield from _ends(journal, applications)
    yield from _failed(applications, stored)
    yield from _cases(applications, stored)
    yield from _locks(applications, stored)
    yield from _audited(journal, stored)
    yield from _keys(journal, stored)


def _filings(journal: Journal, applications: dict[str, Row]) -> Iterator[Finding]:
    """I1, I2: each acknowledged one stands, once, and its gathering has come to an end."""
    told: Counter[str] = Counter()
    for asked in journal.acknowledged("file"):
        application_id = str(asked.told["application_id"])
        told[application_id] += 1
        row = applications.get(application_id)
        if row is None:
            yield Finding("lost", "I1", f"application {application_id} was acknowledged")
        elif row["institution_id"] != asked.facts["institution_id"]:
            yield Finding("mismatched", "I1", f"application {application_id} is somebody else's")
        elif row["state"] in GATHERING:
            yield Finding("stuck", "I1", f"application {application_id} is {row['state']}")
    for application_id, count in told.items():
        if count > 1:
            yield Finding("duplicated", "I2", f"{count} keys were told {application_id}")


def _uninvited(journal: Journal, applications: dict[str, Row]) -> Iterator[Finding]:
    """I2, I11: no application that nobody was told of; what is unknown for good may have made
    one, and one only.
    """
    told = {str(asked.told["application_id"]) for asked in journal.acknowledged("file")}
    never_told = Counter(
        asked.facts["institution_id"]
        for asked in journal.commands
        if asked.do == "file" and asked.status is None
    )
    for application_id, row in applications.items():
        institution = row["institution_id"]
        if institution not in journal.institutions or application_id in told:
            continue
        if never_told[institution] > 0:
            never_told[institution] -= 1
        else:
            what = f"application {application_id} was made for nobody who was told"
            yield Finding("duplicated", "I2", what)


def _open_ones(applications: dict[str, Row]) -> Iterator[Finding]:
    opened = Counter(
        row["institution_id"] for row in applications.values() if row["state"] not in FINAL
    )
    for institution, count in opened.items():
        if count > 1:
            yield Finding("duplicated", "I2", f"{institution} has {count} open applications")


def _ends(journal: Journal, applications: dict[str, Row]) -> Iterator[Finding]:
    """What was taken back or decided, and told so, is."""
    for asked in journal.acknowledged(*LEADS_TO):
        application_id = asked.facts["application_id"]
        row = applications.get(application_id)
        state = "missing" if row is None else row["state"]
        if state != LEADS_TO[asked.do]:
            yield Finding("lost", "I1", f"{asked.do} of {application_id}: it is {state}")


def _failed(applications: dict[str, Row], stored: Stored) -> Iterator[Finding]:
    """A gathering that failed says which part did not come."""
    for row in stored.compliance("gatherings"):
        state = applications.get(row["application_id"], {}).get("state")
        if state == "gather_failed" and not row["missing_sections"]:
            what = f"application {row['application_id']} failed and does not say what is missing"
            yield Finding("mismatched", "I1", what)


def _cases(applications: dict[str, Row], stored: Stored) -> Iterator[Finding]:
    """A case lies open exactly as long as its application is under review."""
    cases = defaultdict(list)
    for case in stored.compliance("cases"):
        cases[case["subject_id"]].append(case["state"])
    for application_id, row in applications.items():
        states = cases[application_id]
        is_due = row["state"] in REVIEWED
        if states.count("open") != is_due:
            what = f"application {application_id} is {row['state']}, its cases are {states}"
            yield Finding("mismatched", "I1", what)
        if len(states) > 1:
            yield Finding(
                "duplicated", "I2", f"application {application_id} has {len(states)} cases"
            )


def _locks(applications: dict[str, Row], stored: Stored) -> Iterator[Finding]:
    """I6: every owner holds a lock for an application under review, and for no other."""
    due = {
        row["institution_id"]: application_id
        for application_id, row in applications.items()
        if row["state"] in REVIEWED
    }
    for service in OWNERS:
        held = {
            row["institution_id"]: row["application_id"]
            for row in stored.of(service, "locks")
            if row["scopes"]
        }
        for institution in held.keys() - due.keys():
            what = f"{service} holds {institution} for {held[institution]}, which is over"
            yield Finding("stuck", "I6", what)
        for institution in due.keys() - held.keys():
            what = f"{service} holds no lock for {due[institution]}, which is under review"
            yield Finding("lost", "I6", what)
        for institution in held.keys() & due.keys():
            if held[institution] != due[institution]:
                what = f"{service} holds {institution} for another application"
                yield Finding("mismatched", "I6", what)


def _audited(journal: Journal, stored: Stored) -> Iterator[Finding]:
    """I10: one entry for each acknowledged command on an application or a case."""
    entries = Counter(
        (row["operation"].rpartition(".")[2], str(row["object_id"]))
        for row in stored.compliance("audit")
        if row["object_type"] in ("application", "review_case") and row["action"] not in BESIDES
    )
    for asked in journal.acknowledged(*OPERATION):
        count = entries[OPERATION[asked.do], _object_of(asked)]
        if count != 1:
            what = f"{asked.do} of {_object_of(asked)} has {count} audit entries"
            yield Finding("lost" if count == 0 else "duplicated", "I10", what)


def _object_of(asked: Asked) -> str:
    if asked.do == "file":
        return str(asked.told["application_id"])
    is_case = asked.do in ("accept", "return", "reject", "approve")
    return str(asked.facts["case_id" if is_case else "application_id"])


def _keys(journal: Journal, stored: Stored) -> Iterator[Finding]:
    """I11: a key is kept exactly when its command was acknowledged, with the answer's status."""
    kept: dict[str, list[int]] = defaultdict(list)
    for _, row in stored.everywhere("keys"):
        if row["key"].startswith(journal.keys):
            kept[row["key"]].append(row["status"])
    for asked in journal.commands:
        statuses = kept.pop(asked.key, [])
        if len(statuses) > 1:
            yield Finding(
                "duplicated", "I2", f"{asked.do} {asked.key} was done {len(statuses)} times"
            )
        elif asked.is_acknowledged and statuses != [asked.status]:
            what = f"{asked.do} {asked.key} was answered {asked.status}, kept is {statuses}"
            yield Finding("mismatched" if statuses else "lost", "I11", what)
        elif asked.status is not None and not asked.is_acknowledged and statuses:
            what = f"{asked.do} {asked.key} was refused ({asked.status}) and is done all the same"
            yield Finding("mismatched", "I11", what)
    for key in kept:
        yield Finding("mismatched", "I5", f"key {key} is kept and nobody asked with it")
