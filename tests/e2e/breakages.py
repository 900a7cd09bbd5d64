"""From the case tables of the rules to dossiers that break them, and what must be found of each.

Pure: what is expected comes of the case tables and of the rules in process, never of a platform.
One dossier breaks several rules where their cases neither touch the same place nor hide one
another; a rule is shown by the first broken case that its table has. Tests only.
"""

import copy
import importlib.util
import json
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from otsp_compliance.rules.catalogue import catalogue, closing_catalogue
from otsp_compliance.rules.closing import Closing
from otsp_compliance.rules.completeness import UNJUDGEABLE
from otsp_compliance.rules.engine import judge
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.parameters import resolve
from otsp_contracts.snapshots import Snapshot
from otsp_contracts.values import cnid_check_digit, uscc_check_digit
from otsp_contracts.values.identity import organisation_check_digit

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "services" / "compliance" / "tests" / "rules"
HOME = {"A": "330106", "B": "110108", "C": "510107"}
COUNTIES = ("330109", "330110", "330111", "330105", "330102")
"""A dossier that changes its county's configuration moves to a county of its own."""


def _table(name):
    path = TABLES / name
    spec = importlib.util.spec_from_file_location(f"tables_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_pure = _table("dossiers.py")
_closing = _table("cases/closing.py")

CLOSING = "closing/"
NOBODYS_FEE = "F9"
"""What the tables call a fee item that is none."""
DAY = "2024-10-15"
REFUSED_SERIAL = 900
CLASS = "courses/K1/classes/K1-1"
OWN_CASES = (
    # CMP has no table: it judges the data, not the institution.
    ("CMP-000", "A", {"courses/K1/homework": None}, {"K1"}),
    ("CMP-001", "A", {"sites/S1/tenure": None}, {"S1"}),
    ("CMP-002", "A", {"region/school_hours": {"senior": ["07:40", "18:00"]}}, {"K1-1", "K2-1"}),
    (
        "CMP-003",
        "A",
        {
            f"{CLASS}/end_on": "2027-01-05",
            "licence/valid_to": "2027-12-31",
            "sites/S1/lease_to": "2027-12-31",
        },
        {"K1-1"},
    ),
    # A task is open when an authority has set it; overdue it becomes by night.
    ("LIC-017", "A", {"rectifications/0/status": "open"}, {"for_profit_to_nonprofit"}),
)
REFUSED = {
    # V-05: online teaching has a system for its host, offline teaching a site.
    "/delivery": ("C", "courses/K1/delivery", "online_live", "/courses/0/host_id", "wrong_host"),
}
"""What the tables change and the gateway does not take: a case of it, and where it says no."""
NEVER_SO = ("/external_review",)
"""What a section always has: its owner keeps the record of each material's external review."""
DOUBTS = {
    # The code of another county: its owner doubts it (V-11).
    "LIC-005": {"warnings/institution": [{"code": "v_11", "pointer": "/uscc"}]},
    # The certificate's number tells another stage than the one that is now beside it (V-09).
    "STF-016": {
        "warnings/staff": [{"code": "v_09", "object_id": "T1", "pointer": "/quals/0/cert_no"}]
    },
}
"""What the owners of the data say besides, for the cases that give them reason to."""


@dataclass(frozen=True)
class Case:
    """A rule, the changes of a sample that break it, and the objects that it then names.

    A place below "closing" is what an institution types that wants to close.
    """

    rule_id: str
    sample: str
    changes: dict[str, Any]
    expected: frozenset[str]
    as_of: date

    @property
    def is_of_county(self):
        return any(place.startswith("region/") for place in self.changes)

    @property
    def is_of_closing(self):
        return self.rule_id.startswith("DER-")

    @property
    def kind(self):
        """Only cases of one kind can stand in one dossier."""
        return self.sample, self.as_of, self.is_of_county, self.is_of_closing

    def touches(self, other):
        return any(
            f"{one}/".startswith(f"{two}/") or f"{two}/".startswith(f"{one}/")
            for one in self.changes
            for two in other.changes
        )

    def is_shown_by(self, findings):
        return any(
            rule_id == self.rule_id and objects == self.expected for rule_id, objects in findings
        )


@dataclass
class Breakage:
    """One dossier: a sample with the changes of some cases."""

    serial: int
    cases: list[Case] = field(default_factory=list)

    def __str__(self):
        return "+".join(case.rule_id for case in self.cases)

    @property
    def sample(self):
        return self.cases[0].sample

    @property
    def as_of(self):
        return self.cases[0].as_of

    @property
    def is_of_closing(self):
        return self.cases[0].is_of_closing

    @property
    def changes(self):
        changes = dict(_CLOSED) if self.is_of_closing else {}
        for case in self.cases:
            changes |= case.changes
        return changes

    @property
    def county(self):
        if self.cases[0].is_of_county:
            return COUNTIES[self.serial % len(COUNTIES)]
        return HOME[self.sample]

    @cached_property
    def dossier(self):
        """As a person types it, in a county and with numbers of its own."""
        document = copy.deepcopy(SAMPLES[self.sample])
        if self.is_of_closing:
            document["closing"] = {}
        for place, value in self.changes.items():
            _enter(document, place, value)
        document["sample"] = f"{self.sample}-{self.serial}"
        document["as_of"] = self.as_of.isoformat()
        return self._renumbered(document)

    def expected(self):
        """The evaluation by the rules in process."""
        doubts = {
            place: told
            for case in self.cases
            for place, told in DOUBTS.get(case.rule_id, {}).items()
        }
        typed, filed = _apart(self.changes | doubts)
        snapshot = _pure.changed(_SNAPSHOTS[self.sample], filed)
        document = self._renumbered(snapshot.model_dump(mode="json"))
        snapshot = Snapshot.model_validate(document)
        if not self.is_of_closing:
            return _pure.judged(snapshot, self.as_of)
        facts = Facts(
            snapshot,
            as_of=self.as_of,
            parameters=resolve(snapshot.region),
            calendar=_pure.StatutoryCalendar(),
            closing=Closing(**typed),
        )
        return judge(facts, closing_catalogue())

    def admits(self, case, at_most):
        """Whether the case may join: each of them must then still be found as in its table."""
        if len(self.cases) >= at_most or case.kind != self.cases[0].kind:
            return False
        if any(case.touches(other) for other in self.cases):
            return False
        together = Breakage(self.serial, [*self.cases, case])
        findings = told(together.expected())
        return all(one.is_shown_by(findings) for one in together.cases)

    def _renumbered(self, document):
        text = json.dumps(document, ensure_ascii=False, default=str)
        text = text.replace(HOME[self.sample], self.county)
        return json.loads(_with_own_numbers(text, self.serial))


def told(evaluation):
    """Rule ids with the objects that they name."""
    return [(one.rule_id, frozenset(one.object_ids)) for one in evaluation.findings]


def chosen_cases():
    """One for each rule of the catalogue that has a broken case."""
    rows = [*OWN_CASES]
    for path in sorted((TABLES / "cases").glob("*.py")):
        if path.stem != "closing":
            rows += _table(f"cases/{path.name}").CASES
    for rule_id, changes, typed, expected in _closing.CASES:
        rows.append((rule_id, "A", changes | _below_closing(typed), expected))
    chosen = {}
    for rule_id, sample, changes, expected, *day in rows:
        if isinstance(expected, set) and rule_id not in chosen and _can_be_typed(changes):
            as_of = date.fromisoformat(day[0] if day else SAMPLES[sample]["as_of"])
            chosen[rule_id] = Case(rule_id, sample, changes, frozenset(expected), as_of)
    return [chosen[rule_id] for rule_id in sorted(chosen)]


def _below_closing(typed):
    return {f"{CLOSING}{name}": value for name, value in typed.items()}


def _apart(changes):
    """What is typed in order to close, and what stands in the file."""
    typed = {
        place.removeprefix(CLOSING): value
        for place, value in changes.items()
        if place.startswith(CLOSING)
    }
    filed = {place: value for place, value in changes.items() if not place.startswith(CLOSING)}
    return typed, filed


def _can_be_typed(changes):
    return not any(place.endswith(one) for place in changes for one in (*REFUSED, *NEVER_SO))


def breakages(cases, at_most):
    """The cases in as few dossiers as take them without one case's hiding another."""
    made: list[Breakage] = []
    for case in cases:
        taker = next((one for one in made if one.admits(case, at_most)), None)
        if taker is None:
            taker = Breakage(serial=len(made) + 1)
            made.append(taker)
        taker.cases.append(case)
    return made


RULE_IDS = sorted(
    {
        UNJUDGEABLE.id,
        *(one.head.id for each in (catalogue(), closing_catalogue()) for one in each.rules),
    }
)
_CLOSED = _closing.EMPTIED | _below_closing(_closing.SETTLED)
"""Sample A when nothing keeps it from closing."""


def refused_dossier(sample, place, value):
    """A sample with a change that is not taken."""
    case = Case("", sample, {place: value}, frozenset(), date.fromisoformat(DAY))
    return Breakage(REFUSED_SERIAL, [case]).dossier


# --- what the tables call by a section's names, and dossiers by their own ---------------------

_HUNDREDTHS = {
    "teaching_area_centi_m2": "teaching_area_m2",
    "building_area_centi_m2": "building_area_m2",
    "min_building_area_centi_m2": "min_building_area_m2",
}
_FOREIGN_NUMBER = "E1234567"
_LEFT = {"status": "departed", "departed_on": "2024-09-30", "depart_reason": "other"}
"""Whoever is no longer in the section has left: courses and materials still name him."""


def _enter(document, place, value):
    """Write one change of a section into the dossier, as whoever types it would."""
    steps = place.split("/")
    if steps[:2] == ["certificates", "0"]:
        steps = ["certificate", *steps[2:]]
    elif steps[:3] == ["funds", "audit_reports", "0"]:
        steps = ["funds", "audit_latest_year"]
    if steps == ["staff"]:
        value = [person | _LEFT for person in document["staff"]] + value
    *way, last = steps
    row = document
    for step in way:
        row = row[_pure._key(row, step)]
    if last == "id_valid":
        row |= {"id_type": "passport", "id_no": _FOREIGN_NUMBER}
    elif last == "work_permit_held":
        row["work_permit_no"] = "33000000099999" if value else None
    elif last in _HUNDREDTHS:
        row[_HUNDREDTHS[last]] = None if value is None else value / 100
    else:
        row[_pure._key(row, last)] = copy.deepcopy(value)


# --- many institutions of three samples -------------------------------------------------------

_USCC = re.compile(r"\b[159][12]\d{6}M[AJ]FAKE[0-9A-Z]{4}\b")
_CNID = re.compile(r"\b\d{17}[\dX]\b")
_PASSPORT = re.compile(r"\bX0000001\b")
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _with_own_numbers(text, serial):
    """Other institutions and other people, otherwise the same."""

    def uscc(found):
        high, low = divmod(serial, len(_LETTERS))
        first_16 = f"{found[0][:14]}{_LETTERS[high]}{_LETTERS[low]}"
        first_17 = first_16 + organisation_check_digit(first_16[8:])
        return first_17 + uscc_check_digit(first_17)

    def citizen(found):
        first_17 = f"{found[0][:2]}{serial:04d}{found[0][6:17]}"
        return first_17 + cnid_check_digit(first_17)

    return _PASSPORT.sub(f"X1{serial:06d}", _USCC.sub(uscc, _CNID.sub(citizen, text)))


def _samples():
    """With what the command would complete otherwise than the tables do."""
    documents = yaml.safe_load((ROOT / "docs" / "samples.yaml").read_text(encoding="utf-8"))
    for document in documents:
        for site in document["sites"]:
            site["building_area_m2"] = site["teaching_area_m2"]
        for material in document["materials"]:
            material["used_from"] = "2020-09-01"
        for course in document["courses"]:
            course["status"] = "ready"
            for each in course["classes"]:
                each["status"] = "planned"
    return json.loads(json.dumps({one["sample"]: one for one in documents}, default=str))


SAMPLES = _samples()
_SNAPSHOTS = _pure.snapshots()
