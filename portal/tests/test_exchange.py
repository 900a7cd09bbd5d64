"""Imports, exports and histories in words."""

from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from flask import Flask

from otsp_portal import exported
from otsp_portal.displays import masked_of
from otsp_portal.exchange import (
    export_progress,
    export_words,
    import_progress,
    import_state,
    percent_done,
)
from otsp_portal.forms.entry import Entry
from otsp_portal.gateway_client import Caller, Gateway
from otsp_portal.histories import between, change_of
from otsp_portal.views.staff.kinds import PERSON
from otsp_portal.views.staff.lists import Place

PEOPLE = exported.LISTS["staff.staff"]


def test_what_narrows_a_list_goes_on_as_the_platform_takes_it():
    given = [
        ("q", "卫甲"),
        ("staff_type", "teaching"),
        ("staff_type", "research"),
        ("status", "employed"),
        ("employment", ""),
        ("csrf_token", "x"),
        ("cursor", "y"),
    ]

    filters = PEOPLE.filters(given)

    assert filters == {"q": "卫甲", "staff_type": ["teaching", "research"], "status": "employed"}
    assert PEOPLE.conditions({**filters, "sort": "name"}) == [
        ("名称", "卫甲"),
        ("人员类别", "教学人员、教研人员"),
        ("状态", "在职"),
    ]


def test_only_materials_have_archives():
    assert [key for key, of in exported.LISTS.items() if "zip" in of.formats] == [
        "materials.materials"
    ]


@pytest.mark.parametrize(
    ("told", "percent"),
    [
        ({"rows_total": None, "rows_done": 0}, 0),
        ({"rows_total": 0, "rows_done": 0}, 0),
        ({"rows_total": 8, "rows_done": 2}, 25),
        ({"rows_total": 10, "rows_done": 10, "files_total": 10, "files_done": 5}, 75),
    ],
)
def test_progress_counts_rows_and_files(told, percent):
    assert percent_done(told) == percent


def test_an_import_is_told_while_it_runs_and_where_it_ends():
    running = {"state": "checking", "rows_total": 200, "rows_done": 50}
    ended = {"state": "checked", "rows_total": 200, "rows_done": 200}

    told = export_words({"state": "waiting"})
    assert told == "正在等待，前面还有其他文件在生成"
    progress = import_progress(running, next_path="/import/staff/1")
    assert (progress["final"], progress["next"], progress["value"]) == (False, None, 25)
    assert progress["text"] == "正在检查第50行，共200行"
    progress = import_progress(ended, next_path="/import/staff/1")
    assert (progress["final"], progress["next"]) == (True, "/import/staff/1")
    assert import_state({"state": "refused"}).tone == "bad"


def test_an_export_is_final_when_its_file_is_there_or_never_will_be():
    for state, is_final in (("waiting", False), ("running", False), ("done", True),
                            ("failed", True), ("expired", True)):  # fmt: skip
        told = {"state": state, "rows_total": 4, "rows_done": 1}
        assert export_progress(told, next_path="/jobs")["final"] is is_final, state


def _changed(**changed):
    return {
        "kind": "changed",
        "part": "staff",
        "part_zh": "从业人员",
        "object_id": "01a2",
        "role": "inst_admin",
        "operation": "otsp_staff.api.people.replace_staff",
        "at": "2024-10-18T01:30:00+00:00",
        "fields": [],
    } | changed


def _field(pointer, before, after, *, is_masked=False):
    return {
        "pointer": pointer,
        "label_zh": "项目",
        "before": before,
        "after": after,
        "is_masked": is_masked,
    }


def test_a_change_is_told_in_words_with_who_and_when():
    fields = [
        _field("/employment", "full_time", "part_time"),
        _field("/contract_file_id", None, "01a227c2-f71b-71e3-8cd9-887a2c1dab05"),
        _field("/annual_check_on", "***", "***", is_masked=True),
        _field("/depart_reason", None, "resigned"),
    ]

    change = change_of(_changed(fields=fields), {"01a2": "蒋乙"}, {"staff": "/staff/{}"})

    assert (change.name, change.href) == ("蒋乙", "/staff/01a2")
    assert (change.by, change.at, change.tag.word) == ("机构管理员", "2024-10-18 09:30", "修改")
    assert [(each.before, each.after) for each in change.fields] == [
        ("专职", "兼职"),
        ("", "已上传的文件"),
        ("已隐藏", "已隐藏"),
        ("", "辞职"),
    ]


def test_imports_and_the_platform_itself_are_told_as_such():
    names = {}
    assert change_of(_changed(operation="import:01"), names, {}).by == "批量导入"
    assert change_of(_changed(role="system"), names, {}).by == "平台"


def test_objects_without_a_name_are_no_links_and_ids_are_never_shown():
    other = "01a227c2-f71b-71e3-8cd9-887a2c1dab05"
    fields = [_field("/teacher_ids", [], [other])]

    change = change_of(_changed(part="class", fields=fields), {}, {"class": "/classes/{}"})

    assert (change.name, change.href) == ("", "")
    assert change.fields[0].after == "未列出名称的一项"


def test_days_are_whole_days_in_shanghai():
    assert between(date(2024, 10, 1), date(2024, 10, 31)) == (
        "2024-10-01T00:00:00+08:00",
        "2024-11-01T00:00:00+08:00",
    )
    assert between(None, None) == (None, None)


@pytest.mark.parametrize(
    ("form", "behind", "first"),
    [
        ({}, [], 1),
        ({"go": "next", "next": "b", "trail": "a"}, ["a", "b"], 41),
        ({"go": "back", "trail": "a b"}, ["a"], 21),
        ({"go": "back", "trail": "a"}, [], 1),
        ({"trail": "a b", "next": "c", "q": "卫"}, [], 1),
    ],
)
def test_a_list_is_gone_through_both_ways_and_narrowed_from_its_beginning(form, behind, first):
    place = Place.of(form)

    assert (list(place.behind), place.first) == (behind, first)
    assert place.cursor == (behind[-1] if behind else None)


@pytest.fixture
def platform():
    """A server that notes which addresses it is asked for."""
    asked = []

    class Noting(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_told):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        Thread(target=server.serve_forever).start()
        gateway = Gateway(f"http://127.0.0.1:{server.server_port}", timeout=5, at_once=1)
        yield gateway.called_by(Caller(None, "10.0.0.1", "r")), asked
        gateway.close()
        server.shutdown()


def test_a_query_in_a_path_is_not_lost(platform):
    api, asked = platform

    api.post("/searches?cursor=abc")

    assert asked == ["/searches?cursor=abc"]


def test_what_is_masked_is_found_under_each_of_its_names():
    with Flask("otsp_portal").app_context():
        cells = {
            cell.pointer: cell
            for group in PERSON.layout.groups
            for cell in Entry(PERSON.layout).cells(group)
        }
    stored = {"id_masked": "510*", "mobile_masked": "138*", "work_permit_masked": "3*"}
    assert [
        masked_of(stored, cells[pointer]) for pointer in ("/id_no", "/mobile", "/work_permit_no")
    ] == ["510*", "138*", "3*"]
