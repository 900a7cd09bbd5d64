"""A large member of an event travels by claim check; who sends and who reads do not notice."""

from contextlib import contextmanager
from datetime import timedelta

import orjson
import pytest

from otsp_chassis import clock
from otsp_chassis.bus import LocalBus
from otsp_chassis.claims import KEPT
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.inbox import BACK_OFF_SECONDS, Inbox, Subscription
from otsp_chassis.outbox import Relay, publish
from otsp_contracts.envelope import Envelope
from otsp_contracts.staff import StaffSnapshotProvided
from otsp_testkit.sample.app import service
from otsp_testkit.sample.commands import ItemAdded

NAME = "沈示例"
LIMIT = 1_000
SMALL, LARGE = {"name": NAME}, {"name": NAME, "note": "x" * LIMIT}


class Reader:
    """Another service's inbox, over the sample's database and the common store."""

    def __init__(self, runtime):
        self.read = []
        handler = Subscription(StaffSnapshotProvided, self._handle, None)
        self._inbox = Inbox(runtime, {StaffSnapshotProvided.TYPE: handler})
        self.types, self.travelled = self._inbox.types, []

    def _handle(self, _tx, event):
        self.read.append(event.data)

    def receive(self, envelope):
        self.travelled.append(envelope)
        self._inbox.receive(envelope)

    def retry_all(self):
        later = clock.now()
        for pause in BACK_OFF_SECONDS:
            later += timedelta(seconds=pause + 1)
            with clock.frozen(later):
                self._inbox.retry_due()


class Deaf:
    """A bus that confirms nothing."""

    def __init__(self):
        self.offered = []

    def publish(self, envelopes):
        self.offered += envelopes
        return [False] * len(envelopes)


@contextmanager
def bus_to(reader):
    bus = LocalBus()
    bus.subscribe("reader", reader.types, reader.receive)
    bus.start()
    try:
        yield bus
    finally:
        bus.stop()


@pytest.fixture
def kit(make_kit):
    kit = make_kit(service, claim_above_bytes=LIMIT)
    yield kit
    kit.clean()


@pytest.fixture
def reader(kit):
    return Reader(kit.runtime)


@pytest.fixture
def bus(reader):
    with bus_to(reader) as bus:
        yield bus


def tell(kit, data):
    """A section with this data, in the outbox."""
    told = StaffSnapshotProvided(
        request_id=new_id(),
        institution_id=new_id(),
        purpose="self_check",
        section="staff",
        version=1,
        sha256="0" * 64,
        encoding="gzip" if isinstance(data, str) else "plain",
        data=data,
    )
    with kit.active(), transaction() as tx:
        publish(tx, told)
    return told


def file_of(kit, claim):
    prefix, _, name = claim["key"].rpartition("/")
    return kit.runtime.settings.claims_dir / prefix / name[:2] / name


def send(kit, bus, reader, data=LARGE):
    """What was told, and the file in the store that it travelled by."""
    told = tell(kit, data)
    assert kit.relay_to(bus) == 1
    return told, file_of(kit, reader.travelled[-1].data["claim"])


@pytest.mark.parametrize("data", [LARGE, "H4sI" + "A" * LIMIT], ids=["object", "text"])
def test_large_member_comes_back_as_it_was(kit, bus, reader, data):
    told, _ = send(kit, bus, reader, data)

    assert reader.read == [told]


def test_event_itself_carries_size_and_digest_instead(kit, bus, reader):
    send(kit, bus, reader)

    data = reader.travelled[0].data
    assert data["data"] is None
    assert data["claim"]["size"] == len(orjson.dumps(LARGE))
    assert len(reader.travelled[0].to_bytes()) < LIMIT


def test_what_lies_in_the_store_is_not_readable(kit, bus, reader):
    _, file = send(kit, bus, reader)

    assert NAME.encode() not in file.read_bytes()
    assert b"xxx" not in file.read_bytes()


def test_small_member_travels_in_the_event(kit, bus, reader):
    told = tell(kit, SMALL)
    kit.relay_to(bus)

    assert reader.travelled[0].data["data"] == SMALL
    assert reader.travelled[0].data["claim"] is None
    assert reader.read == [told]


def test_event_that_is_offered_again_has_the_same_claim(kit, reader):
    told, bus = tell(kit, LARGE), Deaf()

    for _ in range(2):
        Relay(kit.runtime, bus).drain()

    assert bus.offered[0] == bus.offered[1]
    for each in bus.offered:
        reader.receive(Envelope.from_bytes(each))
    assert reader.read == [told]


def flip_a_byte(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut_short(file):
    file.write_bytes(file.read_bytes()[:5])


def use_an_unknown_key(file):
    file.write_bytes(b"k9:" + file.read_bytes().partition(b":")[2])


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda file: file.unlink(), "ClaimMissing"),
        (flip_a_byte, "ClaimAltered"),
        (cut_short, "ClaimAltered"),
        (use_an_unknown_key, "ClaimAltered"),
    ],
    ids=["missing", "flipped", "cut", "unknown_key"],
)
def test_missing_or_altered_claim_fails_the_event_and_mends(kit, bus, reader, harm, reason):
    told, file = send(kit, bus, reader)
    again = Envelope.from_bytes(reader.travelled[0].to_bytes()).model_copy(update={"id": new_id()})
    sealed = file.read_bytes()
    harm(file)

    reader.receive(again)

    assert [why.partition(" at ")[0] for why in kit.set_aside()] == [f"{told.TYPE}: {reason}"]
    file.write_bytes(sealed)
    reader.retry_all()
    assert kit.set_aside() == []
    assert reader.read == [told, told]


def test_claim_of_another_event_is_noticed(kit, bus, reader):
    _, one = send(kit, bus, reader)
    _, other = send(kit, bus, reader, LARGE | {"name": "李示例"})
    one.write_bytes(other.read_bytes())

    reader.receive(reader.travelled[0].model_copy(update={"id": new_id()}))

    assert "ClaimAltered" in kit.set_aside()[0]


def test_events_wait_in_order_for_a_store_that_takes_nothing(make_kit, kit, tmp_path):
    first, second, third = tell(kit, SMALL), tell(kit, LARGE), tell(kit, SMALL)
    kit = make_kit(service, claim_above_bytes=LIMIT, claims_dir=tmp_path)
    reader, in_the_way = Reader(kit.runtime), tmp_path / "claims"
    in_the_way.write_text("a file where the folder should be", encoding="utf-8")

    with bus_to(reader) as bus:
        kit.relay_to(bus)
        assert reader.read == [first]
        in_the_way.unlink()
        kit.relay_to(bus)

    assert reader.read == [first, second, third]


def test_claims_are_deleted_a_week_after_they_were_made(kit, bus, reader):
    _, file = send(kit, bus, reader)
    foreign = kit.runtime.settings.claims_dir / "claims" / "staff" / "01" / new_id().hex
    foreign.parent.mkdir(parents=True, exist_ok=True)
    foreign.write_bytes(b"another service's")

    with clock.frozen(clock.now() + KEPT - timedelta(minutes=1)):
        kit.run_job("forget_old_claims")
    assert file.exists()
    with clock.frozen(clock.now() + KEPT + timedelta(minutes=1)):
        kit.run_job("forget_old_claims")

    assert not file.exists()
    assert foreign.exists()


def test_event_of_another_kind_is_left_as_it_is_however_large(make_kit, kit):
    strict, bus = make_kit(service, claim_above_bytes=1), Deaf()
    with kit.active(), transaction() as tx:
        publish(tx, ItemAdded(item_id=new_id(), institution_id=new_id()))

    Relay(strict.runtime, bus).drain()

    assert bus.offered == [each.to_bytes() for each in kit.published()]
