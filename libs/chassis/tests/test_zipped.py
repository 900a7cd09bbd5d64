"""An archive that is written as it is sent: any reader opens it, and nothing piles up meanwhile."""

import io
from datetime import datetime
from zipfile import ZIP_STORED, ZipFile

import pytest

from otsp_chassis import clock
from otsp_chassis.zipped import Member, zipped

PIECE = b"x" * 65_536


def opened(members):
    return ZipFile(io.BytesIO(b"".join(zipped(members))))


def test_members_are_read_back_whole_under_their_chinese_names():
    members = [Member("附件/讲义.pdf", 6, [b"abc", b"def"]), Member("培训材料.xlsx", 0, [])]

    with opened(members) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["附件/讲义.pdf", "培训材料.xlsx"]
        assert archive.read("附件/讲义.pdf") == b"abcdef"
        assert archive.getinfo("附件/讲义.pdf").compress_type == ZIP_STORED


def test_archive_without_members_is_an_empty_one():
    with opened([]) as archive:
        assert archive.namelist() == []


def test_members_bear_the_hour_in_china():
    with clock.frozen(datetime.fromisoformat("2026-11-29T23:30:00+00:00")):
        archive = opened([Member("a", 1, [b"a"])])

    assert archive.getinfo("a").date_time == (2026, 11, 30, 7, 30, 0)


def test_a_member_is_asked_for_when_those_before_it_are_written():
    asked = []

    def members():
        for number in range(3):
            asked.append(number)
            yield Member(str(number), len(PIECE), [PIECE])

    chunks = zipped(members())
    next(chunks)

    assert asked == [0]
    assert sum(len(chunk) for chunk in chunks) > 2 * len(PIECE)


def test_no_chunk_is_larger_than_a_piece_and_its_head():
    chunks = zipped([Member("a", 100 * len(PIECE), [PIECE] * 100)])

    assert max(map(len, chunks)) < 2 * len(PIECE)


def test_a_film_beyond_four_gigabytes_has_room_for_its_size():
    """The size is told beforehand, and its place in the head is made for it."""
    head = next(zipped([Member("film.mp4", 5 * 2**30, [b"x"])]))

    assert head[4:6] == (45).to_bytes(2, "little")  # version needed: 4.5, ZIP64


def test_what_a_member_raises_is_raised():
    def broken():
        yield b"a"
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - the very one
        list(zipped([Member("a", 2, broken())]))
