"""The people behind an institution are let go of three years after it is no more (§5.4)."""

from datetime import UTC, date, datetime

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.retention import apply
from otsp_contracts.compliance import DeregistrationCompleted

ENDED = date(2023, 3, 1)
THE_LAST_DAY = datetime(2026, 3, 1, 4, tzinfo=UTC)
THE_DAY_AFTER = datetime(2026, 3, 2, 4, tzinfo=UTC)
PEOPLE = ("周示例", "13800000001", "13800000002", "z@example.test", "董示例", "330199198506079917")


@pytest.fixture
def deregistered(kit, own, place, facts, decide, institution_id):
    behind = {
        "board_members": [{"name": "董示例", "role": "理事"}],
        "actual_controller": {
            "name": "控示例",
            "id_type": "cnid",
            "id_no": "330199198506079917",
        },
    }
    own.put(f"{place}/registration", facts)
    entered = own.put(place, facts | behind, if_match=own.get(place).version)
    assert entered.status == 200, entered.content
    own.post(f"{place}/registration/submission")
    decide("approved")
    told = DeregistrationCompleted(
        institution_id=institution_id,
        application_id=new_id(),
        deregistered_on=ENDED,
        read_only_until=ENDED,
    )
    kit.deliver(told)


def run(kit, at):
    with clock.frozen(at):
        done = apply(kit.runtime, kit.service.retention_terms(), "operator")
        return {kept.term.name: (kept.due, kept.let_go) for kept in done}


def everything(kit):
    """Each row of what is kept of institutions and of their changes, as one text."""
    with kit.runtime.database.engine.connect() as reader:
        rows = [
            *reader.exec_driver_sql("SELECT row_to_json(institution)::text FROM institution"),
            *reader.exec_driver_sql("SELECT fields::text FROM change"),
        ]
    return " ".join(row[0] for row in rows)


def test_on_the_last_day_they_are_kept_and_the_day_after_let_go_of(kit, deregistered):
    assert run(kit, THE_LAST_DAY)["deregistered_institutions"] == (0, 0)
    assert run(kit, THE_DAY_AFTER)["deregistered_institutions"] == (1, 1)
    assert run(kit, THE_DAY_AFTER)["deregistered_institutions"] == (0, 0)


def test_nothing_of_them_is_left_but_what_the_public_was_told(kit, own, place, facts, deregistered):
    before = everything(kit)
    run(kit, THE_DAY_AFTER)
    after = everything(kit)

    assert "董示例" in before
    assert not [value for value in PEOPLE if value in after]
    shown = own.get(place).json
    assert (shown["name"], shown["legal_rep"]["name"]) == (
        facts["name"],
        facts["legal_rep"]["name"],
    )


def test_who_goes_on_is_kept(kit, own, place, facts):
    own.put(f"{place}/registration", facts)

    assert run(kit, THE_DAY_AFTER)["deregistered_institutions"] == (0, 0)
