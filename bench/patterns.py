"""What the nation's institutions are made of: one dossier a kind, entered through the API.

Each is registered, filled in, filed, and approved by two people as on any platform; its rows are
taken three times: while its case is open, after it withdrew (`ready` to file), after the approval
of what it filed anew. In a row's text a mark stands for what
is another in every copy (bench/marks.py).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from bench.distribution import TEACHERS_FIRST
from bench.marks import Marker
from bench.median import median_document
from bench.names import cnid_of, uscc_of
from otsp_auth.bootstrap import ensure_national_admin
from otsp_cli.dossier.gateway import Gateway
from otsp_cli.dossier.run import Entered, Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_contracts.snapshots.dossier import DossierErrors, parse_dossiers
from otsp_local.console import StepFailed
from otsp_testkit import PlatformKit

Document = dict[str, Any]
Row = dict[str, Any]
REGION = "330106"
APPLICATIONS, CASES = "/api/compliance/v1/applications", "/api/compliance/v1/cases"
PATTERN_NUMBER = 99_000_000
"""Of the first pattern's invented numbers: beyond those of any copy."""
_OF_A_CASE: LiteralString = (
    "case_id IN (SELECT case_id FROM review_case"
    " WHERE institution_id = %s AND kind <> 'external_review')"
)
_WHERE: Mapping[str, LiteralString] = {
    "case_step": _OF_A_CASE,
    "case_clock": _OF_A_CASE,
    "review_case": "institution_id = %s AND kind <> 'external_review'",
    "case_ref": "institution_id = %s AND kind <> 'external_review'",
    "rectification_move": (
        "rectification_id IN (SELECT rectification_id FROM rectification WHERE institution_id = %s)"
    ),
}


@dataclass(frozen=True, slots=True)
class Spread:
    """A table that is made: rows of a pattern in order, and how many of them an institution has.

    `count` is what of a drawn institution says so; without it each row comes once. `with_copy`
    are the tables whose ids are another in each copy of the pattern.
    """

    service: str
    table: str
    order: str = "institution_id"
    count: str | None = None
    with_copy: tuple[str, ...] = ()


COUNTED = ("institution", "staff", "materials", "courses")
"""Services that tell counters of an institution."""
_LIKE_MATERIALS = ("material", "attachment")
SPREADS = (
    Spread("auth", "institution_ref"),
    Spread("auth", "account"),
    Spread("institution", "institution"),
    *(
        Spread("institution", table)
        for table in (
            "attachment", "audit_report", "basic_account", "case_ref", "certificate",
            "counters_told", "courses_counters_ref", "funds_statement", "other_doc", "party",
            "public_picture_ref", "rectification_ref", "review_lock", "review_seat",
            "school_licence", "section_count", "service_contract", "staff_counters_ref",
            "supervision",
        )
    ),
    Spread("institution", "fee_item", "fee_item_id", "fee_items", ("fee_item",)),
    *(
        Spread("staff", table)
        for table in (
            "attachment", "case_ref", "counters_told", "institution_ref", "public_picture_ref",
            "review_lock", "section_version",
        )
    ),
    Spread("staff", "staff", "staff_id", "staff", ("staff",)),
    Spread("staff", "class_ref", "class_id", "classes", ("class", "staff")),
    *(
        Spread("materials", table)
        for table in (
            "case_ref", "counters_told", "institution_ref", "review_lock", "section_version",
        )
    ),
    Spread("materials", "attachment", "file_id", "materials", ("attachment",)),
    Spread("materials", "material", "material_id", "materials", _LIKE_MATERIALS),
    *(
        Spread("courses", table)
        for table in (
            "attachment", "case_ref", "counters_told", "institution_ref", "rectification_ref",
            "review_lock", "section_count",
        )
    ),
    Spread("courses", "site", "site_id", "sites", ("site",)),
    Spread("courses", "staff_ref", "staff_id", "staff", ("staff",)),
    Spread("courses", "material_ref", "material_id", "materials", ("material",)),
    Spread("courses", "fee_item_ref", "fee_item_id", "fee_items", ("fee_item",)),
    Spread("courses", "course", "course_id", "courses", ("course", "material")),
    Spread("courses", "class", "class_id", "classes", ("class", "course", "staff")),
    *(
        Spread("compliance", table)
        for table in (
            "institution_ref", "application", "review_case", "case_step", "case_clock",
            "rectification", "rectification_step", "rectification_move", "register_entry",
            "public_pictures", "institution_counters_ref", "staff_counters_ref",
            "materials_counters_ref", "courses_counters_ref",
        )
    ),
)  # fmt: skip
NOT_MADE = {
    "auth": ("login_session", "notification", "delivery"),
    "*": ("audit_entry", "audit_seal", "change", "counter_mark", "idempotency_key", "inbox"),
    "institution": ("filed_change",),
    "compliance": (
        "gathering", "gathered_section", "snapshot", "snapshot_part", "finding", "decision",
        "receipt", "log_entry", "case_assignment",
    ),
}  # fmt: skip
"""What only its own institution can have: sealed, signed, chained, or of one request."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind in one state: its rows' marked texts, a list for every spread."""

    kind: str
    state: str
    institution_prefix: str
    rows: Mapping[tuple[str, str], Sequence[str]]


def document_of(kind: str, position: int) -> Document:
    """Four teachers, one author, two materials of each copy are what the classes name."""
    document: Document = median_document()
    first, institution = PATTERN_NUMBER + position * 1_000, document["institution"]
    people = [institution["legal_rep"], *document["staff"]]
    own = {person["id_no"]: cnid_of(first + place) for place, person in enumerate(people)}
    document = _with_others(document, own | {institution["uscc"]: uscc_of(first)})
    document["sample"] = kind
    for place, course in enumerate(document["courses"]):
        course["material_ids"] = [f"B{place % 2}"]
        for held, each in enumerate(course["classes"]):
            day = 1 + 2 * (place // TEACHERS_FIRST) + held
            each["teacher_ids"] = [f"T{place % TEACHERS_FIRST}"]
            each["slots"] = [each["slots"][0] | {"weekday": day}]
    for material in document["materials"]:
        material["authors"][0]["staff_id"] = "R0"
    return document if kind == "subject" else _nonsubject(document)


def _with_others(part: Any, others: Mapping[str, str]) -> Any:  # noqa: ANN401 - any part of it
    if isinstance(part, dict):
        return {name: _with_others(value, others) for name, value in part.items()}
    if isinstance(part, list):
        return [_with_others(value, others) for value in part]
    return others.get(part, part) if isinstance(part, str) else part


def _nonsubject(document: Document) -> Document:
    document["institution"] |= {"categories": ["nonsubject"], "nonsubject_types": ["culture_arts"]}
    document["licence"] |= {
        "scope_categories": ["nonsubject"],
        "scope_subject_codes": ["fine_arts"],
    }
    document["rectifications"] = []
    document["institution"].pop("migrated_from", None)
    for material in document["materials"]:
        material["category"] = "nonsubject"
    for course in document["courses"]:
        course |= {"category": "nonsubject", "subject_code": "fine_arts"}
    return document


def enter_patterns(platform: PlatformKit, folder: Path, kinds: Iterable[str]) -> list[Pattern]:
    """Three of each kind: with an open case, ready to file, approved."""
    account = ("national-admin", f"Aa1-{secrets.token_urlsafe(12)}")
    accounts = Accounts(folder / "accounts.json")
    ensure_national_admin(*account, runtime=platform.kits["auth"].runtime)
    accounts.keep("national_admin", username=account[0], password=account[1])
    patterns = []
    with platform.http() as http:
        for position, kind in enumerate(kinds):
            with platform.working():
                gateway = Gateway(http)
                supervision = Supervision(gateway, accounts)
                loader = Loader(
                    gateway, supervision, options=Options(is_self_check=False), say=lambda _: None
                )
                [result] = loader.results(_parsed(document_of(kind, position)))
            platform.settle()
            if result["state"] != "submitted":
                raise StepFailed(f"The pattern of {kind} was not submitted: {result}")
            entered = loader.entered[kind]
            patterns.append(_pattern(platform, entered, kind=kind, state="open"))
            _withdraw(platform, entered, result["application_id"])
            patterns.append(_pattern(platform, entered, kind=kind, state="ready"))
            again = _file_again(platform, entered)
            _approve(platform, supervision, entered, application_id=again)
            patterns.append(_pattern(platform, entered, kind=kind, state="approved"))
    return patterns


def _parsed(document: Document) -> list[Any]:
    [dossier] = parse_dossiers([document])
    if isinstance(dossier, DossierErrors):
        raise TypeError(dossier.errors)
    return [dossier]


def _withdraw(platform: PlatformKit, entered: Entered, application_id: str) -> None:
    entered.account.session.post(f"{APPLICATIONS}/{application_id}/withdrawal", None)
    platform.settle()


def _file_again(platform: PlatformKit, entered: Entered) -> str:
    session = entered.account.session
    body = {"institution_id": entered.account.institution_id, "kind": "initial"}
    path = f"{APPLICATIONS}/{session.post(APPLICATIONS, body)['application_id']}"
    platform.settle()
    seen = session.get(path)
    if seen["state"] == "awaiting_acknowledgement":
        session.post(f"{path}/acknowledgements", {"rule_ids": seen["to_acknowledge"]})
        platform.settle()
        seen = session.get(path)
    if seen["state"] != "submitted":
        raise StepFailed(f"The pattern was not submitted again: {seen}")
    return str(seen["application_id"])


def _approve(
    platform: PlatformKit, supervision: Supervision, entered: Entered, *, application_id: str
) -> None:
    seen = entered.account.session.get(f"{APPLICATIONS}/{application_id}")
    case = f"{CASES}/{seen['case_id']}"
    office = supervision.office("education", "county", REGION)
    supervision.as_role(office, "reviewer").post(f"{case}/acceptance", {})
    platform.settle()
    decision = {"decision": "approve", "reason": None, "warnings_read": seen["warnings"]}
    told = supervision.as_role(office, "region_admin").post(f"{case}/decisions", decision)
    platform.settle()
    if told["state"] == "open":
        raise StepFailed(f"The pattern was not approved: {told}")


def _pattern(platform: PlatformKit, entered: Entered, *, kind: str, state: str) -> Pattern:
    institution_id = entered.account.institution_id
    for name in COUNTED:
        platform.kits[name].run_job("tell_counters")
    platform.settle()
    found = {
        (spread.service, spread.table): _rows(
            platform.kits[spread.service].owner_url, spread, institution_id
        )
        for spread in SPREADS
    }
    order = [person["staff_id"] for person in found["staff", "staff"]]
    found["courses", "staff_ref"].sort(key=lambda row: order.index(row["staff_id"]))
    marker = Marker(found, _strangers(platform))
    marked = {
        (spread.service, spread.table): [
            marker.marked(spread.table, row, with_copy=spread.with_copy)
            for row in found[spread.service, spread.table]
        ]
        for spread in SPREADS
    }
    return Pattern(kind, state, marker.institution_prefix, marked)


def _strangers(platform: PlatformKit) -> dict[str, str]:
    """Authorities and their people; a mark for the authority of the patterns' county."""
    with psycopg.connect(platform.kits["auth"].owner_url) as connection:
        told = {
            str(account_id): ""
            for (account_id,) in connection.execute(
                "SELECT account_id FROM account WHERE institution_id IS NULL"
            )
        }
        for authority_id, place in connection.execute(
            "SELECT authority_id, region_code || department FROM authority"
        ):
            told[str(authority_id)] = "~A~" if place == f"{REGION}education" else ""
    return told


def _rows(url: str, spread: Spread, institution_id: str) -> list[Row]:
    select = SQL("SELECT row_to_json(t) FROM {} t WHERE {}").format(
        Identifier(spread.table), SQL(_WHERE.get(spread.table, "institution_id = %s"))
    )
    with psycopg.connect(url) as connection:
        rows = [row for (row,) in connection.execute(select, (institution_id,))]
    return sorted(rows, key=lambda row: _place(spread, row))


def _place(spread: Spread, row: Row) -> tuple[int, str]:
    """Teachers first, then whoever else the other rows name; the others as they were entered."""
    names = [*(f"示例T{number}" for number in range(TEACHERS_FIRST)), "示例R0"]
    known = row.get("name") if spread.table == "staff" else None
    first = names.index(known) if known in names else len(names)
    return first, str(row.get(spread.order, ""))
