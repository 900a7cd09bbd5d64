"""What `otsp backup --keep` may remove, and what a restore looks at before it drops anything."""

from datetime import UTC, datetime, timedelta

import orjson
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from otsp_chassis import clock
from otsp_chassis.blobs.address import BucketAddress
from otsp_chassis.blobs.bucket import Bucket
from otsp_cli.backups import cut as cutting
from otsp_cli.backups.keeping import remove_older
from otsp_cli.backups.manifest import Dumped, File, Kept, Manifest
from otsp_cli.backups.places import MANIFEST, BucketPlace, FolderPlace
from otsp_cli.backups.restoring import Target, require_ready
from otsp_cli.messages.desk import CannotDo

ALL = ("auth", "institution", "staff", "materials", "courses", "compliance")
TODAY = datetime(2026, 11, 30, 2, tzinfo=UTC)


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path):
    if request.param == "folder":
        return FolderPlace(tmp_path / "place")
    store = request.getfixturevalue("object_store")
    address = BucketAddress(
        store.endpoint, store.bucket, store.region, store.access_key, SecretStr(store.secret_key)
    )
    return BucketPlace(Bucket(address), f"{tmp_path.name}/")


@pytest.fixture(autouse=True)
def later(monkeypatch):
    """Two days after everything that a test writes, unless it says otherwise."""
    now = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: now)


def taken(place, day, *, services=ALL, missing=(), with_store=True, files=(), is_ended=True):
    """A set of that day of November as `otsp backup` leaves it."""
    instant = TODAY.replace(day=day)
    name = f"{instant:%Y%m%dT%H%M%SZ}"
    lines = [
        orjson.dumps({"service": "staff", "key": each, "size": 1, "sha256": "00"}) + b"\n"
        for each in files
    ]
    place.put(f"{name}/staff.dump", [b"dump"])
    place.put(f"{name}/files.jsonl", lines)
    dumped = Dumped("0001", 150_016, File("staff.dump", 4, "00"), {}, {}, {})
    kept = Kept(len(files), 1, 0, 0, missing, (), File("files.jsonl", 0, "00"))
    manifest = Manifest(
        name, instant, 1.0, {}, dict.fromkeys(services, dumped), kept if with_store else None
    )
    if is_ended:
        place.put(f"{name}/{MANIFEST}", [manifest.to_bytes()])
    return manifest


def test_the_newest_are_kept(place):
    sets = [taken(place, day) for day in (1, 2, 3)]

    assert remove_older(place, 2, than=sets[-1]) == [sets[0].name]
    assert place.sets() == [each.name for each in sets[1:]]


@pytest.mark.parametrize(
    "less", [{"services": ["staff"]}, {"with_store": False}, {"missing": ["staff/x"]}]
)
def test_a_set_that_holds_less_pushes_no_whole_one_out(place, less):
    whole = taken(place, 1)
    partial = [taken(place, day, **less) for day in (2, 3)]

    assert remove_older(place, 1, than=partial[-1]) == [partial[0].name]
    assert place.sets() == [whole.name, partial[1].name]


def test_a_whole_set_pushes_smaller_ones_out(place):
    partial = taken(place, 1, services=["staff"], with_store=False)
    whole = taken(place, 2)

    assert remove_older(place, 1, than=whole) == [partial.name]


def test_what_broke_off_goes_a_day_later(place, monkeypatch):
    broken, running = (taken(place, day, is_ended=False) for day in (28, 30))
    whole = taken(place, 29)
    monkeypatch.setattr(clock, "now", lambda: TODAY + timedelta(hours=3))

    assert remove_older(place, 7, than=whole) == [broken.name]
    assert place.unfinished() == [running.name]


def test_files_that_no_set_names_go_and_those_of_a_backup_under_way_stay(place, monkeypatch):
    older, newer = taken(place, 1, files=["old"]), taken(place, 2, files=["kept"])
    pool = place.pool("staff")
    for key in ("old", "kept", "under-way"):
        pool.write(key, iter([b"x"]))
    late = clock.now()
    monkeypatch.setattr(clock, "now", lambda: late - timedelta(days=2))

    remove_older(place, 1, than=newer)
    assert {each.key for each in pool.contents()} == {"old", "kept", "under-way"}
    monkeypatch.setattr(clock, "now", lambda: late)
    taken(place, 3, files=["kept"])
    remove_older(place, 1, than=newer)

    assert older.name not in place.sets()
    assert {each.key for each in pool.contents()} == {"kept"}


@pytest.fixture
def database(postgres):
    """The address of a database with one table and a row in it."""
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS otsp_kept")
        connection.execute("CREATE DATABASE otsp_kept")
    url = make_conninfo(postgres.superuser_dsn(), dbname="otsp_kept")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE outbox (id int); INSERT INTO outbox VALUES (1)")
    return url


def restorable(tmp_path, url, *, server):
    manifest = taken(FolderPlace(tmp_path / "sets"), 1)
    dumped = Dumped("0001", server, File("staff.dump", 4, "00"), {}, {}, {})
    held = Manifest(manifest.name, TODAY, 1.0, {}, {"staff": dumped}, None)
    require_ready({"staff": Target(url, "postgres")}, held, is_replacing=True)


def test_a_dump_of_a_newer_server_is_refused_before_anything_is_dropped(database, tmp_path):
    with pytest.raises(CannotDo, match="was taken from PostgreSQL 99"):
        restorable(tmp_path, database, server=990_001)


def test_whose_sessions_are_in_the_way_is_told(database, tmp_path):
    other = make_conninfo(database, application_name="postgres_exporter")

    with (
        psycopg.connect(other),
        pytest.raises(CannotDo, match=r"1 sessions .*\(postgres_exporter as \w+\)"),
    ):
        restorable(tmp_path, database, server=130_000)


def test_an_outbox_is_given_back_when_a_backup_stands_still(database, monkeypatch):
    """A machine that freezes in the cut must not stop the platform's writes until TCP notices."""
    monkeypatch.setattr(cutting, "CLOSED_AT_MOST", "50ms")
    with psycopg.connect(database, autocommit=True) as writer:
        writer.execute("SET lock_timeout = '10s'")
        with (
            pytest.raises(CannotDo, match="open before the point was taken"),
            psycopg.connect(database, autocommit=True) as held,
            cutting._closed([held]),
        ):
            writer.execute("INSERT INTO outbox VALUES (2)")

        assert writer.execute("SELECT count(*) FROM outbox").fetchone() == (2,)
