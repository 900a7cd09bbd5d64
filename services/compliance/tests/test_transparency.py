"""The transparency log: every final decision once, in a chain, with a signed head for each day."""

from contextlib import contextmanager
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import create_engine, delete, select, update
from sqlalchemy.exc import ProgrammingError

from otsp_chassis import clock, metrics
from otsp_chassis.db import reading, transaction
from otsp_chassis.signing import PublicKeys
from otsp_compliance.commands import transparency
from otsp_compliance.model import Decision, LogEntry, LogHead
from otsp_compliance.model.log_proof import FIRST, verify_log

JOB = "seal_transparency_log"


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.profile().configure().authority("杭州市西湖区教育局")


@pytest.fixture
def decided(world, bureau):
    """Files sample A and has it decided."""

    def decide(decision="approve", **body):
        application_id = world.filed(acknowledged_warnings=["SIT-006"])
        world.provide()
        case = f"{world.api}/cases/{world.application(application_id)['case_id']}"
        reviewer = world.reviewer(bureau)
        assert reviewer.post(f"{case}/acceptance", {}).status == 200
        given = {"decision": decision, "warnings_read": ["SIT-006"]} | body
        assert reviewer.post(f"{case}/decisions", given).status == 200
        return application_id

    return decide


@contextmanager
def owner(kit):
    """A connection of the database's owner, who may do anything."""
    engine = create_engine(kit.owner_url.replace("://", "+psycopg://", 1))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def log(kit, world, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return kit.anonymous().get(f"{world.api}/public/log?{query}").json


def heads(kit, world, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return kit.anonymous().get(f"{world.api}/public/log/heads?{query}").json


def proved(kit, world):
    keys = PublicKeys(kit.anonymous().get(f"{world.api}/public/jwks").json)
    return verify_log(log(kit, world)["items"], heads(kit, world)["items"], keys)


def test_an_approval_is_published_by_name_and_with_its_receipt(kit, world, decided):
    application_id = decided()
    kit.run_job(JOB)

    (item,) = log(kit, world)["items"]
    (decision,) = world.application(application_id)["decisions"]
    entry = item["entry"]
    assert (entry["position"], entry["previous_sha256"]) == (1, FIRST)
    assert entry["decision_id"] == decision["decision_id"]
    assert entry["institution_name"] == world.facts["name"]
    assert (entry["outcome"], entry["doc_no"]) == ("approved", decision["doc_no"])
    assert entry["authority_name"] == "杭州市西湖区教育局"
    assert entry["logged_on"] == "2024-10-15"
    assert len(entry["receipt_sha256"]) == 64
    assert proved(kit, world).fault_count == 0


def test_a_refusal_is_published_without_a_name_or_a_word(kit, world, decided):
    decided("return", reason="周甲的证书已过期")
    kit.run_job(JOB)

    told = log(kit, world)
    entry = told["items"][0]["entry"]
    assert (entry["outcome"], entry["institution_id"], entry["institution_name"]) == (
        "returned", None, None,
    )  # fmt: skip
    assert "周甲" not in orjson.dumps(told).decode()


def test_a_decision_that_is_set_aside_stays_and_is_followed_by_the_other(
    kit, world, bureau, decided
):
    application_id = decided()
    (old,) = world.application(application_id)["decisions"]
    path = f"{world.api}/decisions/{old['decision_id']}/replacement"
    given = {"outcome": "returned", "reason": "经复核，原决定认定事实有误"}
    admin = world.reviewer(bureau, role="region_admin")
    assert admin.post(path, given).status == 200

    kit.run_job(JOB)

    first, second = (item["entry"] for item in log(kit, world)["items"])
    assert (first["outcome"], second["outcome"]) == ("approved", "returned")
    assert second["replaces"] == first["decision_id"]


def test_each_decision_is_chained_once(kit, world, decided):
    decided("reject", reason="材料不全")
    kit.run_job(JOB)
    kit.run_job(JOB)
    decided()
    kit.run_job(JOB)

    assert [item["entry"]["position"] for item in log(kit, world)["items"]] == [1, 2]
    assert proved(kit, world).fault_count == 0


def test_a_backlog_is_chained_batch_by_batch(kit, world, decided, monkeypatch):
    monkeypatch.setattr(transparency, "BATCH", 1)
    decided("reject", reason="材料不全")
    decided()

    kit.run_job(JOB)

    assert len(log(kit, world)["items"]) == 2


def test_what_committed_late_is_chained_too(kit, world, decided):
    decided("reject", reason="材料不全")
    with kit.active(), reading() as tx:
        late = tx.scalar(select(Decision.decision_id))
    decided()
    moved = update(Decision).where(Decision.decision_id == late)
    with owner(kit) as anything:
        anything.execute(moved.values(is_final=False))
    kit.run_job(JOB)
    with owner(kit) as anything:
        anything.execute(moved.values(is_final=True))

    kit.run_job(JOB)

    ids = [item["entry"]["decision_id"] for item in log(kit, world)["items"]]
    assert (len(ids), ids[1]) == (2, str(late))


def test_every_day_has_its_head_and_missed_ones_are_caught_up(kit, world, decided, now):
    kit.run_job(JOB)
    decided()
    kit.run_job(JOB)
    with clock.frozen(now + timedelta(days=4)):
        kit.run_job(JOB)
        decided_later = heads(kit, world)["items"]

    assert [(head["day"], head["size"]) for head in decided_later] == [
        ("2024-10-14", 0),
        ("2024-10-15", 1),
        ("2024-10-16", 1),
        ("2024-10-17", 1),
        ("2024-10-18", 1),
    ]
    assert proved(kit, world).fault_count == 0


def test_what_is_decided_after_midnight_belongs_to_the_new_day(kit, world, decided, now):
    kit.run_job(JOB)
    decided()  # before midnight, and found after it
    with clock.frozen(now + timedelta(days=1)):
        kit.run_job(JOB)

    (item,) = log(kit, world)["items"]
    assert item["entry"]["logged_on"] == "2024-10-16"
    assert [head["size"] for head in heads(kit, world)["items"]] == [0, 0]
    assert proved(kit, world).fault_count == 0


def test_a_business_day_that_goes_back_opens_no_signed_day(kit, world, decided, now):
    kit.run_job(JOB)
    with clock.frozen(now - timedelta(days=3)):
        decided()
        kit.run_job(JOB)

    assert log(kit, world)["items"][0]["entry"]["logged_on"] == "2024-10-15"
    assert len(heads(kit, world)["items"]) == 1
    assert proved(kit, world).fault_count == 0


def test_only_one_replica_seals(kit, world, decided):
    decided()
    with owner(kit) as other:
        assert other.scalar(transparency._LOCK)
        kit.run_job(JOB)
        assert log(kit, world)["items"] == []

    kit.run_job(JOB)
    assert len(log(kit, world)["items"]) == 1


def test_pages_go_on_where_the_last_one_ended(kit, world, decided, now):
    decided("reject", reason="材料不全")
    decided()
    kit.run_job(JOB)
    with clock.frozen(now + timedelta(days=1)):
        kit.run_job(JOB)

    first = log(kit, world, limit=1)
    second = log(kit, world, limit=1, after=first["next"])
    days = heads(kit, world, limit=1)
    rest = heads(kit, world, limit=1, after=days["next"])

    assert (first["next"], second["next"]) == (1, None)
    assert second["items"][0]["entry"]["position"] == 2
    assert (days["next"], rest["next"]) == ("2024-10-14", None)
    assert rest["items"][0]["day"] == "2024-10-15"


def test_what_waits_is_measured(kit, world, decided, now):
    decided()
    with clock.frozen(now + timedelta(minutes=3)), kit.active():
        transparency._measure()
        waiting = metrics.LOG_OLDEST_UNSEALED._value.get()
    kit.run_job(JOB)

    assert waiting == 180
    assert metrics.LOG_OLDEST_UNSEALED._value.get() == 0
    assert metrics.LOG_HEAD_AGE_DAYS._value.get() == 1


@pytest.mark.parametrize(
    "statement",
    [
        update(LogEntry).values(sha256="x"),
        delete(LogEntry),
        update(LogHead).values(size=0),
        delete(LogHead),
    ],
    ids=str,
)
def test_the_service_itself_cannot_change_the_log(kit, statement):
    with (
        kit.active(),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction() as tx,
    ):
        tx.execute(statement)
