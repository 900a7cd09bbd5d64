"""`otsp import-legacy`: what it takes, what it reports, how it goes on."""

import csv
import gc
import signal
import subprocess
import sys
import tracemalloc

import pytest
from sqlalchemy import func, select

from otsp_auth.bootstrap import import_legacy
from otsp_auth.model import Account, LegacyAccount
from otsp_auth.rules.legacy_rows import SOURCES
from otsp_chassis.db import reading
from otsp_cli.__main__ import _parser
from otsp_cli.legacy.reading import LegacyFile
from otsp_testkit.legacy import COLUMNS, legacy_cells, legacy_uscc, write_legacy_file

SOURCE = ("--source", "xwpx_offline")


@pytest.fixture
def file(tmp_path):
    """Write these lines; where they are."""
    return lambda *lines, **options: write_legacy_file(tmp_path / "legacy.csv", lines, **options)


@pytest.fixture
def take(otsp, tmp_path):
    """Import a file; how the command ended, and the rows of its report."""

    def run(path, *options):
        report = tmp_path / "report.csv"
        told = otsp("import-legacy", str(path), *SOURCE, "--report", str(report), *options)
        if not report.exists():
            return told, []
        with report.open(encoding="utf-8-sig", newline="") as stream:
            return told, list(csv.DictReader(stream))

    return run


def count(kits, kind=Account.account_id):
    with kits["auth"].active(), reading() as tx:
        return tx.execute(select(func.count(kind))).scalar_one()


def test_all_is_imported_and_reported_line_by_line(take, kits, file):
    told, report = take(file(legacy_cells(1), legacy_cells(2)))

    assert told.code == 0
    assert told.out == "xwpx_offline：已导入 2，已导入（待合并） 0，此前已导入 0，未导入 0\n"
    assert [(row["line"], row["outcome"]) for row in report] == [
        ("2", "imported"),
        ("3", "imported"),
    ]
    assert count(kits) == 2


def test_refused_lines_have_a_reason_and_exit_code_1(take, kits, file):
    told, report = take(file(legacy_cells(1), legacy_cells(2, uscc="1"), legacy_cells(1)))

    assert told.code == 1
    assert [row["result"] for row in report] == ["已导入", "未导入", "未导入"]
    assert "统一社会信用代码" in report[1]["reason"]
    assert "与第 2 行重复" in report[2]["reason"]
    assert count(kits) == 1


def test_dry_run_writes_nothing_and_reports_the_same(take, kits, file):
    path = file(legacy_cells(1), legacy_cells(2, region_code="x"), legacy_cells(3))

    dry, would = take(path, "--dry-run", "--json")

    assert count(kits) == count(kits, LegacyAccount.source) == 0
    assert dry.rows[0]["is_dry"]
    wet, did = take(path, "--json")
    assert would == did
    assert dry.rows[0] | {"is_dry": False} == wet.rows[0]
    assert (wet.rows[0]["imported"], wet.rows[0]["refused"]) == (2, 1)


def test_repeated_run_passes_over_what_is_there(take, kits, file):
    path = file(legacy_cells(1), legacy_cells(2))
    take(path)

    told, report = take(path)

    assert told.code == 0
    assert {row["outcome"] for row in report} == {"already_there"}
    assert count(kits) == 2


def test_byte_order_mark_and_columns_in_any_order_are_taken(take, tmp_path):
    path = tmp_path / "bom.csv"
    cells = legacy_cells(1)
    lines = [COLUMNS[::-1], [cells[name] for name in COLUMNS[::-1]]]
    path.write_text("\n".join(map(",".join, lines)), encoding="utf-8-sig")

    told, _ = take(path)

    assert told.code == 0


def test_gb18030_is_refused_with_how_to_convert_it(take, kits, file):
    told, report = take(file(legacy_cells(1), encoding="gb18030"))

    assert (told.code, report) == (2, [])
    assert "第 2 行不是 UTF-8 编码" in told.err
    assert "iconv -f GB18030 -t UTF-8 legacy.csv" in told.err
    assert count(kits) == 0


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("", "缺少列：legacy_username"),
        ("legacy_username;uscc", "未知列：legacy_username;uscc"),
        (",".join([*COLUMNS, "uscc"]), "重复列：uscc"),
    ],
)
def test_header_that_does_not_fit_is_told_before_anything_is_done(take, tmp_path, header, words):
    path = tmp_path / "bad.csv"
    path.write_text(header, encoding="utf-8")

    told, _ = take(path)

    assert told.code == 2
    assert words in told.err


def test_file_that_is_not_there_is_told_in_one_line(take, tmp_path):
    told, _ = take(tmp_path / "none.csv")

    assert told.code == 2
    assert "无法读取" in told.err


def test_broken_line_spoils_no_other(take, kits, file):
    path = file(legacy_cells(1), legacy_cells(2), legacy_cells(3))
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = '"' + lines[2]
    lines.insert(3, "")
    lines.insert(4, "x" * 40_000)
    path.write_text("\n".join(lines), encoding="utf-8")

    told, report = take(path)

    assert told.code == 1
    assert [(row["line"], row["outcome"]) for row in report] == [
        ("2", "imported"),
        ("3", "refused"),
        ("5", "refused"),
        ("6", "imported"),
    ]
    assert "引号" in report[1]["reason"]


def test_report_and_words_hold_nothing_of_a_person(take, file):
    cells = legacy_cells(1, legacy_username="13912345678", mobile="13800000001", uscc="bad")

    told, report = take(file(cells))

    said = str([told.out, told.err, report])
    for value in ("13912345678", "13800000001", cells["legacy_password_hash"]):
        assert value not in said


def test_without_a_report_the_first_refusals_are_shown(otsp, file):
    path = file(*(legacy_cells(number, uscc="bad") for number in range(12)))

    told = otsp("import-legacy", str(path), *SOURCE)

    assert told.code == 1
    assert "第 2 行：uscc" in told.err
    assert "第 13 行" not in told.err
    assert "--report" in told.err


def test_number_of_both_platforms_is_named_a_candidate(otsp, file, take):
    otsp("import-legacy", str(file(legacy_cells(1))), "--source", "xspx_online")

    told, report = take(file(legacy_cells(2, uscc=legacy_uscc(1))))

    assert told.code == 0
    assert [row["outcome"] for row in report] == ["merge_candidate"]


def test_platforms_of_the_command_are_those_of_the_service():
    for source in SOURCES:
        assert _parser().parse_args(["import-legacy", "x.csv", "--source", source]).source == source
    with pytest.raises(SystemExit):
        _parser().parse_args(["import-legacy", "x.csv", "--source", "elsewhere"])


def test_interrupted_run_says_how_to_go_on_and_keeps_what_is_there(take, kits, file, monkeypatch):
    from otsp_cli.messages.desk import MovingLine

    def interrupt(*_):
        raise KeyboardInterrupt

    path = file(*map(legacy_cells, range(1, 700)))
    with monkeypatch.context() as patch:
        patch.setattr(MovingLine, "show_share", interrupt)
        told, report = take(path)

    assert told.code == 130
    assert "重新执行同一命令即可继续" in told.err
    assert count(kits) == len(report) == 500
    again, whole = take(path)
    assert (again.code, count(kits), len(whole)) == (0, 699, 699)


def test_killed_run_is_gone_on_with(take, kits, file):
    """Killed (-9) in the middle: whole batches are there, and the same command brings the rest."""
    path = file(*map(legacy_cells, range(1, 3_001)))
    command = [sys.executable, "-m", "otsp_cli", "import-legacy", str(path), *SOURCE]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        process.stderr.readline()  # a tenth is done
        process.send_signal(signal.SIGKILL)
    there = count(kits)

    told, report = take(path)

    assert 500 <= there < 3_000
    assert there % 500 == 0
    assert told.code == 0
    assert sum(row["outcome"] == "already_there" for row in report) == there
    assert count(kits) == count(kits, LegacyAccount.source) == 3_000


def tried(kits, path):
    """Lines of a file that was tried, and the most that was held for it after a batch, in bytes.

    What lies about uncollected is left out: how much that is depends on what ran before.
    """
    lines = most = 0
    with LegacyFile.open(path) as file:
        gc.freeze()  # what other tests left must not make the collector come more seldom
        tracemalloc.start()
        batches = import_legacy(
            "xwpx_offline",
            file.names,
            file.batches(),
            is_dry=True,
            operator="ops",
            runtime=kits["auth"].runtime,
        )
        for batch in batches:
            lines += len(batch)
            gc.collect()
            most = max(most, tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        gc.unfreeze()
    return lines, most


def test_memory_does_not_grow_with_the_file(kits, file):
    tried(kits, file(*map(legacy_cells, range(1_000))))  # what is made once is there by now
    few, before = tried(kits, file(*map(legacy_cells, range(1_000))))
    many, after = tried(kits, file(*map(legacy_cells, range(20_000))))

    assert (few, many) == (1_000, 20_000)
    assert after - before < 1_000_000, (before, after)
