"""One line of a legacy platform's file: what it must hold, and what is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from otsp_auth.rules.legacy_hashes import LegacyHash
from otsp_contracts import regions
from otsp_contracts.values import USCC, Code, InvalidValue, Mobile, Region6, normalise_text

SOURCES: Final = ("xspx_online", "xwpx_offline")
"""The legacy platforms (domain specification §1.7): 线上 run by provinces, 线下 by counties."""

WANTED: Final = (
    "legacy_username",
    "legacy_password_hash",
    "hash_scheme",
    "institution_name",
    "uscc",
    "licence_no",
    "region_code",
    "categories",
)
OPTIONAL: Final = ("salt", "mobile")

_CATEGORIES: Final[Mapping[str, str]] = {
    "subject": "subject",
    "nonsubject": "nonsubject",
    "学科类": "subject",
    "非学科类": "nonsubject",
}
_SEPARATOR = re.compile(r"[|;,；，、]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, repr=False)
class LegacyRow:
    """A sound line: everything in its normal form."""

    username: str
    password: LegacyHash
    institution_name: str
    uscc: str
    licence_no: str | None
    region_code: str
    categories: tuple[str, ...]
    mobile: str | None


class UnsoundRow(ValueError):
    """What is wrong with a line, all of it, in Chinese; it quotes nothing of the line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(len(faults))
        self.reason = "".join(faults)


def header_faults(names: Sequence[str]) -> list[str]:
    """Whether a file can be read at all; any order of columns will do."""
    lacking = [name for name in WANTED if name not in names]
    unknown = sorted({*names} - {*WANTED, *OPTIONAL})
    repeated = sorted({name for name in names if names.count(name) > 1})
    told = (("缺少列", lacking), ("未知列", unknown), ("重复列", repeated))
    return [f"{what}：{'、'.join(columns)}" for what, columns in told if columns]


def name_key(username: str) -> str:
    """Two names with one key are one name: upper and lower case are not told apart."""
    return normalise_text(username).casefold()


def split_source(text: str) -> tuple[str, str | None]:
    """A login name as typed: `name@xwpx_offline` names its platform, `name` any of the two."""
    name, _, source = text.rpartition("@")
    return (name, source) if source in SOURCES else (text, None)


def read_row(names: Sequence[str], cells: Sequence[str]) -> LegacyRow:
    """Raises UnsoundRow with all faults at once."""
    if len(cells) != len(names):
        raise UnsoundRow([f"应有 {len(names)} 列，实有 {len(cells)} 列。"])
    reader = _Reader(dict(zip(names, cells, strict=True)))
    row = LegacyRow(
        username=reader.text("legacy_username", most=64),
        password=reader.password(),
        institution_name=reader.text("institution_name", most=60),
        uscc=reader.code("uscc", USCC),
        licence_no=normalise_text(reader.cell("licence_no")) or None,
        region_code=reader.region(),
        categories=reader.categories(),
        mobile=reader.code("mobile", Mobile) if reader.cell("mobile").strip() else None,
    )
    if reader.faults:
        raise UnsoundRow(reader.faults)
    return row


class _Reader:
    """Takes the cells of one line one by one and notes what is wrong with them."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.faults: list[str] = []

    def cell(self, name: str) -> str:
        return self._cells.get(name, "")

    def text(self, name: str, *, most: int) -> str:
        text = normalise_text(self.cell(name))
        if not 1 <= len(text) <= most or _UNPRINTABLE.search(text):
            self.faults.append(f"{name} 应为 1 至 {most} 个字符，不含控制字符。")
        return text

    def code(self, name: str, kind: type[Code]) -> str:
        try:
            return kind.parse(self.cell(name)).text
        except InvalidValue as fault:
            self.faults.append(f"{name}：{fault.detail_zh}。")
            return ""

    def password(self) -> LegacyHash:
        """The salt is kept as it stands: a space belongs to it."""
        scheme, digest = self.cell("hash_scheme"), self.cell("legacy_password_hash")
        try:
            return LegacyHash.parse(scheme.strip().lower(), digest.strip(), self.cell("salt"))
        except InvalidValue as fault:
            self.faults.append(f"{fault.code}：{fault.detail_zh}")
            return LegacyHash("", "")

    def region(self) -> str:
        code = self.code("region_code", Region6)
        if code and not regions.is_lowest(code):
            self.faults.append("region_code：行政区划代码应精确到区县。")
        return code

    def categories(self) -> tuple[str, ...]:
        given = [part.strip() for part in _SEPARATOR.split(self.cell("categories"))]
        if any(part not in _CATEGORIES for part in given):
            detail = "categories：应为 subject（学科类）、nonsubject（非学科类），以 | 分隔。"
            self.faults.append(detail)
        return tuple(dict.fromkeys(_CATEGORIES.get(part, "") for part in given))
