"""Values that nobody else types, put into every text of a request: where met, they leaked."""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from otsp_contracts.values.identity import cnid_check_digit
from otsp_testkit.specifications import JSON, Operation

Schema = Mapping[str, Any]

NAME = "暗号岑霁"
NOTE = "密语芜泽"
MAIL = "anhao-cenji@example.test"
PASSWORD = "Anhao-cenji-2026"
MOBILE = "19976543218"
ID_NO = "33019919780312777" + cnid_check_digit("33019919780312777")
MARKS = (NAME, NOTE, "nhao-cenji", MOBILE, ID_NO)
"""A part of each, by which it is found."""
_BY_ENDING = {
    "mobile": MOBILE,
    "tel": MOBILE,
    "email": MAIL,
    "id_no": ID_NO,
    "password": PASSWORD,
    "name": NAME,
}


def spellings(mark: str) -> Iterator[bytes]:
    """As texts carry it: plain, in a URL, escaped in JSON or by nginx."""
    yield mark.encode()
    for written in {quote(mark, safe=""), quote(mark, safe="").lower()}:
        yield written.encode()
    yield json.dumps(mark)[1:-1].encode()
    yield "".join(f"\\x{byte:02X}" for byte in mark.encode()).encode()


def marks_in(content: bytes) -> list[str]:
    return [mark for mark in MARKS if any(each in content for each in spellings(mark))]


def sound_body(operation: Operation) -> Any:  # noqa: ANN401 - JSON
    """The example with a mark for every text that may be any; None without a JSON body."""
    return _Marking(operation).of(operation.example(), _schema(operation), "")


def broken_body(operation: Operation) -> Any:  # noqa: ANN401 - JSON
    """Every field that the schema names, each a mark, whatever it should be."""
    schema = _schema(operation)
    return {name: mark_of(name) for name in schema.get("properties", {})} or [NAME, NOTE]


def marked_query(operation: Operation, *, is_broken: bool) -> dict[str, str]:
    """A mark for each parameter that takes any text; for every one when it is to be refused."""
    return {
        each["name"]: mark_of(each["name"])
        for each in operation.parameters()
        if each["in"] == "query" and (is_broken or _takes_any_text(each["schema"]))
    }


def mark_of(name: str) -> str:
    return next((mark for ending, mark in _BY_ENDING.items() if name.endswith(ending)), NOTE)


def new_key() -> str:
    return secrets.token_hex(16)


def ids_in(told: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Every field of an answer that is called an id, from the outside in."""
    if isinstance(told, Mapping):
        yield from ((key, each) for key, each in told.items() if _is_id(key, each))
    for each in told.values() if isinstance(told, Mapping) else _rows(told):
        yield from ids_in(each)


def _is_id(key: str, value: object) -> bool:
    return key.endswith("_id") and isinstance(value, str)


def _rows(told: object) -> Iterable[object]:
    return told if isinstance(told, list) else ()


def _schema(operation: Operation) -> Schema:
    content = operation.content().get(JSON)
    return operation.resolve(content["schema"]) if content else {}


@dataclass(frozen=True, slots=True)
class _Marking:
    operation: Operation

    def of(self, value: Any, schema: Schema, name: str) -> Any:  # noqa: ANN401 - JSON
        schema = self.operation.resolve(dict(schema))
        if isinstance(value, Mapping):
            known = schema.get("properties", {})
            return {key: self.of(each, known.get(key, {}), key) for key, each in value.items()}
        if isinstance(value, list):
            return [self.of(each, schema.get("items", {}), name) for each in value]
        is_of_somebody = any(name.endswith(each) for each in _BY_ENDING)
        if isinstance(value, str) and (is_of_somebody or _takes_any_text(schema)):
            return mark_of(name)
        return value


def _takes_any_text(schema: Schema) -> bool:
    return schema.get("type") == "string" and not {"enum", "format", "pattern"} & schema.keys()
