"""The command round the import: progress, the report, the exit code."""

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from otsp_auth.bootstrap import import_legacy
from otsp_auth.commands.legacy import Outcome, Reported
from otsp_chassis.problems import Unavailable
from otsp_cli.legacy.reading import LegacyFile
from otsp_cli.messages.desk import (
    NOTHING,
    SOME,
    CannotDo,
    Desk,
    MovingLine,
    answering,
    note,
    operator,
    put,
)
from otsp_cli.messages.republish import INTERRUPTED

_HEADER = ("line", "outcome", "result", "reason")
_RESULTS = {
    Outcome.IMPORTED: "已导入",
    Outcome.MERGE_CANDIDATE: "已导入（待合并）",
    Outcome.ALREADY_THERE: "此前已导入",
    Outcome.REFUSED: "未导入",
}
_REFUSALS_SHOWN = 10


def import_file(options: argparse.Namespace) -> int:
    """0 when every account is here now, 1 when a line was refused, 2 when nothing was done."""
    with answering("import-legacy"), LegacyFile.open(options.file) as file:
        runtime = Desk().runtime("auth")
        with _report(options.report) as write:
            reported = import_legacy(
                options.source,
                file.names,
                file.batches(),
                is_dry=options.dry_run,
                operator=operator(),
                runtime=runtime,
            )
            counts, is_whole = _followed(reported, file.last_line, write)
    row = {"source": options.source, "is_dry": options.dry_run, "is_whole": is_whole}
    row |= {outcome.value: counts[outcome] for outcome in Outcome}
    told = "，".join(f"{_RESULTS[outcome]} {counts[outcome]}" for outcome in Outcome)
    would = "试运行（未写入任何数据），正式执行的结果将是：" if options.dry_run else ""
    put(row, is_json=options.json, line=f"{options.source}：{would}{told}")
    if not is_whole:
        note("otsp import-legacy: 已中断。重新执行同一命令即可继续，已导入的账号会自动跳过。")
        return INTERRUPTED
    return SOME if counts[Outcome.REFUSED] else NOTHING


def _followed(
    batches: Iterator[list[Reported]], last_line: int, write: Callable[[Reported], None]
) -> tuple[Counter[Outcome], bool]:
    """How many came to what, and whether that was all of the file."""
    counts: Counter[Outcome] = Counter()
    line = MovingLine()
    try:
        for reported in batches:
            for each in reported:
                counts[each.outcome] += 1
                write(each)
            here = reported[-1].line
            text = f"{here}/{last_line} 行  未导入 {counts[Outcome.REFUSED]}"
            line.show_share(here, last_line, text)
    except KeyboardInterrupt:
        return counts, False
    except Unavailable as error:
        raise CannotDo("数据库连接中断。恢复后重新执行同一命令即可继续。") from error
    finally:
        line.end()
    return counts, True


@contextmanager
def _report(path: Path | None) -> Iterator[Callable[[Reported], None]]:
    """A row a line of the file, as Excel opens it; without a file the first refusals are shown."""
    if path is None:
        yield _ShownRefusals()
        return
    try:
        stream = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CannotDo(f"无法写入 {path}：{error.strerror}。") from error
    with stream:
        writer = csv.writer(stream)
        writer.writerow(_HEADER)
        yield lambda each: writer.writerow(
            (each.line, each.outcome.value, _RESULTS[each.outcome], each.reason)
        )


class _ShownRefusals:
    """The first few on standard error; who wants all asks for the report."""

    def __init__(self) -> None:
        self._left = _REFUSALS_SHOWN

    def __call__(self, each: Reported) -> None:
        if each.outcome is not Outcome.REFUSED or self._left < 0:
            return
        is_last, self._left = self._left == 0, self._left - 1
        note(
            "……其余见报告：--report REPORT.csv" if is_last else f"第 {each.line} 行：{each.reason}"
        )
