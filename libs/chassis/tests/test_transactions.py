"""What commits together, what waits for what, what leaves a trace."""

import threading
from collections.abc import Callable
from types import ModuleType
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import ProgrammingError

from otsp_chassis import audit, clock
from otsp_chassis.audit import recording
from otsp_chassis.context import Call, activate
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.inbox import Inbox, on, subscriptions
from otsp_chassis.locks import Opening, clear_lock, guard_write, set_lock
from otsp_chassis.problems import Locked, Unavailable
from otsp_chassis.tables import audit_entry, review_lock
from otsp_contracts.envelope import Envelope
from otsp_testkit import ServiceKit
from otsp_testkit.sample.commands import ItemAdded
from otsp_testkit.sample.model import Item


def an_item(institution_id: UUID) -> Item:
    return Item(
        item_id=new_id(),
        institution_id=institution_id,
        name=f"物品{new_id()}",
        kind="small",
        amount_fen=0,
        opened_on=clock.today(),
    )


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_inner_transaction_joins_and_only_the_outer_one_commits(kit):
    def change_and_fail() -> None:
        with kit.active(), transaction():
            with transaction() as inner:
                inner.add(an_item(new_id()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()

    with kit.active(), reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Item)) == 0


def test_reading_within_a_transaction_sees_what_it_wrote(kit):
    with kit.active(), transaction() as tx:
        tx.add(an_item(new_id()))
        tx.flush()
        with reading() as reader:
            assert reader.scalar(select(func.count()).select_from(Item)) == 1


def test_locked_institution_refuses_writes_until_unlocked(kit):
    institution_id, application_id = new_id(), new_id()
    with kit.active(), transaction() as tx:
        set_lock(tx, institution_id=institution_id, application_id=application_id, scopes=["items"])

    with kit.active(), transaction() as tx:
        guard_write(tx, institution_id, "other")
        with pytest.raises(Locked, match="审核中，信息已锁定，可撤回申请后修改"):
            guard_write(tx, institution_id, "items")
        clear_lock(tx, institution_id=institution_id, application_id=new_id())
        with pytest.raises(Locked):
            guard_write(tx, institution_id, "items")
        clear_lock(tx, institution_id=institution_id, application_id=application_id)
        guard_write(tx, institution_id, "items")


def test_lock_that_arrives_after_its_release_is_not_set(kit):
    institution_id, older, application_id = new_id(), new_id(), new_id()
    with kit.active(), transaction() as tx:
        clear_lock(tx, institution_id=institution_id, application_id=application_id)

    for late in (application_id, older):
        with kit.active(), transaction() as tx:
            set_lock(tx, institution_id=institution_id, application_id=late, scopes=["items"])
            guard_write(tx, institution_id, "items")

    with kit.active(), transaction() as tx:
        set_lock(tx, institution_id=institution_id, application_id=new_id(), scopes=["items"])
        with pytest.raises(Locked):
            guard_write(tx, institution_id, "items")


A_PART, ONE_OBJECT = Opening("items", None, "物品"), Opening("shelves", str(new_id()), "货架")


def writable(tx, institution_id, part, object_id=None):
    try:
        guard_write(tx, institution_id, "items", part=part, object_id=object_id)
    except Locked:
        return False
    return True


def test_lock_lets_in_the_parts_and_objects_that_it_is_open_for(kit):
    lock = {"institution_id": new_id(), "application_id": new_id(), "scopes": ["items"]}
    named = UUID(ONE_OBJECT.object_id)
    with kit.active(), transaction() as tx:
        set_lock(tx, **lock, openings=[A_PART, ONE_OBJECT])

        asked = [("items", None), ("items", new_id()), ("shelves", named)]
        closed = [("shelves", new_id()), ("shelves", None), ("boxes", named), (None, None)]
        assert all(writable(tx, lock["institution_id"], *each) for each in asked)
        assert not any(writable(tx, lock["institution_id"], *each) for each in closed)


def test_refusal_says_what_may_be_written_all_the_same(kit):
    lock = {"institution_id": new_id(), "application_id": new_id(), "scopes": ["items"]}
    another = Opening("shelves", str(new_id()), "货架")
    twice = [Opening("boxes", str(new_id()), "箱子"), Opening("boxes", None, "箱子")]
    with kit.active(), transaction() as tx:
        set_lock(tx, **lock, openings=[A_PART, ONE_OBJECT, another, *twice])
        with pytest.raises(Locked) as refused:
            guard_write(tx, lock["institution_id"], "items", part="other")

    assert "补正通知列明的内容：物品、货架（列明的2项）、箱子。" in refused.value.detail
    assert refused.value.extra["open_items"][0] == {
        "part": "items", "object_id": None, "label_zh": "物品",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "is_open"),
    [
        ([(1, []), (2, [A_PART])], True),
        ([(1, []), (2, [A_PART]), (2, [A_PART])], True),
        ([(1, []), (2, [A_PART]), (1, [])], True),
        ([(1, []), (2, [A_PART]), (2, [])], True),
        ([(2, [A_PART]), (1, [])], True),
        ([(1, []), (2, [A_PART]), (3, [])], False),
        ([(1, []), (3, []), (2, [A_PART])], False),
        ([(1, []), (2, [A_PART]), (4, [ONE_OBJECT])], False),
        ([(1, []), (2, [A_PART]), None], True),
        ([(1, []), None, (2, [A_PART])], True),
    ],
)  # fmt: skip
def test_lock_is_open_for_what_its_newest_version_names_in_whatever_order(kit, told, is_open):
    """None is the end of the application: afterwards everything may be written."""
    lock = {"institution_id": new_id(), "application_id": new_id()}
    for each in told:
        with kit.active(), transaction() as tx:
            if each is None:
                clear_lock(tx, **lock)
            else:
                set_lock(tx, **lock, scopes=["items"], version=each[0], openings=each[1])

    with kit.active(), transaction() as tx:
        assert writable(tx, lock["institution_id"], "items") is is_open
        assert writable(tx, lock["institution_id"], "boxes") is (None in told)


def test_next_application_does_not_inherit_what_was_open(kit):
    lock, next_one = {"institution_id": new_id(), "scopes": ["items"]}, new_id()
    with kit.active(), transaction() as tx:
        set_lock(tx, **lock, application_id=next_one, version=7, openings=[A_PART])
        set_lock(tx, **lock, application_id=new_id(), version=1)
        assert not writable(tx, lock["institution_id"], "items")
        set_lock(tx, **lock, application_id=next_one, version=8, openings=[A_PART])
        assert not writable(tx, lock["institution_id"], "items")


def test_no_write_slips_between_the_cut_and_the_lock(kit):
    """A write in progress is waited for and seen; one that comes later is refused."""
    institution_id, counted, writing = new_id(), list[int](), threading.Event()

    @on(ItemAdded, consistent_cut=lambda data: data.institution_id)
    def lock_and_count(tx: Tx, event) -> None:
        set_lock(tx, institution_id=institution_id, application_id=event.id, scopes=["items"])
        counted.append(tx.scalar(select(func.count()).select_from(Item)))

    room = ModuleType("room")
    room.lock_and_count = lock_and_count
    inbox = Inbox(kit.runtime, subscriptions(room))
    payload = ItemAdded(item_id=new_id(), institution_id=institution_id)
    envelope = Envelope.around(payload, id=new_id(), time=clock.now())

    with kit.active(), transaction() as tx:
        guard_write(tx, institution_id, "items")
        cutting = in_thread(lambda: (writing.set(), inbox.receive(envelope)))
        writing.wait(5)
        _until_somebody_waits_for_a_lock(kit)
        tx.add(an_item(institution_id))
    cutting.join(10)

    assert counted == [1]
    with kit.active(), transaction() as tx, pytest.raises(Locked):
        guard_write(tx, institution_id, "items")


def test_same_key_sent_many_times_at_once_has_one_effect(kit):
    from otsp_chassis.identity import Principal

    institution_id = new_id()
    principal = Principal(
        new_id(), "inst_admin", frozenset({"sample:write"}), "s", institution_id=institution_id
    )
    body = {"name": "一号", "kind": "small", "amount_fen": 1, "opened_on": "2024-10-15"}
    path, answers = f"/api/sample/v1/institutions/{institution_id}/items", list[bytes]()

    def send() -> None:
        client = kit.as_principal(principal)
        answers.append(client.post(path, body, key="one-and-the-same").content)

    threads = [in_thread(send) for _ in range(6)]
    for thread in threads:
        thread.join(20)

    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert len(kit.published()) == 1


def test_committed_write_always_leaves_an_audit_row(kit):
    call = Call("otsp_sample.api.change", request_id="r-1", is_write=True, client_ip="127.0.0.9")
    with activate(kit.runtime, call), transaction() as tx:
        tx.add(an_item(new_id()))

    assert audit_rows(kit) == [("otsp_sample.api.change", "127.0.0.9", "r-1", None)]


def test_recorded_entry_replaces_the_plain_one(kit):
    call = Call("otsp_sample.api.change", request_id="r-1", is_write=True)
    with activate(kit.runtime, call), transaction() as tx:
        tx.add(an_item(new_id()))
        audit.record(tx, "sample.changed", object_type="item", object_id="1", after={"a": 1})

    [(action, _, _, after)] = audit_rows(kit)
    assert action == "sample.changed"
    assert after == recording._digest({"a": 1})


def test_write_that_changed_nothing_leaves_no_audit_row(kit):
    with activate(kit.runtime, Call("op", request_id="r", is_write=True)), transaction() as tx:
        tx.execute(select(Item)).all()

    assert audit_rows(kit) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"]
)
def test_application_role_cannot_change_the_audit_trail(kit, statement):
    with (
        kit.active(),
        transaction() as tx,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        tx.execute(text(statement))


def test_exhausted_pool_is_told_as_unavailable(kit):
    engine = kit.runtime.database.engine
    held = [engine.connect() for _ in range(kit.runtime.settings.db_pool_size)]
    try:
        with kit.active(), pytest.raises(Unavailable), reading():
            pass
    finally:
        for connection in held:
            connection.close()


def test_full_disk_is_told_as_unavailable(kit):
    """The server's own code, of which somebody frees it; it is no fault of the request."""
    full = text("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$")

    with kit.active(), pytest.raises(Unavailable), transaction() as tx:
        tx.execute(full)


@pytest.mark.parametrize("is_raw", [True, False])
def test_connection_that_the_server_ended_is_told_as_unavailable(kit, postgres, is_raw):
    institution_id = new_id()
    with kit.active(), transaction() as tx:
        pid = tx.scalar(select(func.pg_backend_pid()))
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])

    def write() -> None:
        with kit.active(), transaction() as tx:
            if is_raw:
                guard_write(tx, institution_id, "items")
            tx.execute(select(Item)).all()

    with pytest.raises(Unavailable):
        write()
    with kit.active(), transaction() as tx:
        guard_write(tx, institution_id, "items")


def test_duplicate_review_lock_rows_are_impossible(kit):
    row = {"institution_id": new_id(), "application_id": new_id(), "scopes": []}
    with kit.active(), transaction() as tx:
        tx.execute(insert(review_lock), row)
    with pytest.raises(Exception, match="pk_review_lock"), kit.active(), transaction() as tx:
        tx.execute(insert(review_lock), row)


def audit_rows(kit: ServiceKit) -> list[tuple[object, ...]]:
    columns = audit_entry.c
    query = select(columns.action, columns.client_ip, columns.request_id, columns.after_sha256)
    with kit.runtime.database.autocommit.connect() as reader:
        return [tuple(row) for row in reader.execute(query)]


def _until_somebody_waits_for_a_lock(kit: ServiceKit) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    deadline = threading.Event()
    timer = threading.Timer(10, deadline.set)
    timer.start()
    with kit.runtime.database.autocommit.connect() as reader:
        while not deadline.is_set() and reader.scalar(waiting) == 0:
            reader.commit()
    timer.cancel()
    assert not deadline.is_set(), "nobody came to wait for the lock"
