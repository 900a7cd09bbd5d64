"""While 营转非 or 备案转审批 is open nothing is charged anew (§3.3: 暂停招生及收费)."""

from datetime import date

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance.rectification import RectificationClosed, RectificationOpened

ISSUED_ON = date(2024, 9, 1)
ITEM = {"name": "秋季班", "charge_mode": "lesson", "amount_fen": 192_000, "publicized": True}


@pytest.fixture
def task(kit, institution_id):
    """Tells of a rectification, and then that it is over."""
    told = {"rectification_id": new_id(), "institution_id": institution_id, "issued_on": ISSUED_ON}

    def tell(kind="filing_to_approval", *, over=None, version=1):
        known = told | {"kind": kind, "version": version, "to_state": over or "open"}
        if over:
            kit.deliver(RectificationClosed(**known, closed_on=ISSUED_ON))
        else:
            kit.deliver(RectificationOpened(**known, due_on=ISSUED_ON))

    return tell


def enter(own, place, **fields):
    return own.post(f"{place}/funds/fee-items", ITEM | fields)


@pytest.mark.parametrize(
    ("kind", "named"),
    [("filing_to_approval", "备案转审批"), ("for_profit_to_nonprofit", "营转非")],
)
def test_no_charge_is_published_meanwhile(own, place, task, kind, named):
    task(kind)

    refused = enter(own, place)

    assert (refused.status, refused.problem) == (409, "institution-charging-halted")
    assert refused.pointers == {"/publicized"}
    assert named in refused.json["detail"]
    assert own.get(f"{place}/funds/fee-items").json["items"] == []


@pytest.mark.parametrize("publicized_on", ["2024-09-01", "2024-09-02", None])
def test_an_entered_charge_is_not_published_meanwhile(own, place, task, publicized_on):
    item = enter(own, place, publicized=False).headers["Location"]
    task()

    refused = own.put(item, ITEM | {"publicized_on": publicized_on}, if_match=1)

    assert refused.problem == "institution-charging-halted"


@pytest.mark.parametrize("fields", [{"publicized": False}, {"publicized_on": "2024-08-31"}])
def test_what_is_no_new_charge_is_entered(own, place, task, fields):
    task()

    assert enter(own, place, **fields).status == 201


def test_a_published_charge_is_corrected_and_withdrawn(own, place, task):
    item = enter(own, place).headers["Location"]
    task()

    assert own.put(item, ITEM | {"name": "秋季班（改）"}, if_match=1).status == 200
    assert own.put(item, ITEM | {"publicized": False}, if_match=2).status == 200
    assert own.put(item, ITEM, if_match=3).problem == "institution-charging-halted"


def test_another_rectification_halts_nothing(own, place, task):
    task("other")

    assert enter(own, place).status == 201


@pytest.mark.parametrize("over", ["closed", "waived"])
def test_when_it_is_over_charges_are_published_again(own, place, task, over):
    task()
    task(over=over, version=2)
    task(version=1)

    assert enter(own, place).status == 201


def test_anothers_rectification_halts_nothing(kit, own, place):
    kit.deliver(
        RectificationOpened(
            rectification_id=new_id(), institution_id=new_id(), kind="filing_to_approval",
            version=1, to_state="open", issued_on=ISSUED_ON, due_on=ISSUED_ON,
        )
    )  # fmt: skip

    assert enter(own, place).status == 201
