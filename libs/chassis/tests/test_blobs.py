"""What a store of bytes promises, tried on a folder and on a true object store."""

import hashlib
import io
import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr, ValidationError

from otsp_chassis import clock, log
from otsp_chassis.blobs import StoreUnavailable, bucket, probe
from otsp_chassis.blobs.address import BucketAddress
from otsp_chassis.blobs.bucket import PART_BYTES, Bucket
from otsp_chassis.blobs.folder import FolderStore
from otsp_chassis.blobs.s3 import S3Store
from otsp_chassis.files import store_attachment
from otsp_chassis.ids import new_id
from otsp_chassis.settings import StoreSettings
from otsp_testkit.documents import pdf
from otsp_testkit.sample.app import service

LARGE = os.urandom(2 * PART_BYTES + 1_000)
SECRET = "not-to-be-seen-anywhere"


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderStore(tmp_path)
    address = request.getfixturevalue("object_store").address
    return S3Store(Bucket(address), f"{new_id().hex}/")


def content(store, key):
    with closing(store.open(key)) as stream:
        return stream.read()


def pieces(raw, size=256 * 1024):
    return (raw[start : start + size] for start in range(0, len(raw), size))


def broken(raw):
    yield raw
    raise BrokenPipeError


def later():
    return clock.now() + timedelta(minutes=1)


def names(store, prefix=""):
    return {each.key for each in store.contents(prefix)}


@pytest.mark.parametrize("raw", [b"", b"few bytes", LARGE[:PART_BYTES], LARGE], ids=len)
def test_what_was_written_is_read(store, raw):
    store.write("ab01", pieces(raw))

    assert hashlib.sha256(content(store, "ab01")).digest() == hashlib.sha256(raw).digest()
    assert [(each.key, each.size) for each in store.contents()] == [("ab01", len(raw))]


def test_a_second_write_takes_the_place_of_the_first(store):
    store.write("ab01", iter([b"first"]))
    store.write("ab01", iter([b"second"]))

    assert content(store, "ab01") == b"second"


@pytest.mark.parametrize("raw", [b"few bytes", LARGE], ids=len)
def test_a_broken_write_leaves_what_was_there(store, raw):
    store.write("ab01", iter([b"before"]))

    for key in ("ab01", "cd02"):
        with pytest.raises(BrokenPipeError):
            store.write(key, broken(raw))

    assert names(store) == {"ab01"}
    assert content(store, "ab01") == b"before"


def test_what_is_not_approved_never_appears(store):
    seen = []

    def refuse(path):
        seen.append((path.read_bytes(), names(store)))
        raise PermissionError

    with pytest.raises(PermissionError):
        store.write("ab01", pieces(LARGE), approve=refuse)

    assert seen == [(LARGE, set())]
    assert names(store) == set()
    store.write("ab01", pieces(LARGE), approve=seen.append)
    assert content(store, "ab01") == LARGE
    assert not [path for path in seen[1:] if path.exists()]


def test_a_key_that_was_never_written_is_not_found(store):
    with pytest.raises(FileNotFoundError):
        store.open("ab01")


def test_any_part_can_be_read(store):
    store.write("ab01", pieces(LARGE))

    with closing(store.open("ab01")) as stream:
        assert stream.seek(PART_BYTES - 3) == PART_BYTES - 3
        assert stream.read(1_000_000) == LARGE[PART_BYTES - 3 : PART_BYTES + 999_997]
        stream.seek(10)
        assert stream.read(5) == LARGE[10:15]
        assert stream.seek(-4, io.SEEK_END) == len(LARGE) - 4
        assert (stream.read(), stream.read()) == (LARGE[-4:], b"")


def test_another_process_can_be_given_the_stream(store):
    store.write("ab01", pieces(LARGE))

    with closing(store.open("ab01")) as stream:
        told = subprocess.run(
            [sys.executable, "-c", "import sys; print(len(sys.stdin.buffer.read()))"],
            stdin=stream,
            capture_output=True,
            check=True,
        )

    assert int(told.stdout) == len(LARGE)


def test_erasing_twice_is_erasing(store):
    store.write("ab01", iter([b"one"]))

    store.erase("ab01")
    store.erase("ab01")

    assert names(store) == set()


def test_everything_whose_key_begins_so_is_erased(store):
    for key in ("previews/ab01-1", "previews/ab01-2", "previews/ab02-1", "ab01"):
        store.write(key, iter([b"one"]))

    store.erase_beginning("previews/ab01")

    assert names(store) == {"previews/ab02-1", "ab01"}


def test_what_is_old_below_a_prefix_is_forgotten(store):
    for key in ("claims/sample/ab01", "claims/other/ab02", "ab03"):
        store.write(key, iter([b"one"]))

    assert store.forget("claims/sample", before=clock.now() - timedelta(hours=1)) == 0
    assert store.forget("claims/sample", before=later()) == 1
    assert names(store) == {"claims/other/ab02", "ab03"}


def test_listings_tell_all_pages_and_no_prefixed_key_among_the_plain(store, monkeypatch):
    monkeypatch.setattr(bucket, "PAGE", 3)
    keys = {f"{number:04x}" for number in range(7)}
    for key in keys:
        store.write(key, iter([b"1"]))
    store.write("previews/ab01", iter([b"picture"]))

    assert set(store.keys(before=later())) == keys
    assert list(store.keys(before=clock.now() - timedelta(hours=1))) == []
    assert names(store) == keys | {"previews/ab01"}
    assert names(store, "previews") == {"previews/ab01"}
    [told] = store.contents("previews")
    assert abs(told.written_at - clock.now()) < timedelta(minutes=5)


def test_a_probe_leaves_nothing(store):
    probe(store)

    assert names(store) == set()


def test_a_store_that_gives_back_something_else_does_not_pass_the_probe(tmp_path, monkeypatch):
    store = FolderStore(tmp_path)
    monkeypatch.setattr(store, "open", lambda _: io.BytesIO(b"something else"))

    with pytest.raises(OSError, match="other bytes"):
        probe(store)


def test_a_write_that_nobody_ended_is_given_up(object_store):
    root, client = new_id().hex, object_store.client()
    for key in (f"{root}/ab01", f"{root}-other/ab02"):
        client.create_multipart_upload(Bucket=object_store.bucket, Key=key)

    assert list(S3Store(Bucket(object_store.address), f"{root}/").keys(before=later())) == []

    [left] = Bucket(object_store.address).unfinished(root)
    assert left["Key"] == f"{root}-other/ab02"


def test_a_connection_that_breaks_while_reading_is_made_anew(object_store):
    store = S3Store(Bucket(object_store.address), f"{new_id().hex}/")
    store.write("ab01", pieces(LARGE))

    with closing(store.open("ab01")) as stream:
        begun = stream.read(1_000)
        stream.raw._body._raw_stream._fp.fp.raw._sock.shutdown(socket.SHUT_RDWR)
        assert begun + stream.read() == LARGE


@pytest.fixture
def silent():
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def unusable(endpoint, name="otsp"):
    return S3Store(Bucket(BucketAddress(endpoint, name, "r", "k", SecretStr(SECRET))))


def test_a_store_that_is_away_or_silent_is_not_waited_for_for_ever(silent, monkeypatch, capsys):
    monkeypatch.setattr(bucket, "ANSWER_SECONDS", 0.2)
    began = time.monotonic()

    for endpoint in (silent, "http://127.0.0.1:9"):
        store = unusable(endpoint)
        for attempt in (
            lambda store=store: store.write("ab01", iter([b"one"])),
            lambda store=store: store.open("ab01"),
        ):
            with pytest.raises(StoreUnavailable):
                attempt()

    assert time.monotonic() - began < 30
    assert SECRET not in "".join(capsys.readouterr())


def test_a_refused_key_is_no_missing_file(object_store, capsys):
    log.configure("INFO")
    with pytest.raises(StoreUnavailable):
        unusable(object_store.endpoint).open("ab01")

    told = "".join(capsys.readouterr())
    assert "store_refused" in told
    assert SECRET not in told


def test_a_bucket_that_is_not_there_is_no_missing_file(object_store):
    gone = replace(object_store.address, name="otsp-nowhere")

    with pytest.raises(StoreUnavailable):
        S3Store(Bucket(gone)).open("ab01")


def test_the_secret_shows_nowhere():
    address = BucketAddress("http://127.0.0.1:9", "otsp", "r", "k", SecretStr(SECRET))

    assert SECRET not in repr(address)


def told(**settings):
    return StoreSettings(**{"s3_endpoint": "https://s3.example", "s3_bucket": "otsp"} | settings)


def test_half_an_object_store_stops_the_start_and_names_what_is_missing():
    with pytest.raises(ValidationError) as refused:
        told(s3_secret_key=SECRET)

    assert "OTSP_S3_REGION, OTSP_S3_ACCESS_KEY" in str(refused.value)
    assert SECRET not in str(refused.value)
    with pytest.raises(ValidationError, match="OTSP_S3_REGION, OTSP_S3_ACCESS_KEY, OTSP_S3_SECRET"):
        told(files_dir="/var/lib/otsp")


def test_without_an_object_store_files_need_a_folder(tmp_path):
    with pytest.raises(ValidationError, match="OTSP_FILES_DIR"):
        StoreSettings()

    assert StoreSettings(files_dir=tmp_path).bucket() is None


@pytest.mark.parametrize("endpoint", ["s3.example", "ftp://x", "https://x/bucket", "http://:0"])
def test_an_endpoint_that_leads_nowhere_stops_the_start(endpoint):
    with pytest.raises(ValidationError, match=r"HOST\[:PORT\]"):
        told(s3_endpoint=endpoint, s3_region="r", s3_access_key="k", s3_secret_key=SECRET)


@pytest.fixture
def remote(make_kit, object_store):
    kit = make_kit(service, **object_store.settings(), files_dir=None)
    yield kit
    kit.clean()


def test_a_service_keeps_attachments_and_claims_in_the_bucket(remote):
    raw = pdf("一")
    with remote.active():
        info = store_attachment(
            institution_id=new_id(),
            name="a.pdf",
            content_type="application/pdf",
            stream=io.BytesIO(raw),
        )
    remote.runtime.claims.write("claims/sample/ab01", iter([b"sealed"]))

    key = info.file_id.hex[::-1]
    assert content(remote.runtime.blobs, key) == raw
    assert {f"sample/{key}", "claims/sample/ab01"} <= names(remote.runtime.claims)


def test_an_upload_is_refused_while_the_store_is_away(make_kit, object_store):
    away = object_store.settings() | {"s3_endpoint": "http://127.0.0.1:9"}
    kit = make_kit(service, **away)

    with kit.active(), pytest.raises(StoreUnavailable) as refused:
        store_attachment(
            institution_id=new_id(),
            name="a.pdf",
            content_type="application/pdf",
            stream=io.BytesIO(pdf("一")),
        )

    assert (refused.value.status, refused.value.slug) == (503, "store-unavailable")
