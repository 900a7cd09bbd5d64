"""What belongs to the supervising side in a dossier, done through that side's own operations.

Authorities that the county lacks are created as the national administrator, with a region
administrator and a reviewer each (decision D35). What they are called and how they log in is
kept in the accounts file, so that the next dossier of the same county finds them.
"""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from otsp_cli.dossier.gateway import Gateway, NotInTime, Session, wait_for
from otsp_contracts import regions
from otsp_contracts.snapshots.dossier import DossierRegion, DossierRouting

Json = Any
LEVELS = ("province", "city", "county")
DIGITS = {"province": 2, "city": 4, "county": 6}
SECTOR = {"sports": "sports", "culture_arts": "culture_tourism", "science_tech": "science_tech"}
TITLES = {
    "education": "教育局",
    "sports": "体育局",
    "culture_tourism": "文化和旅游局",
    "science_tech": "科学技术局",
}
CASE_SECONDS = 60.0
EPOCH = "2021-09-01"
"""From when on a dossier's county configuration counts: before any of its sessions."""
BASIS = "示例：由档案的地区部分设定"


class Accounts:
    """Usernames and passwords of the supervising side, in a file only its owner may read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, dict[str, str]] = (
            json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        )

    def __iter__(self) -> Iterator[tuple[str, dict[str, str]]]:
        return iter(self._known.items())

    def find(self, name: str) -> tuple[str, str] | None:
        known = self._known.get(name)
        return (known["username"], known["password"]) if known else None

    def keep(self, name: str, **facts: str) -> None:
        """Written at once: an account whose password is lost is of no use."""
        self._known[name] = facts
        self._file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(self._known, stream, ensure_ascii=False, indent=1)


@dataclass(frozen=True, slots=True)
class Office:
    """An authority that is known to exist."""

    authority_id: str
    name: str
    level: str
    department: str
    region_code: str

    @property
    def key(self) -> str:
        return f"{self.region_code}-{self.department}"


class Supervision:
    """The supervising side's sessions and operations."""

    def __init__(self, gateway: Gateway, accounts: Accounts) -> None:
        self._gateway = gateway
        self._accounts = accounts
        self._sessions: dict[str, Session] = {}
        self._offices = {office.key: office for office in self._existing()}

    def office(self, department: str, level: str, region_code: str) -> Office:
        """The authority of that level over the region, created with those above it if missing."""
        code = region_code[: DIGITS[level]].ljust(6, "0")
        key = f"{code}-{department}"
        if key not in self._offices:
            above = _level_above(level, region_code)
            if above:
                self.office(department, above, region_code)
            self._offices[key] = self._create(department, level, code)
        return self._offices[key]

    def offices_over(self, region_code: str) -> list[Office]:
        """Known authorities whose region covers this county, the nearest first."""
        covering = [
            office
            for office in self._offices.values()
            if office.region_code[: DIGITS[office.level]] == region_code[: DIGITS[office.level]]
        ]
        return sorted(covering, key=lambda office: -DIGITS[office.level])

    def prepare(self, region_code: str, *, nonsubject_types: tuple[str, ...]) -> None:
        """The authorities that may come to review an institution of this county."""
        for level in LEVELS:
            if level != "city" or regions.has_city_level(region_code):
                self.office("education", level, region_code)
        for kind in nonsubject_types:
            if kind in SECTOR:
                self.office(SECTOR[kind], "county", region_code)

    def business_day(self, region_code: str) -> date:
        """The platform's own day: what is filed now is judged as of it."""
        path = f"/api/compliance/v1/region-parameters/{region_code}"
        return date.fromisoformat(self.as_national().get(path)["on"])

    def configure(self, region: DossierRegion) -> None:
        """Put the county's parameters and routing in force when they differ from what is."""
        office = self.office("education", "county", region.code)
        session = self.as_role(office, "region_admin")
        path = f"/api/compliance/v1/region-parameters/{region.code}"
        wanted = region.model_dump(mode="json", exclude={"code", "routing"}, exclude_none=True)
        in_force = session.get(path)["parameters"]
        if any(in_force.get(name) != value for name, value in wanted.items()):
            session.put(path, wanted | {"effective_from": EPOCH, "basis_doc": BASIS})
        if region.routing:
            rules = [_routing_rule(rule) for rule in region.routing]
            session.put(f"/api/compliance/v1/routing-rules/{region.code}", {"rules": rules})

    def decide(self, kind: str, subject_id: str, region_code: str, **decision: Json) -> Office:
        """Approve, return or reject a case at every step, as a reviewer of where it lies."""
        while True:
            office, case = self._next_step(kind, subject_id, region_code)
            path = f"/api/compliance/v1/cases/{case['case_id']}/decisions"
            told = self.as_role(office, "reviewer").post(path, decision)
            if told["state"] != "open":
                return office

    def _next_step(self, kind: str, subject_id: str, region_code: str) -> tuple[Office, Json]:
        """The case in some worklist, as soon as it is there."""
        offices = self.offices_over(region_code)

        def look() -> tuple[Office, Json] | None:
            for office in offices:
                worklist = self.as_role(office, "reviewer").list_all(
                    "/api/compliance/v1/cases", state="open", kind=kind
                )
                for case in worklist:
                    if case["subject_id"] == subject_id:
                        return office, case
            return None

        found = wait_for(look, lambda seen: seen is not None, seconds=CASE_SECONDS)
        return cast("tuple[Office, Json]", found)

    def as_role(self, office: Office, role: str) -> Session:
        """A session of the authority's region administrator or reviewer, made when missing."""
        name = f"{role}-{office.key}"
        if name not in self._sessions:
            known = self._accounts.find(name) or self._open_account(name, office, role)
            self._sessions[name] = self._gateway.login(*known)
        return self._sessions[name]

    def as_national(self) -> Session:
        """The national administrator, whose account the platform's operator made."""
        name = "national_admin"
        if name not in self._sessions:
            known = self._accounts.find(name)
            if known is None:
                message = (
                    "the accounts file names no national_admin; "
                    "make one with `otsp bootstrap-admin` and pass --accounts FILE"
                )
                raise NotInTime(message)
            self._sessions[name] = self._gateway.login(*known)
        return self._sessions[name]

    def _existing(self) -> Iterator[Office]:
        for each in self.as_national().list_all("/api/auth/v1/authorities"):
            yield _office_of(each)

    def _create(self, department: str, level: str, code: str) -> Office:
        body = {
            "name": authority_name(department, level, code),
            "level": level,
            "department": department,
            "region_code": code,
        }
        return _office_of(self.as_national().post("/api/auth/v1/authorities", body))

    def open_account(self, name: str, **fields: str | None) -> tuple[str, str]:
        """Username and password, the second chosen at a first login as everybody must."""
        initial, chosen = _new_password(), _new_password()
        body = {"username": name, "password": initial, **fields}
        self.as_national().post("/api/auth/v1/accounts", body)
        change = {"current_password": initial, "new_password": chosen}
        again = {"new_password_confirmation": chosen}
        self._gateway.login(name, initial).post("/api/auth/v1/account/password", change | again)
        return name, chosen

    def _open_account(self, name: str, office: Office, role: str) -> tuple[str, str]:
        username, password = self.open_account(
            name,
            role=role,
            authority_id=office.authority_id,
            person_name="示例审核员" if role == "reviewer" else "示例管理员",
        )
        self._accounts.keep(name, username=username, password=password, role=role, of=office.name)
        return username, password


def _new_password() -> str:
    return f"Aa1-{secrets.token_urlsafe(12)}"


def _routing_rule(rule: DossierRouting) -> dict[str, Json]:
    values = rule.model_dump(mode="json", exclude_none=True)
    return {"effective_from": EPOCH, "basis_doc": BASIS} | values


def authority_name(department: str, level: str, code: str) -> str:
    """杭州市西湖区教育局; provinces have a 教育厅, municipalities a 教育委员会."""
    place = regions.name_of(code)
    if department == "education" and level == "province":
        return place + ("教育委员会" if not regions.has_city_level(code) else "教育厅")
    if level == "province":
        return place + TITLES[department].replace("局", "厅")
    return place + TITLES[department]


def _level_above(level: str, region_code: str) -> str | None:
    if level == "county":
        return "city" if regions.has_city_level(region_code) else "province"
    return "province" if level == "city" else None


def _office_of(stored: dict[str, Json]) -> Office:
    return Office(
        authority_id=stored["authority_id"],
        name=stored["name"],
        level=stored["level"],
        department=stored["department"],
        region_code=stored["region_code"],
    )
