"""A random world of institutions, kept twice: as rows of the service, and as plain records that the
brute-force recount walks. Tests only.
"""

import random
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy import insert

from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_compliance import model
from otsp_contracts.counters import (
    CoursesCounters,
    InstitutionCounters,
    MaterialsCounters,
    StaffCounters,
)

TODAY = date(2024, 10, 15)
BASELINE = date(2021, 7, 24)
COUNTIES = ("330105", "330106", "330281", "110101", "110108", "469001", "441900", "510107")
CATEGORIES = (["subject"], ["nonsubject"], ["subject", "nonsubject"])
MODES = (["offline"], ["online"], ["offline", "online"])
TYPES = ("sports", "culture_arts", "science_tech", "other")
STAGES = ("preschool", "primary", "junior", "senior", "vocational", "adult")
STATUSES = ("not_applied", "under_review", "compliant", "returned", "non_compliant", "expired")
STATUSES += ("suspended", "change_pending", "deregistering", "deregistered")
KINDS = ("for_profit_to_nonprofit", "filing_to_approval", "other")
RULES = ("STF-003", "STF-008", "FND-001", "TIM-005")
OWNERS = {
    "institution": (InstitutionCounters, model.InstitutionCountersRef),
    "staff": (StaffCounters, model.StaffCountersRef),
    "materials": (MaterialsCounters, model.MaterialsCountersRef),
    "courses": (CoursesCounters, model.CoursesCountersRef),
}
STAMPS = {
    "created_at": datetime(2024, 1, 1, tzinfo=UTC),
    "updated_at": datetime(2024, 1, 1, tzinfo=UTC),
}
STAMPS |= {"version": 1}
ACTOR = UUID(int=7)


class StatisticsWorld:
    """`count` institutions of a seed; `institutions` are the records, `authorities` beside them."""

    def __init__(self, seed, count=40):
        self.chance = random.Random(seed)
        self.authorities = [self._authority(county) for county in COUNTIES]
        self.institutions = [self._institution() for _ in range(count)]
        self.recoveries = [self._recovery() for _ in range(count)]

    def enter(self, kit):
        with kit.active(), transaction() as tx:
            for each in self.authorities:
                tx.execute(insert(model.AuthorityRef).values(**vars(each)))
            for each in self.institutions:
                self._enter(tx, each)
            for each in self.recoveries:
                tx.execute(insert(model.RecoveryRef).values(**vars(each)))

    def _authority(self, county):
        return SimpleNamespace(
            authority_id=new_id(),
            version=1,
            name=f"{county}教育局",
            level="county",
            department="education",
            region_code=county,
            parent_authority_id=None,
            is_active=True,
            reviewer_count=2,
        )

    def _recovery(self):
        chance = self.chance
        status = chance.choice(["submitted", "approved", "rejected"])
        submitted_on = self._day(60)
        handled_on = min(TODAY, submitted_on + timedelta(days=chance.randint(0, 30)))
        return SimpleNamespace(
            request_id=new_id(),
            version=1,
            region_code=chance.choice(COUNTIES),
            delivery=chance.choice(["online", "offline"]),
            status=status,
            submitted_on=submitted_on,
            handled_on=None if status == "submitted" else handled_on,
        )

    def _institution(self):
        chance = self.chance
        categories = chance.choice(CATEGORIES)
        types = chance.sample(TYPES, chance.randint(1, 2)) if "nonsubject" in categories else []
        status = chance.choice(["approved"] * 5 + ["draft", "submitted", "returned", "rejected"])
        one = SimpleNamespace(
            institution_id=new_id(),
            region_code=chance.choice(COUNTIES),
            categories=categories,
            delivery_modes=chance.choice(MODES),
            nonsubject_types=types,
            stages=chance.sample(STAGES, chance.randint(1, 3)),
            legal_nature=chance.choice(["nonprofit", "forprofit"]),
            registration_status=status,
            compliance_status=chance.choice(STATUSES),
            first_approved_on=chance.choice([None, date(2019, 3, 1), BASELINE, date(2022, 1, 1)]),
        )
        one.counters = {
            owner: {
                name: chance.choice([0, 0, 1, chance.randint(2, 90)])
                for name in counters.model_fields
            }
            for owner, (counters, _) in OWNERS.items()
            if chance.random() > 0.1
        }
        tasks = [self._task() for _ in range(chance.choice([0, 0, 1, 2]))]
        one.tasks = [
            each for place, each in enumerate(tasks) if not _is_second(each, tasks[:place])
        ]
        one.applications = [self._application() for _ in range(chance.choice([0, 1, 1, 2]))]
        for older in one.applications[:-1]:  # one at most is open
            older.state = "withdrawn" if older.state == "in_review" else older.state
        return one

    def _day(self, back):
        return TODAY - timedelta(days=self.chance.randint(0, back))

    def _task(self):
        status = self.chance.choice(
            ["open", "in_progress", "submitted", "returned", "overdue", "closed", "waived"]
        )
        return SimpleNamespace(
            kind=self.chance.choice(KINDS),
            status=status,
            issued_on=self._day(90),
            due_on=self._day(60) + timedelta(days=30),
        )

    def _application(self):
        chance = self.chance
        state = chance.choice(["in_review", "approved", "returned", "rejected", "precheck_failed"])
        submitted_on = self._day(45)
        one = SimpleNamespace(
            application_id=new_id(),
            kind=chance.choice(["initial", "change", "deregistration"]),
            state=state,
            submitted_on=None if state == "precheck_failed" else submitted_on,
            as_of=submitted_on,
            rules=chance.sample(RULES, chance.randint(0, 3)),
            decided_on=min(TODAY, submitted_on + timedelta(days=chance.randint(0, 30))),
            is_set_aside=chance.random() < 0.2,
            authority=chance.choice(self.authorities),
            late=chance.choice([None, 0, 3]),
            due_in=chance.choice([-3, 0, 2, 10]),
            is_paused=chance.random() < 0.2,
        )
        one.deregistered_on = self._day(40) if one.kind == "deregistration" else None
        one.has_decision = state in {"approved", "returned", "rejected"}
        return one

    def _enter(self, tx, one):
        head = {
            name: value
            for name, value in vars(one).items()
            if name not in {"counters", "tasks", "applications"}
        }
        tx.execute(
            insert(model.InstitutionRef).values(
                **head, version=1, name="示例", has_proposed_change=False
            )
        )
        for owner, counters in one.counters.items():
            row = {"institution_id": one.institution_id, "version": 1, "counters": counters}
            tx.execute(insert(OWNERS[owner][1]).values(**row))
        for task in one.tasks:
            row = vars(task) | {
                "rectification_id": new_id(),
                "reason_text": "示例",
                "issued_by": ACTOR,
            }
            tx.add(model.Rectification(institution_id=one.institution_id, **row))
        for application in one.applications:
            self._enter_application(tx, one, application)

    def _enter_application(self, tx, one, filed):
        own = {"institution_id": one.institution_id}
        request_id = new_id()
        noon = (
            None
            if filed.submitted_on is None
            else datetime.combine(filed.submitted_on, datetime.min.time(), UTC)
        )
        tx.add(
            model.Application(
                application_id=filed.application_id,
                institution_name="示例",
                region_code=one.region_code,
                kind=filed.kind,
                state=filed.state,
                since=datetime(2024, 10, 1, tzinfo=UTC),
                request_id=request_id,
                as_of=filed.as_of,
                filed_by=ACTOR,
                filed_at=datetime(2024, 10, 1, tzinfo=UTC),
                seq_no=None if noon is None else str(filed.application_id),
                submitted_at=noon,
                **own,
            )
        )
        tx.flush()
        if filed.deregistered_on is not None:
            closing = {"closing": {}, "deregistered_on": filed.deregistered_on, **own}
            tx.add(model.Deregistration(application_id=filed.application_id, **closing))
        moment = datetime(2024, 10, 1, tzinfo=UTC)
        tx.add(
            model.Gathering(
                request_id=request_id,
                application_id=filed.application_id,
                as_of=filed.as_of,
                state="judged",
                began_at=moment,
                asked_at=moment,
                **own,
            )
        )
        tx.flush()
        for position, rule_id in enumerate([*filed.rules, "CMP-001"]):
            tx.execute(insert(model.Finding).values(_finding(request_id, position, rule_id)))
        if filed.submitted_on is not None:
            self._enter_case(tx, one, filed, request_id)

    def _enter_case(self, tx, one, filed, request_id):
        case_id = new_id()
        authority_id = filed.authority.authority_id
        tx.add(
            model.ReviewCase(
                case_id=case_id,
                kind="compliance",
                institution_id=one.institution_id,
                institution_name="示例",
                region_code=one.region_code,
                subject_id=filed.application_id,
                subject_version=1,
                title="示例",
                details={},
                routed_by=None,
                state="decided" if filed.has_decision else "open",
                step_no=1,
                step_count=1,
                authority_id=authority_id,
                opened_on=filed.submitted_on,
                decided_on=filed.decided_on if filed.has_decision else None,
            )
        )
        tx.flush()
        tx.add(
            model.CaseStep(
                case_id=case_id,
                step_no=1,
                authority_id=authority_id,
                authority_name=filed.authority.name,
                level="county",
                department="education",
                purpose="subject",
                decided_on=filed.decided_on if filed.has_decision else None,
            )
        )
        if filed.late is not None or not filed.has_decision:
            tx.execute(insert(model.CaseClock).values(_clock(case_id, filed)))
        if filed.has_decision:
            self._enter_decision(tx, one, filed, (case_id, request_id))

    def _enter_decision(self, tx, one, filed, ids):
        case_id, request_id = ids
        moment = datetime(2024, 10, 1, tzinfo=UTC)
        tx.add(
            model.Snapshot(
                request_id=request_id,
                institution_id=one.institution_id,
                as_of=filed.as_of,
                sha256="0" * 64,
                part_digests={},
                sealed_at=moment,
            )
        )
        tx.flush()
        first = _decision(one, filed, case_id, request_id)
        tx.execute(insert(model.Decision).values(first))
        if filed.is_set_aside:
            again = first | {"decision_id": new_id(), "doc_no": f"{first['doc_no']}-2"}
            again |= {"replaces": first["decision_id"], "outcome": "rejected"}
            tx.execute(insert(model.Decision).values(again))


def _is_second(task, others):
    """The law opens one task of a kind; another one waits until it is over."""
    over, kind = ("closed", "waived"), task.kind
    return kind != "other" and any(
        each.kind == kind and {each.status, task.status}.isdisjoint(over) for each in others
    )


def _finding(request_id, position, rule_id):
    return {
        "request_id": request_id,
        "position": position,
        "rule_id": rule_id,
        "rule_version": 1,
        "severity": "B",
        "is_blocking": True,
        "is_apart": rule_id.startswith("CMP"),
        "message_zh": "示例",
        "remedy_zh": "示例",
        "basis": [],
        "breaches": [],
        "object_ids": [],
    }


def _clock(case_id, filed):
    due_on = TODAY + timedelta(days=filed.due_in)
    if filed.has_decision:
        due_on = filed.decided_on - timedelta(days=filed.late)
    return {
        "case_id": case_id,
        "step_no": 1,
        "phase": "decide",
        "started_on": filed.submitted_on,
        "limit_days": 20,
        "amber_on": due_on - timedelta(days=5),
        "due_on": due_on,
        "is_provisional": False,
        "paused_on": TODAY if filed.is_paused and not filed.has_decision else None,
        "local_holidays": [],
        "counted_by": "示例",
        "is_deemed": False,
        "ended_on": filed.decided_on if filed.has_decision else None,
    }


def _decision(one, filed, case_id, request_id):
    return {
        "decision_id": new_id(),
        "application_id": filed.application_id,
        "case_id": case_id,
        "institution_id": one.institution_id,
        "institution_name": "示例",
        "region_code": one.region_code,
        "application_kind": filed.kind,
        "seq_no": str(filed.application_id),
        "step_no": 1,
        "is_final": True,
        "outcome": filed.state,
        "overrides": [],
        "warnings_read": [],
        "request_id": request_id,
        "snapshot_sha256": "0" * 64,
        "authority_id": filed.authority.authority_id,
        "authority_name": filed.authority.name,
        "decided_by": ACTOR,
        "decided_on": filed.decided_on,
        "decided_at": datetime(2024, 10, 1, tzinfo=UTC),
        "doc_no": str(filed.application_id),
    }
