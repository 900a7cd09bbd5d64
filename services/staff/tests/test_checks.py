"""Checks that are due: told in the list, and reminded of once for a person and a day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from otsp_chassis import clock
from otsp_contracts.institution import ProfileChanged
from otsp_contracts.staff import CheckDueSoon
from otsp_staff.model import CheckReminder, Staff
from otsp_staff.queries.checks import DUE, due
from otsp_staff.rules.checks import checks_due

TODAY = date(2024, 10, 15)
NOON = datetime(2024, 10, 15, 4, tzinfo=UTC)
SOUND = {"hired_on": "2024-06-01", "precheck_on": "2024-05-20"}


class Person:
    """Somebody whose days are given; nothing else is known."""

    def __init__(self, **days):
        for name in ("hired_on", "precheck_on", "annual_check_on", "contract_to"):
            setattr(self, name, None)
        self.work_permit_to = self.residence_permit_to = None
        for name, day in days.items():
            setattr(self, name, date.fromisoformat(day) if day else None)


CASES = [
    ("nothing is due of who was checked and hired lately", SOUND, {}),
    ("a missing precheck is due since the hiring", {"hired_on": "2024-06-01"},
     {"precheck": "2024-06-01"}),
    ("a missing precheck without a hiring day has no day", {}, {"precheck": None}),
    ("the first yearly check, 335 days after the hiring",
     {"hired_on": "2023-11-15", "precheck_on": "2023-11-01"}, {"annual_check": "2024-11-14"}),
    ("a day earlier it is not due", {"hired_on": "2023-11-16", "precheck_on": "2023-11-01"}, {}),
    ("a check that is 335 days old",
     {"hired_on": "2020-01-01", "precheck_on": "2019-12-01", "annual_check_on": "2023-11-15"},
     {"annual_check": "2024-11-14"}),
    ("a check that is 334 days old",
     {"hired_on": "2020-01-01", "precheck_on": "2019-12-01", "annual_check_on": "2023-11-16"}, {}),
    ("one that was never made is overdue",
     {"hired_on": "2020-01-01", "precheck_on": "2019-12-01"}, {"annual_check": "2020-12-31"}),
    ("a contract that ends in thirty days", SOUND | {"contract_to": "2024-11-14"},
     {"contract": "2024-11-14"}),
    ("one that ends in thirty-one", SOUND | {"contract_to": "2024-11-15"}, {}),
    ("permits that ended", SOUND | {"work_permit_to": "2024-10-01",
     "residence_permit_to": "2024-10-02"},
     {"work_permit": "2024-10-01", "residence_permit": "2024-10-02"}),
]  # fmt: skip


@pytest.fixture
def base(owner):
    return f"/api/staff/v1/institutions/{owner.principal.institution_id}/staff"


@pytest.fixture
def run(kit):
    def _run(on=NOON):
        with clock.frozen(on):
            kit.run_job("remind_of_checks")
        return [each.payload() for each in kit.published(CheckDueSoon)]

    return _run


@pytest.mark.parametrize(("why", "days", "expected"), CASES, ids=[each[0] for each in CASES])
def test_rule_and_list_say_the_same(kit, owner, register, base, why, days, expected):
    nothing = dict.fromkeys(("hired_on", "precheck_on"))
    person = register(owner, **nothing | days)
    told = {each.kind: each.due_on for each in checks_due(Person(**days), TODAY)}

    with clock.frozen(NOON):
        answered = owner.get(person["url"]).json["checks_due"]
        listed = {
            kind for kind in DUE if owner.get(base, query={"check_due": kind}).json["items"] != []
        }

    assert told == {kind: day and date.fromisoformat(day) for kind, day in expected.items()}
    assert {each["kind"]: each["due_on"] for each in answered} == expected
    assert listed == expected.keys()


def test_rule_and_statement_agree_on_every_day_around_the_limits(kit, owner, register):
    """The list asks the database, the reminder the rule."""
    for number in range(-2, 3):
        day = (TODAY + timedelta(days=30 + number)).isoformat()
        yearly = (TODAY - timedelta(days=335 + number)).isoformat()
        register(owner, hired_on="2019-01-01", annual_check_on=yearly, contract_to=day)
    with kit.runtime.database.autocommit.connect() as reader:
        for kind in DUE:
            found = reader.execute(select(Staff.staff_id).where(due([kind], TODAY))).scalars()
            ruled = [
                row.staff_id
                for row in reader.execute(select(Staff.__table__))
                if kind in {each.kind for each in checks_due(row, TODAY)}
            ]
            assert set(found) == set(ruled), kind


def test_a_departed_person_is_reminded_of_nothing(owner, register, base, run):
    left = register(owner, existing=True, status="departed", departed_on="2023-01-01")

    assert owner.get(left["url"]).json["checks_due"] == []
    assert owner.get(base, query={"check_due": ["annual_check", "precheck"]}).json["items"] == []
    assert run() == []


def test_each_due_day_is_told_once_without_personal_data(kit, owner, register, run):
    person = register(owner, hired_on="2023-10-20", contract_to="2024-10-31")

    told = run()
    again = run(NOON + timedelta(days=1))

    assert {(each.kind, each.due_on) for each in told} == {
        ("annual_check", date(2024, 10, 19)),
        ("contract", date(2024, 10, 31)),
    }
    assert {str(each.staff_id) for each in told} == {person["staff_id"]}
    assert {each.institution_id for each in told} == {owner.principal.institution_id}
    assert told[0].model_dump().keys() == {"staff_id", "institution_id", "kind", "due_on"}
    assert again == told


def test_a_new_day_is_told_again(owner, register, run):
    person = register(owner, hired_on="2024-06-01", contract_to="2024-10-31")
    run()
    body = {"name": "周甲", "hired_on": "2024-06-01", "precheck_on": "2024-05-20"}
    owner.put(person["url"], body | {"contract_to": "2024-11-05"}, if_match=1)

    told = run(NOON + timedelta(days=1))

    assert [each.due_on for each in told] == [date(2024, 10, 31), date(2024, 11, 5)]


def test_a_night_without_a_worker_is_made_up_for(owner, register, run):
    register(owner, hired_on="2024-06-01", contract_to="2024-11-14")
    register(owner, hired_on="2024-06-01", contract_to="2024-11-18", id_no=None)

    told = run(NOON + timedelta(days=5))

    assert [each.due_on for each in told] == [date(2024, 11, 14), date(2024, 11, 18)]


def test_one_round_a_business_day(kit, owner, register, run):
    run()
    register(owner, hired_on="2024-06-01", contract_to="2024-10-31")

    assert run() == []
    assert len(run(datetime(2024, 10, 15, 16, 1, tzinfo=UTC))) == 1, "midnight in Shanghai"


def test_a_round_that_was_broken_off_goes_on_and_tells_nobody_twice(
    kit, owner, register, run, monkeypatch
):
    monkeypatch.setattr("otsp_staff.commands.reminders._PAGE", 1)
    for number in range(3):
        register(
            owner, hired_on="2024-06-01", contract_to="2024-10-31", id_no=None, name=f"甲{number}"
        )
    broken = []

    def fail(tx, payload):
        broken.append(payload)
        if len(broken) == 2:
            raise RuntimeError("the worker dies")
        publish(tx, payload)

    from otsp_chassis.outbox import publish

    monkeypatch.setattr("otsp_staff.commands.reminders.publish", fail)
    assert len(run()) == 1
    monkeypatch.setattr("otsp_staff.commands.reminders.publish", publish)

    assert len({each.staff_id for each in run()}) == len(run()) == 3
    with kit.runtime.database.autocommit.connect() as reader:
        assert reader.scalar(select(func.count()).select_from(CheckReminder)) == 3


def test_an_authority_is_told_what_is_due_and_not_when(kit, owner, register, base):
    person = register(owner, hired_on="2020-01-01", contract_to="2024-10-31")
    kit.deliver(
        ProfileChanged(
            institution_id=owner.principal.institution_id, version=1, name="示例学校",
            region_code="330106", categories=("subject",), delivery_modes=("offline",),
            stages=("junior",), legal_nature="nonprofit", registration_status="approved",
            compliance_status="not_applied",
        )
    )  # fmt: skip

    with clock.frozen(NOON):
        told = kit.as_authority().get(person["url"]).json["checks_due"]

    assert told == [
        {"kind": "annual_check", "due_on": None},
        {"kind": "contract", "due_on": None},
    ]
