"""Operators see and redrive what each of the six services gave up: one operation, one behaviour."""

from importlib import import_module

import pytest
from sqlalchemy import insert, select

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry, inbox
from otsp_testkit.specifications import SERVICES, all_operations

EVENT = "01a224ec-2beb-73d1-b7d6-ac68b79f25ad"
DECLARED = {each.service for each in all_operations() if each.path.endswith("/dead-letters")}


@pytest.fixture(params=sorted(SERVICES))
def kit(request, make_kit):
    kit = make_kit(import_module(f"otsp_{request.param}.app").service)
    kit.clean()
    yield kit
    kit.clean()


@pytest.fixture
def operator(kit):
    return kit.as_authority("operator", level="national", region="000000")


def _letter(kit, type_="staff.departed.v1"):
    event_id = new_id()
    with kit.active(), transaction() as tx:
        tx.execute(
            insert(inbox).values(
                event_id=event_id, type=type_, subject="s", state="dead", attempts=8,
                first_error="KeyError", error="ValueError", envelope=b"{}",
                received_at=clock.now(), next_attempt_at=clock.now(),
            )
        )  # fmt: skip
    return str(event_id)


def _path(kit, below=""):
    return f"/api/{kit.service.name}/v1/dead-letters{below}"


def test_all_six_declare_it():
    assert set(SERVICES) == DECLARED


def test_operator_reads_what_was_given_up_and_not_what_is_in_it(kit, operator):
    event_id = _letter(kit)

    (told,) = operator.get(_path(kit)).json["items"]

    assert told["event_id"] == event_id
    assert told["last_reason"] == "ValueError"
    assert "envelope" not in told


def test_one_is_redriven_by_whom_and_why_stays_in_the_trail(kit, operator):
    event_id, other = _letter(kit), _letter(kit)

    answer = operator.post(_path(kit, "/redrives"), {"event_id": event_id, "reason": "已修复"})

    assert (answer.status, answer.json) == (200, {"count": 1})
    left = operator.get(_path(kit)).json["items"]
    assert [each["event_id"] for each in left] == [other]
    with kit.active(), reading() as reader:
        entry = reader.execute(
            select(audit_entry.c.role, audit_entry.c.reason).where(
                audit_entry.c.action == "messages.redriven"
            )
        ).one()
    assert tuple(entry) == ("operator", "已修复")


def test_all_of_a_type_are_redriven_and_no_others(kit, operator):
    _letter(kit, "a.b.v1")
    _letter(kit, "a.b.v1")
    _letter(kit, "c.d.v1")

    answer = operator.post(_path(kit, "/redrives"), {"type": "a.b.v1", "reason": "已修复"})

    assert answer.json == {"count": 2}
    assert [each["type"] for each in operator.get(_path(kit)).json["items"]] == ["c.d.v1"]


@pytest.mark.parametrize(
    "body", [{}, {"event_id": EVENT, "type": "a.b.v1"}], ids=["neither", "both"]
)
def test_neither_and_both_are_refused(kit, operator, body):
    answer = operator.post(_path(kit, "/redrives"), {**body, "reason": "已修复"})

    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/event_id"
