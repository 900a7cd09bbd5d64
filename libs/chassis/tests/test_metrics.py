"""What alerts stand on: measured where it happens, and by one replica alone."""

from dataclasses import replace

import orjson
import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from joserfc.jwk import OKPKey
from prometheus_client import REGISTRY
from sqlalchemy import text

from otsp_chassis import outbox, reveals
from otsp_chassis.db import Database, transaction
from otsp_chassis.identity import IdentityMinter
from otsp_chassis.ids import new_id
from otsp_chassis.jobs import Job, schedule
from otsp_chassis.metrics import OUTBOX_OLDEST, OUTBOX_PENDING
from otsp_chassis.outbox import Relay
from otsp_chassis.problems import Unavailable
from otsp_chassis.signing import Ed25519Signer
from otsp_testkit.sample import queries

SERVICE = {"service": "sample"}


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


@pytest.fixture
def key_file(tmp_path):
    def make(**more):
        key = OKPKey.generate_key("Ed25519", {"kid": "k1", "use": "sig"}).as_dict(private=True)
        file = tmp_path / "private.jwk"
        file.write_bytes(orjson.dumps(key | more))
        return file

    return make


def test_pool_tells_its_size_beside_what_is_in_use(kit):
    url, mine = kit.runtime.settings.database_url, {"service": "pooled"}
    database = Database(url, service="pooled", pool_size=3, pool_timeout=2, statement_ms=5_000)
    try:
        with database.autocommit.connect():
            in_use = value("otsp_db_pool_in_use", **mine)
    finally:
        database.dispose()

    assert (in_use, value("otsp_db_pool_size", **mine)) == (1, 3)


def test_first_failure_of_a_service_counts(kit, monkeypatch):
    def lose_the_database(*_, **__):
        raise Unavailable

    owner = kit.as_institution(new_id()).principal
    client = kit.as_principal(replace(owner, scopes=frozenset({"sample:read"})))
    items = f"/api/sample/v1/institutions/{client.principal.institution_id}/items?limit=5"
    before = value("otsp_http_failures_total", **SERVICE)
    monkeypatch.setattr(queries, "list_items", lose_the_database)

    assert client.get(items).status == 503
    assert value("otsp_http_failures_total", **SERVICE) == before + 1


def test_scheduled_job_tells_its_pace_before_it_ever_ran(kit):
    job = Job("sweep-never", 3_600, lambda: None)

    schedule(BackgroundScheduler(), kit.runtime, [job])

    assert value("otsp_job_period_seconds", **SERVICE, job=job.name) == 3_600
    assert value("otsp_job_last_success_timestamp", **SERVICE, job=job.name) is None


def test_replica_that_does_not_relay_tells_nothing_of_the_outbox(kit):
    class Stopped(Exception):
        """Instead of waiting for the other to go."""

    class Elsewhere:
        """A connection whose database says that another session has the lock."""

        def execute(self, _):
            return self

        def fetchone(self):
            return (False,)

    def stop_waiting(_):
        raise Stopped

    for gauge in (OUTBOX_PENDING, OUTBOX_OLDEST):
        gauge.labels("sample").set(400)
    relay = Relay(kit.runtime, bus=None)
    relay._stop.wait = stop_waiting

    with pytest.raises(Stopped):
        relay._become_the_relay(Elsewhere())

    assert value("otsp_outbox_unpublished", **SERVICE) is None
    assert value("otsp_outbox_oldest_age_seconds", **SERVICE) is None


def test_outbox_is_measured_while_there_is_more_than_a_batch(kit, monkeypatch):
    """A relay that is slower than its writers never sees the end: its age is what must ring."""

    class Slow:
        published = 0

        def publish(self, envelopes):
            self.published += len(envelopes)
            if self.published == 2:
                relay.stop()
            return [True] * len(envelopes)

    relay = Relay(kit.runtime, Slow())
    with kit.active(), transaction() as tx:
        for _ in range(4):
            tx.execute(
                text(
                    "INSERT INTO outbox (event_id, type, subject, envelope)"
                    " VALUES (:id, 'sample.x.v1', 's', '{}')"
                ),
                {"id": new_id()},
            )
    OUTBOX_OLDEST.labels("sample").set(-1)
    monkeypatch.setattr(outbox, "BATCH", 1)

    relay._relay_while_connected()

    assert value("otsp_outbox_oldest_age_seconds", **SERVICE) >= 0
    assert value("otsp_outbox_unpublished", **SERVICE) == 3


def test_key_tells_when_it_was_made_once_it_signs(key_file):
    Ed25519Signer(key_file(iat=1_700_000_000)).sign({"a": 1}, "otsp-test-aged")
    Ed25519Signer(key_file()).sign({"a": 1}, "otsp-test-ageless")
    IdentityMinter(key_file(iat=1_700_000_001))

    made = "otsp_signing_key_made_timestamp"
    assert value(made, kind="otsp-test-aged") == 1_700_000_000
    assert value(made, kind="otsp-test-ageless") is None
    assert value(made, kind="otsp-identity") == 1_700_000_001


def test_each_look_in_clear_counts(kit):
    grounds = reveals.Grounds(new_id(), "核对身份")
    before = value("otsp_reveals_total", **SERVICE) or 0

    with kit.active(), transaction() as tx:
        reveals.reveal(tx, grounds, {"mobile": "x"}, object_type="item", object_id=new_id())

    assert value("otsp_reveals_total", **SERVICE) == before + 1
