"""A sealed snapshot proves itself, holds what it was judged by, and cannot be changed."""

import gzip
import hashlib

import orjson
import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import ProgrammingError

from otsp_chassis import clock
from otsp_chassis.canonical import digest_of
from otsp_chassis.db import reading, transaction
from otsp_compliance.model import Finding, Snapshot, SnapshotPart

PARTS = {"institution", "staff", "materials", "courses", "rectifications", "region", "ruleset"}


@pytest.fixture(autouse=True)
def _today(filing_day):
    with clock.frozen(filing_day):
        yield


@pytest.fixture
def sealed(world, kit):
    """The stored parts of sample A by name, and what its application tells."""
    world.authority("杭州市西湖区教育局")
    world.profile().configure()
    application_id = world.filed()
    world.provide()
    with kit.active(), reading() as tx:
        rows = list(tx.execute(select(SnapshotPart.part, SnapshotPart.content)))
    return dict(map(tuple, rows)), world.application(application_id)


def test_every_part_has_the_digest_that_the_seal_names(sealed):
    parts, told = sealed

    digests = {
        part: hashlib.sha256(gzip.decompress(content)).hexdigest()
        for part, content in parts.items()
    }

    assert set(digests) == PARTS
    assert told["snapshot"]["parts"] == digests
    assert told["snapshot"]["sha256"] == digest_of(digests)


def test_a_section_is_kept_as_it_was_sent(world, sealed):
    parts, told = sealed

    sent = world.section("staff")

    assert orjson.loads(gzip.decompress(parts["staff"])) == sent.data
    assert told["snapshot"]["parts"]["staff"] == sent.sha256


def test_the_seal_holds_what_was_judged_by(sealed):
    parts, _ = sealed

    region = orjson.loads(gzip.decompress(parts["region"]))
    ruleset = orjson.loads(gzip.decompress(parts["ruleset"]))

    assert region["price_float_bp"] == 1000
    assert ruleset["as_of"] == "2024-10-15"
    assert ruleset["rules"]["TIM-003"] == 2
    assert ruleset["parameters"]["max_lessons"] == 60
    assert ruleset["calendar"]["covers_until"] >= "2026-12-31"


def test_the_same_data_have_the_same_seal(world, sealed):
    _, told = sealed
    world.institution().post(f"{world.api}/applications/{told['application_id']}/withdrawal")

    again = world.filed()
    world.provide()

    assert world.application(again)["snapshot"]["sha256"] == told["snapshot"]["sha256"]


@pytest.mark.parametrize(
    "statement",
    [
        update(SnapshotPart).values(sha256="0" * 64),
        delete(SnapshotPart),
        update(Snapshot).values(sha256="0" * 64),
        delete(Snapshot),
        update(Finding).values(message_zh="无"),
        delete(Finding),
    ],
    ids=str,
)
def test_the_service_itself_cannot_change_what_is_sealed(kit, sealed, statement):
    with (
        kit.active(),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction() as tx,
    ):
        tx.execute(statement)


def test_a_part_is_stored_once(kit, sealed):
    with kit.active(), reading() as tx:
        row = tx.execute(select(SnapshotPart.request_id, SnapshotPart.part)).first()

    values = {"request_id": row.request_id, "part": row.part, "sha256": "0", "content": b""}
    with kit.active(), pytest.raises(Exception, match="duplicate key"), transaction() as tx:
        tx.execute(insert(SnapshotPart).values(**values))
