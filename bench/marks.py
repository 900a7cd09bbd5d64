"""A row of a pattern as text in which marks stand for what is another in every copy.

Ids keep their time; `~K~` (the copy within the institution) and `~N~`
(the institution's number) take the place of the others, so that equal ids stay equal in whatever
table or database they stand. Ids of authorities and reviewers are nobody's own: the county's
authority gets a mark, the others stay.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str]
MARKS = (
    "K", "N", "A", "AN", "R", "U", "NM", "L", "Q", "ST", "TT", "PN", "PO", "IS", "IB", "IX", "IM",
    "MS", "MI", "MT",
)  # fmt: skip
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_LICENCE = re.compile(r"教民\d{15}号")
_SEARCHED = frozenset({"institution", "register_entry", "staff"})
_IDS: Mapping[Key, str] = {
    ("staff", "staff"): "staff_id",
    ("materials", "material"): "material_id",
    ("materials", "attachment"): "file_id",
    ("courses", "course"): "course_id",
    ("courses", "class"): "class_id",
    ("courses", "site"): "site_id",
    ("institution", "fee_item"): "fee_item_id",
}
"""Of the tables that an institution has several copies in."""


class Marker:
    """Of one pattern: which of its ids belong to which table, which are not its own."""

    def __init__(self, rows: Mapping[Key, Sequence[Row]], strangers: Mapping[str, str]) -> None:
        """`strangers` are ids that stay, each with what stands for it; empty for itself."""
        self._table_of = {
            row[column]: table
            for (service, table), column in _IDS.items()
            for row in rows[service, table]
        }
        self._strangers = strangers
        [institution] = rows["institution", "institution"]
        self._prefixes = _prefixes_of(rows)
        self.institution_prefix = self._prefixes[institution["institution_id"]]
        [step, *_] = rows["compliance", "case_step"]
        self._words = {
            institution["uscc"]: "~U~",
            institution["name"]: "~NM~",
            step["authority_name"]: "~AN~",
            f'"{institution["region_code"]}"': '"~R~"',
        }

    def marked(self, table: str, row: Row, *, with_copy: Sequence[str]) -> str:
        text = json.dumps(_with_secrets_marked(table, row), ensure_ascii=False)
        text = _UUID.sub(lambda found: self._another(found[0], with_copy), text)
        for word, mark in self._words.items():
            text = text.replace(word, mark)
        return _LICENCE.sub("~L~", text).replace('"~TT~"', "~TT~")

    def _another(self, known: str, with_copy: Sequence[str]) -> str:
        if known in self._strangers:
            return self._strangers[known] or known
        own_copy = "~K~" if self._table_of.get(known) in with_copy else "0000"
        return f"{self._prefixes[known]}{own_copy}~N~"


def _prefixes_of(rows: Mapping[Key, Sequence[Row]]) -> dict[str, str]:
    """With the time of each id and its place among all, so that rows keep their order."""
    found = {each for table in rows.values() for row in table for each in _ids_of(row)}
    return {known: f"{known[:14]}7{place:03x}-8000-" for place, known in enumerate(sorted(found))}


def _ids_of(row: Row) -> list[str]:
    return _UUID.findall(json.dumps(row))


def _with_secrets_marked(table: str, row: Row) -> Row:
    """Sealed values and their indexes, and what a row is found by."""
    told = dict(row)
    if table in _SEARCHED:
        told |= {"search_text": "~ST~", "search_terms": "~TT~"}
    if table == "staff":
        told |= {"name": "~PN~", "name_order": "~PO~"}
        told |= {"id_no_sealed": r"\x~IS~", "id_index": r"\x~IX~"}
        told |= {"mobile_sealed": r"\x~MS~", "mobile_index": r"\x~MI~"}
        told |= {"mobile_tail_index": r"\x~MT~"}
    if table == "institution":
        told |= {"legal_rep_id_no": r"\x~IS~", "legal_rep_id_hmac": r"\x~IX~"}
        told |= {"legal_rep_id_masked": "~IM~"}
        told = {name: _person_marked(value) for name, value in told.items()}
    if table == "account":
        told |= {"mobile": r"\x~MS~", "mobile_index": r"\x~MI~"}
        told |= {"email": None, "email_index": None}
    if table in ("material", "material_ref"):  # one title a version; its copy is not searched for
        told["title"] = f"{row['title']}~K~"
    if table == "attachment":  # the same scan of two institutions is a warning of its own (V-13)
        told["sha256"] = f"{row['sha256'][:-12]}~K~~N~"
    if table == "application" and row["seq_no"]:  # an institution may have filed before
        told["seq_no"] = f"~Q~{row['seq_no'][-1]}"
    return told


def _person_marked(value: Any) -> Any:  # noqa: ANN401 - a value of a JSON column
    if isinstance(value, list):
        return [_person_marked(each) for each in value]
    if isinstance(value, dict) and value.get("id_hmac"):
        return value | {"id_no": "~IB~", "id_hmac": "~IX~", "id_masked": "~IM~"}
    return value
