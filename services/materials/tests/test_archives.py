"""批量导出 with the files: an archive of contents and the workbook that names them (manual §7)."""

import hashlib
import io
from zipfile import ZipFile

import openpyxl
import psutil
import pytest

from otsp_chassis.exports import working
from otsp_chassis.files import keep_made, write_made
from otsp_chassis.ids import new_id
from otsp_materials.commands import exports
from otsp_materials.rules.exports import content_name

GROWTH_MB = 15


def place(client):
    return f"/api/materials/v1/institutions/{client.principal.institution_id}"


@pytest.fixture
def archive(kit):
    """Asks for an archive, lets the worker write it, and opens what was downloaded."""

    def ask(client, **filters):
        asked = client.post(f"{place(client)}/exports", {"format": "zip", "filters": filters})
        assert asked.status == 202, asked.json
        kit.run_job("make_exports")
        done = client.get(asked.headers["Location"]).json
        assert done["state"] == "done", done
        answer = client.get(f"{place(client)}/files/{done['file_id']}/content")
        return ZipFile(io.BytesIO(answer.content)), done

    return ask


def sheets(archive):
    book = openpyxl.load_workbook(io.BytesIO(archive.read("培训材料.xlsx")))
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book
    }


def store_key(file_id):
    return file_id.replace("-", "")[::-1]


def test_archive_has_every_content_and_says_which_is_which(owner, upload, enter, archive):
    files = [upload(owner, content) for content in "甲乙"]
    enter(owner, title="初中数学讲义", file_id=files[0]["file_id"])
    enter(owner, title="没有文件的")
    enter(owner, title="舞蹈", version_no=3, file_id=files[1]["file_id"])

    opened, done = archive(owner)

    names = ["附件/00001-初中数学讲义-第1版.pdf", "附件/00002-舞蹈-第3版.pdf"]
    assert opened.testzip() is None
    assert opened.namelist() == [*names, "培训材料.xlsx"]
    assert [hashlib.sha256(opened.read(name)).hexdigest() for name in names] == [
        each["sha256"] for each in files
    ]
    told = sheets(opened)
    assert [row[0] for row in told["培训材料"][1:]] == ["初中数学讲义", "没有文件的", "舞蹈"]
    assert told["附件清单"][0][3:] == ["文件", "大小（字节）", "SHA-256", "说明"]
    assert told["附件清单"][2] == [
        *(2, "舞蹈", 3, names[1]),
        *(files[1]["size"], files[1]["sha256"], None),
    ]
    assert (done["rows_done"], done["files_done"], done["files_total"]) == (3, 2, 2)


def test_filters_of_the_list_hold_for_the_files_too(owner, upload, enter, archive):
    enter(owner, title="学科讲义", file_id=upload(owner, "甲")["file_id"])
    dance = upload(owner, "乙")["file_id"]
    enter(owner, title="舞蹈教程", category="nonsubject", file_id=dance)

    opened, _ = archive(owner, q="舞蹈")

    assert opened.namelist() == ["附件/00001-舞蹈教程-第1版.pdf", "培训材料.xlsx"]


def test_archive_without_files_is_the_list(owner, enter, archive):
    enter(owner, title="没有文件的")

    opened, done = archive(owner)

    assert opened.namelist() == ["培训材料.xlsx"]
    assert len(sheets(opened)["附件清单"]) == 1
    assert done["files_total"] == 0


def test_days_of_the_list_stay_days(owner, enter, archive):
    enter(owner, existing=True, status="in_use", used_from="2024-09-01")

    titles, row = sheets(archive(owner)[0])["培训材料"]

    assert row[titles.index("启用日期")].date().isoformat() == "2024-09-01"
    assert row[titles.index("状态")] == "在用"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a/b\\c:d*e?"f"<g>|h', "a_b_c_d_e_f_g_h"),
        ("  ... ", "未命名"),
        (None, "未命名"),
        ("讲" * 100, "讲" * 80),
        ("CON\x00\n", "CON_"),
    ],
)
def test_names_are_safe_whatever_the_title(title, shown):
    name = content_name(7, title, None, suffix=".pdf")

    assert name == f"附件/00007-{shown}.pdf"


def test_two_materials_of_one_name_are_two_files(owner, upload, enter, archive):
    content = upload(owner, "甲")["file_id"]
    enter(owner, title="讲义?", file_id=content)
    enter(owner, title="讲义*", file_id=content)

    opened, _ = archive(owner)

    assert opened.namelist()[:2] == ["附件/00001-讲义_-第1版.pdf", "附件/00002-讲义_-第1版.pdf"]


def test_title_that_looks_like_a_formula_stays_a_title_in_the_manifest(
    owner, upload, enter, archive
):
    enter(owner, title='=HYPERLINK("http://evil.test")', file_id=upload(owner, "甲")["file_id"])

    opened, _ = archive(owner)

    book = openpyxl.load_workbook(io.BytesIO(opened.read("培训材料.xlsx")))
    assert book["附件清单"]["B2"].data_type == "s"
    assert not opened.namelist()[0].startswith("=")


def test_file_that_is_lost_or_altered_is_told_and_the_others_are_there(
    kit, owner, upload, enter, archive
):
    lost, altered, sound = (upload(owner, content)["file_id"] for content in "甲乙丙")
    for number, file_id in enumerate((lost, altered, sound)):
        enter(owner, title=f"讲义{number}", file_id=file_id)
    kit.runtime.blobs.erase(store_key(lost))
    kit.runtime.blobs.write(store_key(altered), iter([b"%PDF-1.7 other"]))

    opened, done = archive(owner)

    remarks = [row[6] for row in sheets(opened)["附件清单"][1:]]
    assert remarks == ["文件已不在平台，未能导出", "文件内容与登记的摘要不一致，请核对", None]
    assert len(opened.namelist()) == 3
    assert done["files_done"] == 3


def test_files_beyond_the_limit_are_refused_with_the_way_out(
    owner, upload, enter, archive, monkeypatch
):
    monkeypatch.setattr(exports, "MOST_BYTES", 30)
    enter(owner, title="甲", file_id=upload(owner, "甲")["file_id"])
    archive(owner)
    enter(owner, title="乙", file_id=upload(owner, "乙")["file_id"])

    refused = owner.post(f"{place(owner)}/exports", {"format": "zip"})

    assert (refused.status, refused.problem) == (422, "export-too-large")
    assert "分批导出" in refused.json["detail"]
    assert refused.json["most_bytes"] == 30
    assert owner.post(f"{place(owner)}/exports", {"format": "xlsx"}).status == 202


def test_lists_are_written_before_archives(kit, owner, enter, monkeypatch):
    other = kit.as_institution(new_id())
    big = owner.post(f"{place(owner)}/exports", {"format": "zip"}).json
    small = other.post(f"{place(other)}/exports", {"format": "csv"}).json
    begun, chunks = [], working._chunks

    def watched(listed, run, folder):
        begun.append(str(run["export_id"]))
        return chunks(listed, run, folder)

    monkeypatch.setattr(working, "_chunks", watched)
    kit.run_job("make_exports")

    assert begun == [small["export_id"], big["export_id"]]


def test_download_that_broke_off_goes_on(owner, upload, enter, archive):
    enter(owner, file_id=upload(owner, "甲")["file_id"])
    opened, done = archive(owner)
    url = f"{place(owner)}/files/{done['file_id']}/content"

    whole = owner.get(url).content
    rest = owner.call("GET", url, headers={"Range": "bytes=100-"})

    assert (rest.status, whole[100:]) == (206, rest.content)
    assert opened.namelist()


def test_archive_left_in_the_middle_is_begun_again(kit, owner, upload, enter, monkeypatch):
    enter(owner, file_id=upload(owner, "甲")["file_id"])
    asked = owner.post(f"{place(owner)}/exports", {"format": "zip"})

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("otsp_materials.commands.archives.open_attachment", stop)
        with pytest.raises(KeyboardInterrupt):
            kit.run_job("make_exports")
    left = owner.get(asked.headers["Location"]).json
    kit.run_job("make_exports")

    assert (left["state"], left["files_total"]) == ("running", 1)
    assert owner.get(asked.headers["Location"]).json["state"] == "done"


def test_memory_does_not_grow_with_the_files(kit, owner, enter, monkeypatch):
    """Twenty files of 16 MB; the archive has 320."""
    piece, sizes = b"x" * 2**20, 16
    with kit.active():
        for number in range(20):
            made = write_made(new_id(), (piece for _ in range(sizes)))
            with kit.runtime.database.engine.begin() as connection:
                keep_made(
                    connection,
                    made,
                    institution_id=owner.principal.institution_id,
                    name="a.mp4",
                    content_type="video/mp4",
                )
            enter(owner, title=f"视频{number}", file_id=str(made.file_id))
    process = psutil.Process()
    before = peak = process.memory_info().rss
    write = kit.runtime.blobs.write

    def watched(key, chunks, **options):
        def passing():
            nonlocal peak
            for chunk in chunks:
                peak = max(peak, process.memory_info().rss)
                yield chunk

        write(key, passing(), **options)

    monkeypatch.setattr(kit.runtime.blobs, "write", watched)
    asked = owner.post(f"{place(owner)}/exports", {"format": "zip"})
    kit.run_job("make_exports")

    done = owner.get(asked.headers["Location"]).json
    assert (done["state"], done["files_done"]) == ("done", 20)
    stored = owner.get(f"{place(owner)}/files/{done['file_id']}").json
    assert stored["size"] > 20 * sizes * len(piece)
    assert (peak - before) / 2**20 < GROWTH_MB
