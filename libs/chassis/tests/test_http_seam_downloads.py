"""The seam sends files: whole or in ranges, under their own names, never all in memory."""

import hashlib
import tracemalloc
from io import RawIOBase
from urllib.parse import unquote

import pytest
from sqlalchemy import select, update

from otsp_chassis.db import transaction
from otsp_chassis.files import store_attachment
from otsp_chassis.http import ResponseMismatch
from otsp_chassis.identity import HEADER, IdentityMinter, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.tables import attachment, audit_entry

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(92))
SIZE = len(PNG)
MB = 1024 * 1024


class Recording(RawIOBase):
    """A video of this many bytes, made up as it is read."""

    def __init__(self, size):
        self._head = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
        self._left = size

    def read(self, size=-1):
        head, self._head = self._head, b""
        chunk = head + bytes(min(size, self._left) - len(head))
        self._left -= len(chunk)
        return chunk


def somebody(*scopes):
    return Principal(
        account_id=new_id(),
        role="inst_admin",
        scopes=frozenset(scopes or ("sample:read", "sample:write")),
        session_id="s",
        institution_id=new_id(),
    )


@pytest.fixture
def owner():
    return somebody()


@pytest.fixture
def place(kit, owner):
    """Where the content of the owner's stored PNG lies."""
    base = f"/api/sample/v1/institutions/{owner.institution_id}/files"
    stored = kit.as_principal(owner).call(
        "POST", base, raw=PNG, content_type="image/png", query={"name": "教师 名册.png"}
    )
    return f"{base}/{stored.json['file_id']}/content"


def entries(kit):
    columns = audit_entry.c
    query = select(columns.object_id, columns.actor_id).where(columns.action == "file.downloaded")
    with kit.runtime.database.autocommit.connect() as reader:
        return [tuple(row) for row in reader.execute(query)]


def test_a_file_comes_back_as_it_was_sent(kit, owner, place):
    answer = kit.as_principal(owner).get(place)

    assert (answer.status, answer.content) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["ETag"] == f'"{hashlib.sha256(PNG).hexdigest()}"'
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_no_browser_shows_it_as_something_else_and_no_cache_keeps_it(kit, owner, place):
    headers = kit.as_principal(owner).get(place).headers

    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"


def test_its_chinese_name_is_told_to_new_and_old_browsers(kit, owner, place):
    disposition = kit.as_principal(owner).get(place).headers["Content-Disposition"]

    plain, _, encoded = disposition.removeprefix('attachment; filename="').partition('"; ')
    assert plain == "__ __.png"
    assert encoded == "filename*=UTF-8''%E6%95%99%E5%B8%88%20%E5%90%8D%E5%86%8C.png"
    assert unquote(encoded.removeprefix("filename*=UTF-8''")) == "教师 名册.png"


def test_a_name_cannot_say_more_than_a_name(kit, owner):
    base = f"/api/sample/v1/institutions/{owner.institution_id}/files"
    name = 'a"; filename="b.html\r\nX-Evil: 1\\%0d.png'
    client = kit.as_principal(owner)
    stored = client.call("POST", base, raw=PNG, content_type="image/png", query={"name": "a"}).json
    with kit.active(), transaction() as tx:  # an upload would have made it plainer
        tx.execute(update(attachment).values(name=name))

    headers = client.get(f"{base}/{stored['file_id']}/content").headers

    assert headers["Content-Disposition"] == (
        'attachment; filename="a_; filename=_b.html__X-Evil: 1__0d.png"; '
        "filename*=UTF-8''a%22%3B%20filename%3D%22b.html%0D%0AX-Evil%3A%201%5C%250d.png"
    )
    assert "X-Evil" not in headers


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=90-", 90, SIZE - 1),
        ("bytes=90-9999", 90, SIZE - 1),
        ("bytes=-5", SIZE - 5, SIZE - 1),
        ("bytes=-9999", 0, SIZE - 1),
    ],
)
def test_a_download_that_broke_off_goes_on(kit, owner, place, asked, first, last):
    answer = kit.as_principal(owner).get(place, headers={"Range": asked})

    assert (answer.status, answer.content) == (206, PNG[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,4-5", "bytes=", "bytes=b-a", "lines=1-2", "bytes=9-3"]
)
def test_what_is_no_single_range_is_answered_with_the_whole(kit, owner, place, asked):
    answer = kit.as_principal(owner).get(place, headers={"Range": asked})

    assert (answer.status, answer.content) == (200, PNG)
    assert "Content-Range" not in answer.headers


def test_a_range_past_the_end_is_refused_with_the_true_size(kit, owner, place):
    answer = kit.as_principal(owner).get(place, headers={"Range": f"bytes={SIZE}-"})

    assert (answer.status, answer.problem) == (416, "range-not-satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_a_download_goes_on_only_in_the_file_it_began_with(kit, owner, place):
    client = kit.as_principal(owner)
    etag = client.get(place).headers["ETag"]

    same = client.get(place, headers={"Range": "bytes=10-", "If-Range": etag})
    other = client.get(place, headers={"Range": "bytes=10-", "If-Range": '"other"'})

    assert (same.status, same.content) == (206, PNG[10:])
    assert (other.status, other.content) == (200, PNG)


def test_every_download_is_recorded(kit, owner, place):
    file_id = place.split("/")[-2]
    client = kit.as_principal(owner)

    client.get(place)
    client.get(place, headers={"Range": "bytes=0-1"})

    assert entries(kit) == [(file_id, owner.account_id)] * 2


def test_a_file_of_others_does_not_exist(kit, owner, place):
    stranger = somebody()
    under_own = place.replace(str(owner.institution_id), str(stranger.institution_id))
    client = kit.as_principal(stranger)

    assert client.get(place).problem == "other-institution"
    assert client.get(under_own).problem == "not-found"
    assert kit.as_principal(somebody("sample:write")).get(place).problem == "forbidden"
    assert entries(kit) == []


def test_an_answer_of_bytes_has_a_documented_status_too(kit, owner):
    with pytest.raises(ResponseMismatch, match=r"send_against_contract.*undocumented_status"):
        kit.as_principal(owner).get("/api/sample/v1/broken-content")


def test_a_large_file_passes_in_small_pieces(kit, key_files, owner):
    size = 100 * MB
    with kit.active():
        info = store_attachment(
            institution_id=owner.institution_id,
            name="课程录像.mp4",
            content_type="video/mp4",
            stream=Recording(size),
        )
    path = f"/api/sample/v1/institutions/{owner.institution_id}/files/{info.file_id}/content"
    identity = IdentityMinter(key_files.identity_private).mint(owner)
    kit.app.test_client().get(path, headers={HEADER: identity, "Range": "bytes=0-0"}).close()

    tracemalloc.start()
    answer = kit.app.test_client().get(path, headers={HEADER: identity}, buffered=False)
    arrived = sum(len(chunk) for chunk in answer.iter_encoded())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    answer.close()

    assert (answer.status_code, arrived) == (200, size)
    assert peak < 8 * MB
