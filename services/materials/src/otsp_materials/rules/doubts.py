"""What is stored and told: missing, doubtful, or certain to be found by the rules."""

from collections.abc import Iterator
from datetime import date

from otsp_contracts.snapshots import MISSING
from otsp_contracts.values import FieldError
from otsp_materials.rules.rows import MaterialRow

SECTION_CODES = frozenset({MISSING, "v_14"})
"""Doubts that travel in the section; the others are findings of the rules there."""

_REQUIRED = ("edition", "delivery", "copyright_note")
"""Required fields that do not travel in the section: only their owner can report them."""
_ISBN_DIGITS = 13


def doubts(row: MaterialRow, today: date) -> Iterator[FieldError]:
    """Only what is in use must be whole; a number or a day is checked as soon as it is there."""
    for pointer, said_on in _happened(row).items():
        if said_on is not None and said_on > today:
            yield FieldError(pointer, "v_14", "日期晚于今天，请核对。")
    if row.isbn is not None and not is_isbn(row.isbn):
        yield FieldError("/isbn", "isbn_check_digit", "书号应为13位ISBN，请核对校验位。")
    if row.status != "in_use":
        return
    yield from _missing(row)
    authors = {author["staff_id"] for author in row.authors}
    if authors & {str(reviewer) for reviewer in row.internal_review.reviewer_ids}:
        detail = "审核人员参与了编写，编审应当分离。"
        yield FieldError("/internal_review/reviewer_ids", "mat_003", detail)
    if row.content_sha256 != row.reviewed_sha256:
        yield FieldError("/file_id", "mat_008", "材料内容与审核时不同，请重新审核。")


def _missing(row: MaterialRow) -> Iterator[FieldError]:
    for name in (*_REQUIRED, *(("filed_on",) if row.filed else ())):
        if not getattr(row, name):
            yield FieldError(f"/{name}", MISSING, "必填项未填写。")
    if row.negative_list_ok and not row.negative_list_signer:
        yield FieldError("/negative_list_signer", MISSING, "负面清单承诺须填写签署人。")
    if row.origin == "published" and not row.isbn:
        yield FieldError("/isbn", MISSING, "正式出版的材料须填写书号。")


def _happened(row: MaterialRow) -> dict[str, date | None]:
    """V-14: days on which something is said to have happened."""
    return {
        "/internal_review/reviewed_on": row.internal_review.reviewed_on,
        "/filed_on": row.filed_on,
        "/used_from": row.used_from,
        "/used_until": row.used_until,
        "/purged_on": row.purged_on,
    }


def is_isbn(text: str) -> bool:
    """ISBN-13: weights 1 and 3 in turn, the sum a multiple of ten."""
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) != _ISBN_DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return total % 10 == 0
