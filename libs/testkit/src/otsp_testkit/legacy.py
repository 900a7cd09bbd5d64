"""Files of a legacy platform, as provinces and counties export them."""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from otsp_auth.rules.legacy_rows import OPTIONAL, WANTED
from otsp_contracts.values import uscc_check_digit

PASSWORD = "mima2021"
COLUMNS = (*WANTED, *OPTIONAL)


def legacy_uscc(number: int) -> str:
    """The sound USCC of institution `number` (below 100 million) of 杭州市西湖区."""
    first_17 = f"52330106M{number:08d}"
    return first_17 + uscc_check_digit(first_17)


def legacy_cells(number: int, password: str = PASSWORD, **changed: str) -> dict[str, str]:
    """One line by column; the account is named `jg<number>` unless told otherwise."""
    return {
        "legacy_username": f"jg{number}",
        "legacy_password_hash": hashlib.md5(password.encode()).hexdigest(),  # noqa: S324 - as theirs
        "hash_scheme": "md5",
        "institution_name": f"西湖第{number}培训学校",
        "uscc": legacy_uscc(number),
        "licence_no": f"教民1330106{number:07d}号",
        "region_code": "330106",
        "categories": "subject",
        "salt": "",
        "mobile": "",
    } | changed


def write_legacy_file(
    path: Path, lines: Iterable[Mapping[str, str]], *, encoding: str = "utf-8"
) -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(lines)
    return path
