"""材料批量导出: the list as a workbook or CSV, as its readers see it (manual §7)."""

import csv
import io
from datetime import date, datetime, timedelta

import openpyxl
import psutil
import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.exports import working
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import SnapshotRequested

EXISTING = {
    "existing": True,
    "status": "in_use",
    "subject_code": "math",
    "stage": "junior",
    "kind": "handout",
    "origin": "self",
    "used_from": "2024-09-01",
    "internal_review": {"result": "pass", "reviewer_ids": [], "reviewed_on": "2024-08-10"},
    "authors": [{"name": "周示例", "years": 6, "qual": "teacher_cert"}],
}
GROWTH_MB = 15


def place(client):
    return f"/api/materials/v1/institutions/{client.principal.institution_id}/exports"


@pytest.fixture
def export(kit):
    """Asks for an export, lets the worker write it, and tells what became of it."""

    def _export(client, body=None, **options):
        asked = client.post(place(client), body or {"format": "xlsx"}, **options)
        assert asked.status == 202, asked.json
        kit.run_job("make_exports")
        return client.get(asked.headers["Location"]).json

    return _export


@pytest.fixture
def read(kit):
    """The bytes of a file of the caller's institution."""

    def _read(client, file_id):
        institution = client.principal.institution_id
        answer = client.get(f"/api/materials/v1/institutions/{institution}/files/{file_id}/content")
        assert answer.status == 200, answer.content
        return answer.content

    return _read


@pytest.fixture
def sheet(export, read):
    """The rows of the workbook that the caller's list becomes."""

    def _sheet(client, **body):
        done = export(client, {"format": "xlsx"} | body)
        book = openpyxl.load_workbook(io.BytesIO(read(client, done["file_id"])))
        return [[cell.value for cell in row] for row in book["培训材料"].iter_rows()]

    return _sheet


def test_workbook_has_chinese_titles_words_and_days(owner, enter, sheet):
    enter(owner, **EXISTING)

    titles, row = sheet(owner)

    assert dict(zip(titles, row, strict=True)) == {
        "材料名称": "初中数学讲义",
        "版次": 1,
        "状态": "在用",
        "类别": "学科类",
        "科目": "数学",
        "学段": "初中",
        "材料种类": "讲义",
        "形式": "基础性材料",
        "来源": "自编",
        "书号": None,
        "内部审核结果": "通过",
        "内部审核日期": datetime(2024, 8, 10),  # noqa: DTZ001 - a cell knows no zone
        "外部审核结果": "待审核",
        "外部审核日期": None,
        "启用日期": datetime(2024, 9, 1),  # noqa: DTZ001
        "停用日期": None,
    }


def test_csv_tells_the_same_in_utf8_with_a_mark(owner, enter, export, read):
    enter(owner, **EXISTING)

    done = export(owner, {"format": "csv"})
    content = read(owner, done["file_id"])
    [titles, row] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))

    assert content.startswith(b"\xef\xbb\xbf")
    assert titles[:3] == ["材料名称", "版次", "状态"]
    assert row[:3] == ["初中数学讲义", "1", "在用"]
    assert row[titles.index("启用日期")] == "2024-09-01"


def test_title_that_looks_like_a_formula_stays_a_title(owner, enter, export, read):
    title = '=HYPERLINK("http://evil.test","讲义")'
    enter(owner, title=title)

    done = export(owner)
    book = openpyxl.load_workbook(io.BytesIO(read(owner, done["file_id"])))
    [cell] = [row[0] for row in book.active.iter_rows(min_row=2)]
    done = export(owner, {"format": "csv"})
    text = read(owner, done["file_id"]).decode("utf-8-sig")

    assert (cell.data_type, cell.value) == ("s", title)
    assert "'=HYPERLINK" in text


def test_no_person_stands_in_an_export(owner, enter, export, read):
    enter(owner, **EXISTING)

    done = export(owner, {"format": "csv"})

    assert "周示例" not in read(owner, done["file_id"]).decode("utf-8-sig")


def test_filters_of_the_list_hold_for_its_export(owner, enter, sheet):
    enter(owner, **EXISTING)
    enter(owner, title="草稿一")
    enter(owner, title="草稿二")

    rows = sheet(owner, filters={"status": ["draft"]})

    assert [row[0] for row in rows[1:]] == ["草稿一", "草稿二"]


def test_export_holds_the_own_rows_and_no_deleted_ones(kit, owner, enter, sheet):
    enter(owner, title="自己的")
    gone = enter(owner, title="已删除的")
    assert owner.delete(gone["url"], if_match=gone["version"]).status == 204
    enter(kit.as_institution(new_id()), title="别人的")

    assert [row[0] for row in sheet(owner)[1:]] == ["自己的"]


def test_empty_list_is_its_titles(owner, sheet):
    assert sheet(owner)[0][0] == "材料名称"


def test_progress_is_told_from_waiting_to_done(kit, owner, enter):
    enter(owner)
    with clock.frozen(datetime.fromisoformat("2026-11-29T10:00:00+08:00")):
        asked = owner.post(place(owner), {"format": "csv", "filters": {"status": ["draft"]}})
        kit.run_job("make_exports")
    done = owner.get(asked.headers["Location"]).json

    waiting = asked.json
    assert asked.status == 202
    assert (waiting["state"], waiting["rows_total"], waiting["file_id"]) == ("waiting", None, None)
    assert (done["state"], done["rows_done"], done["rows_total"]) == ("done", 1, 1)
    assert done["filters"] == {"status": ["draft"]}
    assert done["message"] is None
    assert datetime.fromisoformat(done["expires_at"]) == datetime.fromisoformat(
        "2026-11-30T10:00:00+08:00"
    )
    stored = owner.get(place(owner).replace("exports", f"files/{done['file_id']}")).json
    assert stored["name"] == "培训材料-20261129.csv"
    assert stored["content_type"] == "text/csv"


def test_progress_is_told_while_rows_are_written(kit, owner, enter, monkeypatch):
    monkeypatch.setattr("otsp_chassis.cursors.ROWS_A_PAGE", 2)
    for number in range(5):
        enter(owner, title=f"讲义{number}")
    asked = owner.post(place(owner), {"format": "csv"})
    seen = []

    def write(path, rows, *, columns):
        for _ in rows:
            told = owner.get(asked.headers["Location"]).json
            seen.append((told["state"], told["rows_done"], told["rows_total"]))
        path.write_text("")

    monkeypatch.setattr(working, "write_csv", write)
    kit.run_job("make_exports")

    assert seen == [("running", done, 5) for done in (0, 0, 2, 2, 4)]


def test_one_export_of_an_institution_at_a_time(kit, owner):
    assert owner.post(place(owner), {"format": "xlsx"}).status == 202

    again = owner.post(place(owner), {"format": "csv"})
    other = kit.as_institution(new_id())

    assert (again.status, again.problem) == (409, "export-running")
    assert "请等它完成后再导出" in again.json["detail"]
    assert other.post(place(other), {"format": "csv"}).status == 202
    kit.run_job("make_exports")
    assert owner.post(place(owner), {"format": "csv"}).status == 202


def test_request_repeated_with_its_key_is_the_same_export(owner):
    first = owner.post(place(owner), {"format": "xlsx"}, key="export-of-today")
    again = owner.post(place(owner), {"format": "xlsx"}, key="export-of-today")

    assert again.status == 202
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]


def test_other_institution_is_refused(kit, owner, export):
    done = export(owner)
    other = kit.as_institution(new_id())

    assert other.post(place(owner), {"format": "xlsx"}).status == 403
    assert other.get(f"{place(owner)}/{done['export_id']}").status == 403
    assert other.get(f"{place(other)}/{done['export_id']}").status == 404
    files = place(other).replace("exports", "files")
    assert other.get(f"{files}/{done['file_id']}/content").status == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/format"),
        ({"format": "pdf"}, "/format"),
        ({"format": "csv", "filters": {"status": ["unheard"]}}, "/filters/status/0"),
        ({"format": "csv", "filters": {"title": "讲义"}}, "/filters/title"),
    ],
)
def test_what_the_list_does_not_know_is_refused(owner, body, pointer):
    answer = owner.post(place(owner), body)

    assert answer.status == 422
    assert answer.pointers == {pointer}


def test_list_is_exported_while_a_review_locks_the_file(kit, owner, enter, sheet):
    enter(owner)
    institution_id = owner.principal.institution_id
    kit.deliver(
        SnapshotRequested(
            request_id=new_id(),
            institution_id=institution_id,
            application_id=new_id(),
            purpose="application",
            as_of=date(2024, 10, 15),
            sections=("materials",),
        )
    )

    assert len(sheet(owner)) == 2


def stop_in_the_middle(monkeypatch, kit):
    """The worker is killed while it writes: nothing of it runs on, no row is put right."""

    def stop(path, rows, **_):
        next(rows)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(working, "write_xlsx", stop)
        with pytest.raises(KeyboardInterrupt):
            kit.run_job("make_exports")


def test_export_left_in_the_middle_is_begun_again(kit, owner, enter, monkeypatch, read):
    enter(owner)
    asked = owner.post(place(owner), {"format": "xlsx"})
    stop_in_the_middle(monkeypatch, kit)
    left = owner.get(asked.headers["Location"]).json

    kit.run_job("make_exports")
    done = owner.get(asked.headers["Location"]).json

    assert left["state"] == "running"
    assert (done["state"], done["rows_done"]) == ("done", 1)
    assert openpyxl.load_workbook(io.BytesIO(read(owner, done["file_id"]))).active.max_row == 2


def test_export_that_stops_again_and_again_fails_in_words(kit, owner, enter, monkeypatch):
    enter(owner)
    asked = owner.post(place(owner), {"format": "xlsx"})
    for _ in range(3):
        stop_in_the_middle(monkeypatch, kit)

    kit.run_job("make_exports")
    failed = owner.get(asked.headers["Location"]).json

    assert (failed["state"], failed["file_id"]) == ("failed", None)
    assert "请重新导出" in failed["message"]
    assert owner.post(place(owner), {"format": "xlsx"}).status == 202


def test_file_is_erased_after_a_day(kit, owner, enter, export, read):
    enter(owner)
    done = export(owner)
    url = f"{place(owner)}/{done['export_id']}"
    kit.run_job("erase_exports")
    assert owner.get(url).json["state"] == "done"

    with clock.frozen(datetime.fromisoformat(done["expires_at"]) + timedelta(seconds=1)):
        kit.run_job("erase_exports")

    expired = owner.get(url).json
    assert (expired["state"], expired["file_id"]) == ("expired", None)
    assert "请重新导出" in expired["message"]
    assert owner.get(url.replace("exports", "files")).status == 404
    with kit.active(), pytest.raises(FileNotFoundError):
        kit.runtime.blobs.open(done["file_id"].replace("-", "")[::-1])


def test_export_is_no_content_of_a_material(owner, export):
    done = export(owner)
    url = place(owner).replace("exports", "materials")

    answer = owner.post(url, {"title": "讲义", "file_id": done["file_id"]})

    assert answer.status == 422
    assert answer.pointers == {"/file_id"}


def test_trail_tells_who_asked_and_what_became_of_it(kit, owner, export):
    done = export(owner)

    with psycopg.connect(kit.owner_url) as connection:
        entries = connection.execute(
            "SELECT action, actor_id FROM audit_entry WHERE object_id = %s ORDER BY sequence",
            [done["export_id"]],
        ).fetchall()

    assert entries == [
        ("material.export_requested", owner.principal.account_id),
        ("material.export_written", None),
    ]


def test_memory_does_not_grow_with_the_list(kit, owner, enter, export):
    enter(owner)
    export(owner)
    with psycopg.connect(kit.owner_url) as connection:
        columns = [
            name
            for (name,) in connection.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = 'material' AND column_name NOT IN ('material_id', 'title')"
            )
        ]
        kept = ", ".join(columns)
        connection.execute(
            f"INSERT INTO material (material_id, title, {kept})"
            f" SELECT gen_random_uuid(), repeat('长', 90) || n, {kept}"
            " FROM material, generate_series(1, 50000) n"
        )
    process = psutil.Process()
    before, peak = process.memory_info().rss, 0
    asked = owner.post(place(owner), {"format": "xlsx"})
    told = working._note

    def note(export_id, **progress):
        nonlocal peak
        peak = max(peak, process.memory_info().rss)
        told(export_id, **progress)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(working, "_note", note)
        kit.run_job("make_exports")

    done = owner.get(asked.headers["Location"]).json
    assert (done["state"], done["rows_done"], done["rows_total"]) == ("done", 50_001, 50_001)
    assert (peak - before) / 2**20 < GROWTH_MB
