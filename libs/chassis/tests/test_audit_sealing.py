"""The sealer: every entry once, in one chain, however many seal and however late it commits."""

import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import ProgrammingError

from otsp_chassis import audit, metrics
from otsp_chassis.audit import sealing
from otsp_chassis.audit.sealing import SigningKeyMissing, require_signing_key
from otsp_chassis.audit.signing import HeadVerifier
from otsp_chassis.audit.verifying import verify
from otsp_chassis.context import Call, activate
from otsp_chassis.db import transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.jobs import jobs_of
from otsp_chassis.tables import audit_entry, audit_head, audit_seal


def note(kit, action="sample.changed"):
    with kit.active(), transaction() as tx:
        audit.record(tx, action, object_type="item", object_id="1", after={"a": 1})


def rows(kit, table, column):
    with kit.runtime.database.autocommit.connect() as reader:
        return list(reader.scalars(select(table.c[column]).order_by(table.c.position)))


def proved(kit, keys=None):
    heads = HeadVerifier(keys or kit.keys.audit_public)
    return verify(kit.service.name, kit.runtime.database, heads)


def is_whole(kit, entries):
    report = proved(kit)
    return (report.faults, report.sealed, report.unsealed) == ([], entries, 0)


def test_each_run_chains_what_is_new_and_signs_its_last_seal(kit):
    for _ in range(3):
        note(kit)
    kit.run_job("seal_audit_trail")
    note(kit)
    kit.run_job("seal_audit_trail")
    kit.run_job("seal_audit_trail")

    assert rows(kit, audit_seal, "position") == [1, 2, 3, 4]
    assert rows(kit, audit_head, "position") == [3, 4]
    assert rows(kit, audit_head, "previous") == [0, 3]
    assert is_whole(kit, 4)


def test_backlog_is_sealed_batch_by_batch(kit, monkeypatch):
    _put_entries(kit, sealing.BATCH * 2 + 5)

    kit.run_job("seal_audit_trail")

    assert rows(kit, audit_head, "position") == [1_000, 2_000, 2_005]
    assert is_whole(kit, 2_005)


def test_entry_that_commits_late_is_chained_where_it_is_found(kit):
    begun, may_end = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with kit.active(), transaction() as tx:
            audit.record(tx, "sample.slow", object_type="item", object_id="1")
            begun.set()
            may_end.wait(20)

    slow = threading.Thread(target=write_slowly)
    slow.start()
    begun.wait(20)
    note(kit)
    kit.run_job("seal_audit_trail")
    sealed_before = rows(kit, audit_seal, "entry_sequence")
    may_end.set()
    slow.join(20)
    kit.run_job("seal_audit_trail")

    assert sealed_before == [2]
    assert rows(kit, audit_seal, "entry_sequence") == [2, 1]
    assert is_whole(kit, 2)


def test_entry_that_commits_very_late_is_found_by_the_hourly_look(kit):
    with psycopg.connect(kit.owner_url) as owner:
        owner.execute("SELECT nextval(pg_get_serial_sequence('audit_entry', 'sequence'))")
    for _ in range(2):
        note(kit)
        kit.run_job("seal_audit_trail")
    with psycopg.connect(kit.owner_url) as owner:
        owner.execute(
            "UPDATE audit_head SET signed_at = signed_at - interval '2 minutes' WHERE position = 1"
        )
        owner.execute(
            "INSERT INTO audit_entry (sequence, operation, action) OVERRIDING SYSTEM VALUE"
            " VALUES (1, 'late', 'late')"
        )

    kit.run_job("seal_audit_trail")
    before = rows(kit, audit_seal, "entry_sequence")
    kit.run_job("seal_late_audit_entries")

    assert before == [2, 3]
    assert rows(kit, audit_seal, "entry_sequence") == [2, 3, 1]


def test_many_sealers_and_many_writers_make_one_chain(kit):
    """Straight at the function: the lock of the job is not what keeps them apart."""
    done = threading.Event()

    def write() -> None:
        for _ in range(40):
            note(kit)

    def keep_sealing() -> None:
        while not done.is_set():
            with kit.active():
                sealing.seal_new()

    writers = [threading.Thread(target=write) for _ in range(3)]
    sealers = [threading.Thread(target=keep_sealing) for _ in range(3)]
    for thread in [*writers, *sealers]:
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    for thread in sealers:
        thread.join(60)
    kit.run_job("seal_audit_trail")

    assert sorted(rows(kit, audit_seal, "entry_sequence")) == list(range(1, 121))
    assert is_whole(kit, 120)


def test_sealer_that_dies_before_it_signed_leaves_nothing_half_done(kit, monkeypatch):
    note(kit)
    with monkeypatch.context() as broken:
        broken.setattr(sealing, "sign", _die)
        kit.run_job("seal_audit_trail")
    after_death = proved(kit)
    kit.run_job("seal_audit_trail")

    assert (after_death.sealed, after_death.unsealed, after_death.faults) == (0, 1, [])
    assert is_whole(kit, 1)


def test_writers_do_not_wait_for_a_sealer(kit):
    note(kit)
    with kit.active(), transaction() as tx:
        assert tx.scalar(sealing._LOCK)
        writer = threading.Thread(target=note, args=(kit,))
        writer.start()
        writer.join(10)
        assert not writer.is_alive()


def test_what_waits_is_a_metric_while_sealing_fails(kit, monkeypatch):
    note(kit)
    with monkeypatch.context() as broken:
        broken.setattr(sealing, "sign", _die)
        kit.run_job("seal_audit_trail")
    failing = _waiting()
    kit.run_job("seal_audit_trail")

    assert failing[0] == 1
    assert failing[1] > 0
    assert _waiting() == (0, 0)


def test_new_key_signs_from_the_next_batch_on_and_old_heads_still_verify(kit, tmp_path):
    from otsp_testkit.keys import write_key_files

    fresh = write_key_files(tmp_path)
    old = kit.runtime.settings
    _rename_key(fresh.audit_private, fresh.audit_public)
    note(kit)
    kit.run_job("seal_audit_trail")
    note(kit)
    settings = old.model_copy(update={"audit_signing_key": fresh.audit_private})
    with activate(_with_settings(kit.runtime, settings), None):
        sealing.seal_new()

    both = tmp_path / "both.jwks"
    both.write_text(_joined(kit.keys.audit_public, fresh.audit_public), encoding="utf-8")
    faults = [
        [(each.position, each.what) for each in proved(kit, keys).faults]
        for keys in (both, kit.keys.audit_public, fresh.audit_public)
    ]
    assert faults == [[], [(2, "key_unknown")], [(1, "key_unknown")]]


def test_worker_without_a_key_does_not_start(kit):
    settings = kit.runtime.settings.model_copy(update={"audit_signing_key": None})

    with pytest.raises(SigningKeyMissing, match="OTSP_AUDIT_SIGNING_KEY"):
        require_signing_key(settings)
    with pytest.raises(SigningKeyMissing):
        kit.service.work(_with_settings(kit.runtime, settings))


def test_every_worker_seals_each_second():
    paces = {job.name: job.seconds for job in jobs_of(None)}

    assert paces["seal_audit_trail"] == 1
    assert paces["seal_late_audit_entries"] < timedelta(hours=2).total_seconds()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("audit_entry", "action"),
        ("audit_seal", "position"),
        ("audit_head", "jws"),
        ("change", "kind"),
    ],
)
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_application_role_may_only_append(kit, table, column, change):
    with (
        kit.active(),
        transaction() as tx,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        tx.execute(text(change.format(table, column)))


def test_entry_tells_the_region_of_the_authority_that_acted(kit):
    authority = AuthorityClaim(new_id(), "county", "education", "330106")
    reviewer = Principal(new_id(), "reviewer", frozenset(), "s", authority=authority)
    for principal in (reviewer, None):
        call = Call("op", request_id="r", is_write=True, principal=principal)
        with activate(kit.runtime, call), transaction() as tx:
            audit.record(tx, "sample.changed", object_type="item", object_id="1")

    with kit.runtime.database.autocommit.connect() as reader:
        told = reader.scalars(select(audit_entry.c.region_code).order_by(audit_entry.c.sequence))
        assert list(told) == ["330106", None]


def _die(*_anything):
    raise OSError


def _waiting():
    return tuple(
        gauge.labels("sample")._value.get()
        for gauge in (metrics.AUDIT_UNSEALED, metrics.AUDIT_OLDEST_UNSEALED)
    )


def _put_entries(kit, count):
    entries = [{"operation": "op", "action": f"sample.{number}"} for number in range(count)]
    with kit.active(), transaction() as tx:
        tx.execute(insert(audit_entry), entries)


def _with_settings(runtime, settings):
    from dataclasses import replace

    return replace(runtime, settings=settings)


def _rename_key(*files: Path) -> None:
    for file in files:
        file.write_text(file.read_text(encoding="utf-8").replace("audit-1", "audit-2"))


def _joined(*files: Path) -> str:
    import json

    keys = [key for file in files for key in json.loads(file.read_text())["keys"]]
    return json.dumps({"keys": keys})
