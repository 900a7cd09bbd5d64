"""Bytes without a row are removed after a day; what has a row never is."""

import io
from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.files import erase_attachments, open_attachment, store_attachment
from otsp_chassis.ids import new_id

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
A_DAY = timedelta(hours=24)
SOON = timedelta(minutes=1)


def store(institution_id):
    return store_attachment(
        institution_id=institution_id,
        name="a.png",
        content_type="image/png",
        stream=io.BytesIO(PNG),
    )


def lying(kit):
    """What is in the sample's store."""
    folder = kit.runtime.settings.files_dir / "sample"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def clean_up(kit, age):
    with clock.frozen(clock.now() + age):
        kit.run_job("erase_orphaned_files")


@pytest.fixture
def orphan(kit):
    """Bytes that were written by an upload whose transaction never came to its end."""
    key = new_id().hex[::-1]
    kit.runtime.blobs.write(key, iter([PNG]))
    return key


def test_bytes_without_a_row_are_gone_after_a_day(kit, orphan):
    clean_up(kit, A_DAY + SOON)

    assert orphan not in lying(kit)


def test_an_upload_has_a_day_to_be_recorded(kit, orphan):
    clean_up(kit, A_DAY - SOON)

    assert orphan in lying(kit)


def test_a_file_with_a_row_stays_whatever_its_age(kit, orphan):
    owner_id = new_id()
    with kit.active():
        info = store(owner_id)

    clean_up(kit, timedelta(days=4_000))

    with kit.active(), transaction() as tx:
        _, stream = open_attachment(tx, owner_id, info.file_id)
    with stream:
        assert stream.read() == PNG


def test_what_a_killed_upload_left_is_gone_after_a_day(kit, orphan):
    folder = kit.runtime.settings.files_dir / "sample" / orphan[:2]
    (folder / f"{orphan}.part").write_bytes(PNG)

    clean_up(kit, A_DAY + SOON)

    assert f"{orphan}.part" not in lying(kit)


def test_bytes_of_an_erased_row_are_orphans_too(kit):
    owner_id = new_id()
    with kit.active():
        key = store(owner_id).file_id.hex[::-1]
        erase_attachments(owner_id)
    kit.runtime.blobs.write(key, iter([PNG]))

    clean_up(kit, A_DAY + SOON)

    assert key not in lying(kit)


def test_claims_and_other_things_below_a_prefix_are_not_touched(kit):
    kit.runtime.blobs.write("claims/sample/0123", iter([b"sealed"]))

    clean_up(kit, A_DAY + SOON)

    assert "0123" in lying(kit)
