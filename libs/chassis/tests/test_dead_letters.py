"""What a service gave up can be looked at without being read, and gets its attempts anew."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from otsp_chassis import clock, metrics
from otsp_chassis.dead_letters import Selection, list_letters, open_letter, redrive
from otsp_chassis.ids import new_id
from otsp_chassis.inbox import BACK_OFF_SECONDS
from otsp_chassis.problems import BadParameter
from otsp_chassis.tables import audit_entry, inbox
from otsp_contracts.envelope import Envelope
from otsp_contracts.staff import StaffSnapshotProvided
from otsp_testkit.sample import consumers
from otsp_testkit.sample.commands import ItemAdded

PAYLOADS = {ItemAdded.TYPE: ItemAdded, StaffSnapshotProvided.TYPE: StaffSnapshotProvided}
SECRET = "沈示例 330199197803129904"


def added():
    return ItemAdded(item_id=new_id(), institution_id=new_id())


def fail(_):
    raise RuntimeError


def give_up(kit):
    """All further attempts of what was set aside."""
    later = clock.now()
    for pause in BACK_OFF_SECONDS:
        later += timedelta(seconds=pause + 1)
        with clock.frozen(later):
            kit.work.inbox.retry_due()


@pytest.fixture
def dead(kit):
    """Three dead letters, the oldest first."""
    consumers.behaviour.append(fail)
    envelopes = [kit.deliver(added()) for _ in range(3)]
    give_up(kit)
    return [envelope.id for envelope in envelopes]


def store_dead(kit, kind, data):
    """A dead letter as an older release may have left it."""
    envelope = Envelope(
        id=new_id(), source="/otsp/sample", type=kind, time=clock.now(), subject="x", data=data
    )
    with kit.runtime.database.engine.begin() as connection:
        connection.execute(
            inbox.insert().values(
                event_id=envelope.id, type=kind, subject="x", state="dead", attempts=5,
                next_attempt_at=clock.now(), first_error="KeyError", error="KeyError",
                envelope=envelope.to_bytes(),
            )
        )  # fmt: skip
    return envelope


def shown(kit, envelope):
    return open_letter(kit.runtime, envelope.id, PAYLOADS)


def test_letters_are_listed_oldest_first_in_pages(kit, dead):
    first = list_letters(kit.runtime, limit=2)
    rest = list_letters(kit.runtime, cursor=first.next, limit=2)

    assert [letter.event_id for letter in (*first.items, *rest.items)] == dead
    assert rest.next is None


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwiYiJd", "WyIxIiwiMiJd"])
def test_a_cursor_of_somebody_else_is_refused(kit, cursor):
    with pytest.raises(BadParameter):
        list_letters(kit.runtime, cursor=cursor)


def test_first_and_last_reason_are_kept_apart(kit):
    def fail_otherwise(_):
        raise KeyError

    consumers.behaviour.append(fail)
    kit.deliver(added())
    consumers.behaviour[:] = [fail_otherwise]
    give_up(kit)

    [letter] = list_letters(kit.runtime).items

    assert letter.first_reason.startswith("RuntimeError at fail:")
    assert letter.last_reason.startswith("KeyError at ")
    assert letter.died_at > letter.received_at


def test_payload_of_ids_is_shown(kit, dead):
    opened = open_letter(kit.runtime, dead[0], PAYLOADS)

    assert opened.headers["type"] == ItemAdded.TYPE
    assert "data" not in opened.headers
    assert opened.payload.keys() == {"item_id", "institution_id"}
    assert opened.letter.attempts == len(BACK_OFF_SECONDS) + 1


def test_section_is_told_by_size_and_digest_only(kit):
    envelope = store_dead(
        kit,
        StaffSnapshotProvided.TYPE,
        {
            "request_id": str(new_id()), "institution_id": str(new_id()), "section": "staff",
            "purpose": "self_check", "version": 1, "sha256": "0" * 64, "encoding": "plain",
            "data": {"staff": [{"name": SECRET}]},
        },
    )  # fmt: skip

    opened = shown(kit, envelope)

    assert opened.payload["section"] == "staff"
    assert opened.payload["data"].keys() == {"size", "sha256"}
    assert SECRET not in repr(opened)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (ItemAdded.TYPE, {"item_id": SECRET, SECRET: 1}),
        ("sample.unheard_of.v1", {"name": SECRET}),
        (StaffSnapshotProvided.TYPE, {"data": SECRET}),
    ],
    ids=["does not fit", "unknown", "unfit section"],
)
def test_what_is_not_known_to_be_harmless_is_not_shown(kit, kind, data):
    opened = shown(kit, store_dead(kit, kind, data))

    assert SECRET not in repr(opened)
    assert SECRET not in orjson.dumps(opened.payload).decode()
    assert opened.size > 0


def test_unfit_payload_tells_where_it_does_not_fit(kit):
    opened = shown(kit, store_dead(kit, ItemAdded.TYPE, {"item_id": SECRET}))

    assert opened.payload["does_not_fit"] == ["/item_id uuid_parsing", "/institution_id missing"]


def test_members_that_are_not_in_the_contract_are_not_shown(kit):
    data = added().model_dump(mode="json") | {"remark": SECRET}

    assert SECRET not in repr(shown(kit, store_dead(kit, ItemAdded.TYPE, data)))


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (Selection(), 4),
        (Selection(type=ItemAdded.TYPE), 3),
        (Selection(type="sample.unheard_of.v1"), 1),
        (Selection(event_id=new_id()), 0),
    ],
    ids=["all", "type", "other type", "nobody"],
)
def test_only_what_was_chosen_is_redriven(kit, dead, chosen, count):
    store_dead(kit, "sample.unheard_of.v1", {})

    assert redrive(kit.runtime, chosen, operator="keeper", reason="mended") == count
    assert len(list_letters(kit.runtime).items) == 4 - count


def test_redriving_is_written_down_with_who_and_why(kit, dead):
    redrive(kit.runtime, Selection(event_id=dead[1]), operator="keeper", reason="handler mended")
    redrive(kit.runtime, Selection(event_id=dead[1]), operator="keeper", reason="once more")

    row = audit_entry.c
    with kit.runtime.database.autocommit.connect() as reader:
        query = select(row.role, row.action, row.object_id, row.reason)
        entries = reader.execute(query.where(row.action == "messages.redriven")).all()
    assert entries == [("operator:keeper", "messages.redriven", str(dead[1]), "handler mended")]


def test_redriven_letter_that_fails_again_dies_again_after_as_many_attempts(kit, dead):
    redrive(kit.runtime, Selection(event_id=dead[0]), operator="keeper", reason="a try")
    counted = metrics.REDRIVEN.labels("sample", ItemAdded.TYPE)
    before = counted._value.get()
    assert kit.work.inbox.retry_due() == 1
    give_up(kit)

    letter = next(one for one in list_letters(kit.runtime).items if one.event_id == dead[0])

    assert counted._value.get() == before + 1
    assert letter.attempts == len(BACK_OFF_SECONDS) + 1
    assert kit.work.inbox.retry_due() == 0


def test_redriven_letter_of_a_type_that_nobody_reads_any_more_dies_again(kit):
    store_dead(kit, "sample.unheard_of.v1", {})
    redrive(kit.runtime, Selection(), operator="keeper", reason="a try")
    kit.work.inbox.retry_due()
    give_up(kit)

    assert [each.last_reason[:8] for each in list_letters(kit.runtime).items] == ["KeyError"]
