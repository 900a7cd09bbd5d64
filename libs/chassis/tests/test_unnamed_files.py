"""What nothing names a month after its upload goes; what anything names, or named, stays."""

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from otsp_chassis import clock, metrics, statements
from otsp_chassis.db import transaction
from otsp_chassis.files import find_attachment, store_attachment
from otsp_chassis.history import Subject, record
from otsp_chassis.ids import new_id
from otsp_chassis.locks import advisory_key
from otsp_chassis.tables import attachment, audit_entry
from otsp_chassis.unnamed_files import KEPT_FOR, NamedFiles, erase_unnamed, find_unnamed
from otsp_testkit.documents import picture
from otsp_testkit.sample.model import Dossier
from otsp_testkit.sample.queries import NAMED, REFERENCES

SOON = timedelta(minutes=1)


@pytest.fixture
def owner_id():
    return new_id()


@pytest.fixture
def file_id(kit, owner_id):
    return store(kit, owner_id)


def store(kit, owner_id):
    with kit.active():
        return store_attachment(
            institution_id=owner_id,
            name="a.png",
            content_type="image/png",
            stream=io.BytesIO(picture(9, 9)),
        ).file_id


def enter(kit, owner_id, **columns):
    row = {"photo_file_id": None, "scan_file_ids": [], "notes": {}, "is_draft": False} | columns
    with kit.active(), transaction() as tx:
        tx.execute(insert(Dossier).values(dossier_id=new_id(), institution_id=owner_id, **row))


def run(kit, age=KEPT_FOR + SOON):
    with clock.frozen(clock.now() + age):
        kit.run_job("erase_unnamed_files")


def is_there(kit, owner_id, file_id):
    with kit.active(), transaction() as tx:
        row = find_attachment(tx, owner_id, file_id) is not None
    folder = kit.runtime.settings.files_dir / "sample"
    lies = any(path.name == file_id.hex[::-1] for path in folder.rglob("*"))
    assert row == lies
    return row


def test_a_file_that_nothing_names_is_gone_after_30_days(kit, owner_id, file_id):
    run(kit)

    assert not is_there(kit, owner_id, file_id)


def test_it_has_30_days_to_be_named(kit, owner_id, file_id):
    run(kit, KEPT_FOR - SOON)

    assert is_there(kit, owner_id, file_id)


@pytest.mark.parametrize(
    "columns",
    [
        lambda it: {"photo_file_id": it},
        lambda it: {"scan_file_ids": [new_id(), it]},
        lambda it: {"notes": {"papers": [{"file_id": str(it)}, {"file_id": str(new_id())}]}},
        lambda it: {"photo_file_id": it, "is_draft": True},
        lambda it: {"photo_file_id": it, "deleted_at": clock.now()},
    ],
    ids=["a column", "a list", "JSON", "a draft", "a deleted row"],
)
def test_what_a_row_names_stays_whatever_its_age(kit, owner_id, file_id, columns):
    enter(kit, owner_id, **columns(file_id))

    run(kit, timedelta(days=4_000))

    assert is_there(kit, owner_id, file_id)


def test_what_another_institution_names_is_not_named(kit, owner_id, file_id):
    enter(kit, new_id(), photo_file_id=file_id)

    run(kit)

    assert not is_there(kit, owner_id, file_id)


def test_what_a_difference_told_of_stays_with_the_history(kit, owner_id, file_id):
    with kit.active(), transaction() as tx:
        subject = Subject(owner_id, "dossier", new_id())
        record(tx, subject, before={"photo_file_id": file_id}, after={}, version=2)

    run(kit)

    assert is_there(kit, owner_id, file_id)


def test_only_what_is_unnamed_goes(kit, owner_id, file_id):
    unnamed, elsewhere = store(kit, owner_id), new_id()
    theirs = store(kit, elsewhere)
    enter(kit, owner_id, photo_file_id=file_id)

    run(kit)

    assert is_there(kit, owner_id, file_id)
    assert not is_there(kit, owner_id, unnamed)
    assert not is_there(kit, elsewhere, theirs)


def test_institutions_of_which_others_name_files_are_spared(kit, owner_id, file_id):
    enter(kit, owner_id, is_draft=True)
    spared = select(Dossier.institution_id).where(Dossier.is_draft)

    with kit.active(), clock.frozen(clock.now() + KEPT_FOR + SOON):
        assert list(erase_unnamed(NamedFiles(REFERENCES, spared))) == []

    assert is_there(kit, owner_id, file_id)


def test_a_look_before_tells_what_a_run_would_come_to(kit, owner_id, file_id):
    store(kit, owner_id)

    with kit.active(), clock.frozen(clock.now() + KEPT_FOR + SOON):
        looked = list(find_unnamed(NAMED))
        assert is_there(kit, owner_id, file_id)
        done = list(erase_unnamed(NAMED))

    [found] = looked
    assert looked == done
    assert (found.institution_id, found.files) == (owner_id, 2)
    assert found.bytes == 2 * len(picture(9, 9))


def test_more_institutions_than_are_looked_at_together(kit, monkeypatch):
    monkeypatch.setattr("otsp_chassis.unnamed_files._INSTITUTIONS_AT_ONCE", 2)
    owners = [new_id() for _ in range(5)]
    stored = [store(kit, each) for each in owners]

    run(kit)

    assert not any(is_there(kit, *each) for each in zip(owners, stored, strict=True))


def test_a_write_that_names_it_meanwhile_is_waited_for(kit, owner_id, file_id, monkeypatch):
    """The run finds it unnamed, then waits for the writer, then looks again."""
    named, goes_on, locking = threading.Event(), threading.Event(), statements.run

    def lock(*arguments):
        goes_on.set()
        return locking(*arguments)

    def write():
        with kit.active(), transaction() as tx:
            shared = "SELECT pg_advisory_xact_lock_shared(%(key)s)"
            locking(tx, shared, {"key": advisory_key(owner_id)})
            named.set()
            assert goes_on.wait(10)
            row = {"scan_file_ids": [], "notes": {}, "is_draft": False}
            tx.execute(
                insert(Dossier).values(
                    dossier_id=new_id(), institution_id=owner_id, photo_file_id=file_id, **row
                )
            )

    writer = threading.Thread(target=write)
    writer.start()
    assert named.wait(10)
    monkeypatch.setattr("otsp_chassis.unnamed_files.statements.run", lock)
    with kit.active(), clock.frozen(clock.now() + KEPT_FOR + SOON):
        assert list(erase_unnamed(NAMED)) == []
    assert goes_on.is_set()
    writer.join()

    assert is_there(kit, owner_id, file_id)


def test_what_went_is_in_the_trail_and_counted(kit, owner_id, file_id):
    counter = metrics.UNNAMED_FILES_ERASED.labels("sample")._value
    before = counter.get()

    run(kit)

    query = select(audit_entry.c.action, audit_entry.c.institution_id).where(
        audit_entry.c.object_id == str(file_id)
    )
    with kit.runtime.database.autocommit.connect() as reader:
        assert [tuple(row) for row in reader.execute(query)] == [("file.erased", owner_id)]
        assert reader.scalar(select(attachment.c.name)) == ""
    assert counter.get() == before + 1


def test_a_run_that_broke_off_is_finished_by_the_next(kit, owner_id, file_id):
    """Its bytes were gone when it was killed, its row was not."""
    kit.runtime.blobs.erase(file_id.hex[::-1])

    run(kit)

    with kit.active(), transaction() as tx:
        assert find_attachment(tx, owner_id, file_id) is None
        tx.execute(update(attachment).values(name=""))
