"""What is stored and told: missing, doubtful, or certain to be found by the rules."""

from collections.abc import Iterator

from otsp_contracts.snapshots import MISSING
from otsp_materials.rules.rows import Doubt, MaterialRow

SECTION_CODES = frozenset({MISSING})
"""Doubts that travel in the section; the others are findings of the rules there."""

_ISBN_DIGITS = 13


def doubts(row: MaterialRow) -> Iterator[Doubt]:
    """Only what is in use must be whole; a number is checked as soon as it stands there."""
    if row.isbn is not None and not is_isbn(row.isbn):
        yield Doubt("isbn_check_digit", "/isbn", "书号应为13位ISBN，请核对校验位。")
    if row.status != "in_use":
        return
    if not row.copyright_note:
        yield Doubt(MISSING, "/copyright_note", "必填项未填写。")
    if row.origin == "published" and not row.isbn:
        yield Doubt(MISSING, "/isbn", "正式出版的材料须填写书号。")
    authors = {author["staff_id"] for author in row.authors}
    if authors & {str(reviewer) for reviewer in row.internal_review.reviewer_ids}:
        detail = "审核人员参与了编写，编审应当分离。"
        yield Doubt("mat_003", "/internal_review/reviewer_ids", detail)
    if row.content_sha256 != row.reviewed_sha256:
        yield Doubt("mat_008", "/file_id", "材料内容与审核时不同，请重新审核。")


def is_isbn(text: str) -> bool:
    """ISBN-13: weights 1 and 3 in turn, the sum a multiple of ten."""
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) != _ISBN_DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return total % 10 == 0
