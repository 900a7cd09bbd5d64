"""A platform's file, line by line: UTF-8 with or without byte order mark, commas, a header."""

import csv
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Self, TextIO

from otsp_auth.commands.legacy import Line
from otsp_auth.rules.legacy_rows import header_faults
from otsp_cli.messages.desk import CannotDo

BATCH = 500
_CHUNK = 1 << 20
_LONGEST_LINE = 1 << 14


class LegacyFile:
    """One line is one row, whatever its quotes say: a broken row spoils no other."""

    def __init__(self, stream: TextIO, last_line: int) -> None:
        self.last_line = last_line
        self._lines = _lines(stream)
        head = next(self._lines, Line(1, ()))
        self.names = [name.strip().lower() for name in head.cells or ()]
        faults = header_faults(self.names)
        if faults:
            raise CannotDo("表头有误，" + "；".join(faults) + "。")

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Raises CannotDo unless all of it is UTF-8: half a file taken in helps nobody."""
        last_line = _count_lines(path)
        with path.open(encoding="utf-8-sig") as stream:
            yield cls(stream, last_line)

    def batches(self) -> Iterator[list[Line]]:
        while batch := list(islice(self._lines, BATCH)):
            yield batch


def _lines(stream: TextIO) -> Iterator[Line]:
    """Those that are not empty, numbered from 1 as editors do."""
    number = 0
    while text := stream.readline(_LONGEST_LINE):
        number += 1
        cells = _cells(text)
        while not text.endswith("\n") and (text := stream.readline(_LONGEST_LINE)):
            cells = None
        if cells != []:
            yield Line(number, cells)


def _cells(text: str) -> list[str] | None:
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return None


def _count_lines(path: Path) -> int:
    decoder, lines, text = getincrementaldecoder("utf-8")(), 0, "\n"
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                text = decoder.decode(chunk)
                lines += text.count("\n")
            decoder.decode(b"", final=True)
    except OSError as error:
        raise CannotDo(f"无法读取 {path}：{error.strerror}。") from error
    except UnicodeDecodeError as error:
        lines += 1 + error.object.count(b"\n", 0, error.start)
        convert = f"iconv -f GB18030 -t UTF-8 {path.name} > {path.stem}.utf8.csv"
        message = f"第 {lines} 行不是 UTF-8 编码。如文件为 GB18030（GBK），请先转换：{convert}"
        raise CannotDo(message) from error
    return lines if text.endswith("\n") else lines + 1
