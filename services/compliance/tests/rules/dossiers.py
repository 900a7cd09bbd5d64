"""Dossiers (the sample data) as snapshots, and small changes to them. Pure; tests only.

Production derives sections in the services that own the data; this is a second, shorter way that
fills in what a dossier leaves out and the table of required fields asks for.
"""

from decimal import Decimal
from pathlib import Path

import chinese_calendar
import yaml

from otsp_compliance.rules.catalogue import catalogue
from otsp_compliance.rules.engine import evaluate
from otsp_compliance.rules.parameters import resolve
from otsp_contracts.snapshots import Snapshot
from otsp_contracts.values import is_cnid

SAMPLES = Path(__file__).parents[4] / "docs" / "samples.yaml"

REQUIRED_DOCUMENTS = (
    "charter",
    "rules_staff",
    "rules_material",
    "rules_finance",
    "rules_safety",
    "fee_refund_policy",
    "commitment",
    "service_agreement",
    "complaint_link_shot",
    "pi_rules",
)

WHERE = {
    "institution": "institution/institution",
    "licence": "institution/licence",
    "certificates": "institution/certificates",
    "party": "institution/party",
    "funds": "institution/funds",
    "other_docs": "institution/other_docs",
    "staff": "staff/staff",
    "materials": "materials/materials",
    "sites": "courses/sites",
    "systems": "courses/systems",
    "courses": "courses/courses",
}


class StatutoryCalendar:
    """The published rest days; knows 2004 to 2026."""

    def covers(self, day):
        return 2004 <= day.year <= 2026

    def is_rest_day(self, day):
        return chinese_calendar.is_holiday(day)


def snapshots():
    """The sample dossiers as snapshots, as plain data, by the name of the sample."""
    dossiers = yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))
    return {dossier["sample"]: as_snapshot(dossier) for dossier in dossiers}


def as_snapshot(dossier):
    """One dossier as the JSON of a snapshot."""
    snapshot = {
        "as_of": dossier["as_of"],
        "region": _region(dossier["region"]),
        "rectifications": dossier["rectifications"],
        "institution": _institution(dossier),
        "staff": {"staff": [_person(person) for person in dossier["staff"]]},
        "materials": {"materials": [_material(one) for one in dossier["materials"]]},
        "courses": {
            "sites": [_site(site) for site in dossier["sites"]],
            "systems": [_system(system) for system in dossier["systems"]],
            "courses": [_course(course) for course in dossier["courses"]],
        },
    }
    return Snapshot.model_validate(snapshot).model_dump(mode="json")


def changed(snapshot, changes):
    """The snapshot with other values at places such as "staff/T1/hired_on" or "party".

    A step in a list is the id of a row or its number; a value that is a function gets the old one.
    "warnings/staff" are the field warnings of that section.
    """
    document = Snapshot.model_validate(snapshot).model_dump(mode="json")
    for place, value in changes.items():
        *steps, last = _path(place)
        row = document
        for step in steps:
            row = row[_key(row, step)]
        key = _key(row, last)
        row[key] = value(row[key]) if callable(value) else value
    return Snapshot.model_validate(document)


def judged(snapshot, as_of=None, exceptions=None):
    """The evaluation of a snapshot by the whole catalogue and its region's parameters."""
    return evaluate(
        snapshot,
        as_of=as_of or snapshot.as_of,
        parameters=resolve(snapshot.region),
        calendar=StatutoryCalendar(),
        catalogue=catalogue(),
        exceptions=exceptions or {},
    )


def offenders(evaluation, rule_id):
    """The objects that break a rule; None when it is kept, "unjudged" when data are lacking."""
    for finding in evaluation.findings:
        if finding.rule_id == rule_id:
            return set(finding.object_ids)
    lacking = [one.required for one in evaluation.apart if one.rule_id == "CMP-000"]
    return "unjudged" if any({"rule_id": rule_id} in places for places in lacking) else None


def _path(place):
    first, _, rest = place.partition("/")
    if first == "warnings":
        return [rest, "field_warnings"]
    return [*WHERE.get(first, first).split("/"), *filter(None, rest.split("/"))]


def _key(row, step):
    if isinstance(row, dict):
        return step
    ids = [
        next((one[name] for name in one if name.endswith("_id") and one[name] == step), None)
        for one in row
    ]
    return ids.index(step) if step in ids else int(step)


def _region(region):
    return {
        "code": region["code"],
        "school_hours": region["school_hours"],
        "vacations": region["vacations"],
        "price_cap_fen": region["price_cap_fen"],
        "price_float_bp": int(Decimal(str(region["price_float"])) * 10_000),
        "min_area_centi_m2": {
            kind: int(Decimal(str(area)) * 100) for kind, area in region["min_area_m2"].items()
        },
    }


def _institution(dossier):
    institution, legal_rep = dossier["institution"], dossier["institution"]["legal_rep"]
    return {
        "institution": {
            "institution_id": dossier["sample"],
            "registered_address": "示例路1号",
            "office_address": "示例路1号",
            "founded_on": "2017-01-01",
            "start_fund_fen": 30_000_000,
            "principal_name": legal_rep["name"],
            **institution,
            "legal_rep": {"id_type": "cnid", **_identity(legal_rep)},
        },
        "licence": {
            "address_on_licence": "示例路1号",
            "principal_on_licence": legal_rep["name"],
            "issuer_name": "示例教育局",
            "issued_on": dossier["licence"]["valid_from"],
            "status": "valid",
            **dossier["licence"],
        },
        "certificates": [
            {
                "certificate_id": "C1",
                "is_primary": True,
                "cert_no": "示例0001",
                "registrar": "示例登记机关",
                "legal_rep_on_cert": legal_rep["name"],
                "issued_on": "2017-01-01",
                "valid_from": "2017-01-01",
                **dossier["certificate"],
            }
        ],
        "party": {"org_name": "示例支部", "secretary_in_board": True, "charter_has_party": True}
        | dossier["party"],
        "other_docs": [
            {"doc_id": f"d-{kind}", "doc_type": kind, "file_id": f"f-{kind}"}
            for kind in REQUIRED_DOCUMENTS
        ],
        "funds": _funds(dossier),
    }


def _funds(dossier):
    funds = dossier["funds"]
    fee = {"name": "培训费", "payment_plan": "once", "publicized_on": "2024-09-01"}
    supervision = {
        "bank_name": "示例银行",
        "balance_fen": 100,
        "unspent_lessons_fen": 100,
        "release_rule": "per_lesson",
        "as_of": dossier["as_of"],
    }
    return {
        "supervision": supervision | funds["supervision"],
        "basic_account": {"account_type": "basic", "bank_name": "示例银行"}
        | funds["basic_account"],
        "contract": {"template_year": 2021} | funds["contract"],
        "fee_items": [fee | one for one in funds["fee_items"]],
        "audit_reports": [{"year": funds["audit_latest_year"], "file_id": "f-audit"}],
    }


def _identity(person):
    number = person.get("id_no")
    return person | {
        "id_valid": None if number is None else is_cnid(number),
        "id_hmac": None if number is None else f"{abs(hash(number)):x}",
    }


def _person(person):
    return {
        "id_type": "cnid",
        "work_permit_held": bool(person.get("work_permit_no")),
        "teach_subjects": [qual["subject"] for qual in person["quals"]] or ["none"],
        "teach_stages": ["primary"],
    } | _identity(person)


def _material(material):
    return {"version_no": 1, "kind": "handout", "origin": "self"} | material


def _site(site):
    area = int(Decimal(str(site["teaching_area_m2"])) * 100)
    return {
        "name": "示例办学点",
        "address": "示例路1号",
        "building_area_centi_m2": area,
        "teaching_area_centi_m2": area,
        "tenure": "lease",
        "status": "open",
    } | site


def _system(system):
    return {"kind": "web", "mlps_tested_on": "2024-06-01"} | system


def _course(course):
    classes = [{"name": "示例班", "status": "planned"} | one for one in course["classes"]]
    return {"status": "ready"} | course | {"classes": classes}
