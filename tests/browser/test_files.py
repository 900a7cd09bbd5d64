"""Stored files: looked at page by page, handed on byte for byte, closed to strangers."""

import re
import struct
import zlib

import pytest

from otsp_cli.dossier.gateway import Gateway


def _picture():
    """A picture of one grey pixel row, as a scanner would send it."""

    def chunk(kind, data):
        packed = kind + data
        return struct.pack(">I", len(data)) + packed + struct.pack(">I", zlib.crc32(packed))

    head = struct.pack(">IIBBBBB", 40, 40, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * 40 for _ in range(40)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def scan(demo, gateway_url):
    """A file of institution-C that nothing names yet: (address of its page, its bytes)."""
    username, password = demo.account("institution-C")
    with Gateway.at(gateway_url) as gateway:
        clerk = gateway.login(username, password)
        institution_id = clerk.account["institution_id"]
        stored = clerk.upload(
            f"/api/institution/v1/institutions/{institution_id}/files",
            name="扫描件.png",
            content=_picture(),
            content_type="image/png",
        )
    return f"/files/institution/{stored['file_id']}", _picture()


def test_a_file_is_looked_at_on_its_page(visitors, sound, scan):
    path, _bytes = scan
    clerk = visitors("institution-C")

    page = sound(clerk.get(path))
    picture = clerk.get(f"{path}/preview?page=1")

    assert page.headings == ["扫描件.png"]
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["Cache-Control"] == "no-store"


def test_a_download_is_handed_on_whole_or_from_where_it_broke_off(visitors, scan):
    path, sent = scan
    http = visitors("institution-C").http

    whole = http.get(f"{path}/content")
    rest = http.get(f"{path}/content", headers={"Range": "bytes=8-15"})
    beyond = http.get(f"{path}/content", headers={"Range": "bytes=99999-"})

    assert whole.content == sent
    assert "attachment" in whole.headers["Content-Disposition"]
    assert (rest.status_code, rest.content) == (206, sent[8:16])
    assert rest.headers["Content-Range"] == f"bytes 8-15/{len(sent)}"
    assert beyond.status_code == 416


def test_files_of_others_are_nobodys_to_see(visitors, sound, scan):
    path, _bytes = scan

    sound(visitors("institution-B").get(path), 404)
    sound(visitors("reviewer-510107-education").get(path), 403)
    assert visitors().get(path).url.path == "/login"


def test_reviewers_see_scans_as_pictures_alone(visitors, sound):
    reviewer = visitors("reviewer-330106-education")
    found = reviewer.get("/desk?institution_name=启明")
    case = re.search(r'href="(/desk/cases/[0-9a-f-]{36})"', found.text)[1]
    licence = reviewer.get(f"{case}/snapshot?part=licence")
    path = re.search(r'href="(/desk/institutions/[^"?]+)', licence.text)[1]

    page = sound(reviewer.get(path))
    refused = reviewer.get(f"{path}/content")

    assert "预览带有您的姓名和日期水印，查看会被记录" in page.texts
    assert refused.url.path == path
    assert "不提供原文件下载" in refused.text
