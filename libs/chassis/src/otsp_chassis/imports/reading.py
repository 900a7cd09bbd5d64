"""Rows of a workbook, read by a process that may break and is bounded (`reader.py`)."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any, cast

import orjson

from otsp_chassis.confined.running import OpenerUnavailable
from otsp_chassis.imports import reader
from otsp_chassis.imports.fields import Cell

REFUSALS_ZH: Mapping[str, str] = {
    "encrypted": "文件设有密码，或是旧版 xls 格式。请取消密码，另存为 xlsx 格式后重新上传。",
    "damaged": "文件不是完整的 xlsx 工作簿。请用表格软件打开并另存为 xlsx 格式后重新上传。",
    "macros": "文件含有宏。请另存为不含宏的 xlsx 格式后重新上传。",
    "external_links": "文件引用了其他工作簿。请把引用的内容粘贴为数值后重新上传。",
    "embedded_objects": "文件中嵌有其他文件或控件。请删除后重新上传。",
    "formulas": "文件中有公式。请把公式复制并选择性粘贴为数值后重新上传。",
    "too_large": "文件展开后超过 50 MB。请删除表格之外的内容，或分成几个文件上传。",
    "too_many_rows": "文件超过 100,000 行。请分成几个文件上传。",
    "too_wide": "文件的列数过多。请下载最新模板，把内容填在模板中后重新上传。",
    "wrong_template": "没有找到模板的工作表或表头。请下载最新模板，把内容填在模板中后重新上传。",
    "too_much": "文件内容超出读取限制。请只保留模板中的行和列，或分成几个文件上传。",
    "empty": "模板中没有填写内容。请从第 2 行开始填写后重新上传。",
}
"""Why a workbook is not read, and what to do. Titles of columns are told besides."""


class Refused(Exception):
    """`detail_zh` says what to do."""

    def __init__(self, code: str, detail_zh: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail_zh = detail_zh or REFUSALS_ZH[code]


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the one that spreadsheets show at its left."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Rows:
    """`count` includes empty rows, which do not come; each page is read when it is asked for."""

    titles: Sequence[str]
    count: int
    pages: Iterator[list[Row]]


@contextmanager
def opened(content: bytes, sheet: str) -> Iterator[Rows]:
    """Raises Refused, in the middle of the pages too, when the reader breaks; OpenerUnavailable."""
    reading = subprocess.Popen(
        [sys.executable, "-I", "-m", reader.__name__, sheet],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={},
        cwd="/",
    )  # fmt: skip
    with reading as process:
        try:
            lines = _lines(process, content)
            head: dict[str, Any] | None = next(lines, None)
            if head is None:
                raise Refused("too_much")
            if "refused" in head:
                raise Refused(head["refused"])
            yield Rows(head["titles"], head["rows"], _pages(lines))
        finally:
            process.kill()


def _lines(process: "subprocess.Popen[bytes]", content: bytes) -> Iterator[Any]:
    stdin, stdout = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    with suppress(BrokenPipeError):  # how it ended says more
        stdin.write(content)
        stdin.close()
    for line in stdout:
        yield orjson.loads(line)
    status = process.wait()
    if status == reader.NOT_CONFINED:
        raise OpenerUnavailable
    if status != 0:
        raise Refused("too_much")


def _pages(lines: Iterator[Any]) -> Iterator[list[Row]]:
    for page in lines:
        rows = [Row(number, cells) for number, *cells in page if cells.count("") < len(cells)]
        if rows:
            yield rows
