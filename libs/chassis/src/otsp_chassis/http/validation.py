"""Checks against the published schemas: compiled once, every fault reported, in Chinese.

OpenAPI 3.0's `nullable` is rewritten before compiling, because jsonschema-rs ignores it
(decision D3). Strings are folded (NFC, trimmed, full-width ASCII to half-width) before they
are judged, so that what a clerk pastes is what is stored; passwords and drafts are left alone.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import jsonschema_rs

from otsp_contracts.values import FieldError

FormatCheck = Callable[[str], tuple[str, str] | None]
"""Returns None for a good value, else (code, zh-CN detail)."""

Schema = Mapping[str, Any]

Json = Any
"""A parsed document: judged by a schema, not by types."""


def _parses(parse: Callable[[str], object], code: str, detail: str) -> FormatCheck:
    def check(value: str) -> tuple[str, str] | None:
        try:
            parse(value)
        except ValueError:
            return code, detail
        return None

    return check


def _aware(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


def _full_date(value: str) -> date:
    day = date.fromisoformat(value)
    if day.isoformat() != value:  # ISO 8601 has week dates and short forms too
        raise ValueError(value)
    return day


def _clock_time(value: str) -> time:
    moment = datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    if moment.isoformat("minutes") != value:
        raise ValueError(value)
    return moment


def _is_uuid(value: str) -> tuple[str, str] | None:
    """Every path has one or two, so this is a pattern: a third of what making a UUID costs."""
    return None if _UUID.fullmatch(value) else ("bad_uuid", "编号格式不正确。")


_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


BUILT_IN: Mapping[str, FormatCheck] = {
    "date": _parses(_full_date, "bad_date", "应为真实存在的日期，格式为 2024-10-15。"),
    "date-time": _parses(
        _aware, "bad_date_time", "应为带时区的时间，如 2024-10-15T08:00:00+08:00。"
    ),
    "uuid": _is_uuid,
    "time-hm": _parses(_clock_time, "bad_time", "应为 24 小时制时间，格式为 08:30。"),
}

_TEXTS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "type": ("wrong_type", lambda k: f"类型不正确，应为{_type_names(k.types)}。"),
    "enum": ("unknown_code", lambda k: f"取值不在允许范围内，可选：{_options(k.options)}。"),
    "minLength": ("too_short", lambda k: f"不能少于 {k.limit} 个字符。"),
    "maxLength": ("too_long", lambda k: f"不能超过 {k.limit} 个字符。"),
    "minimum": ("too_small", lambda k: f"不能小于 {k.limit}。"),
    "maximum": ("too_large", lambda k: f"不能大于 {k.limit}。"),
    "exclusiveMinimum": ("too_small", lambda k: f"必须大于 {k.limit}。"),
    "exclusiveMaximum": ("too_large", lambda k: f"必须小于 {k.limit}。"),
    "minItems": ("too_few", lambda k: f"至少应有 {k.limit} 项。"),
    "maxItems": ("too_many", lambda k: f"不能超过 {k.limit} 项。"),
    "uniqueItems": ("repeated", lambda _: "各项不能重复。"),
    "pattern": ("bad_pattern", lambda _: "格式不正确。"),
    "multipleOf": ("not_multiple", lambda k: f"应为 {k.multiple_of} 的整数倍。"),
}

_TYPES = {
    "string": "文本",
    "integer": "整数",
    "number": "数字",
    "boolean": "是或否（true/false）",
    "array": "列表",
    "object": "对象",
    "null": "空",
}


class Validator:
    """One compiled schema. `errors` gives every fault with its RFC 6901 pointer."""

    def __init__(
        self, schema: Schema, formats: Mapping[str, FormatCheck], *, is_own_answer: bool = False
    ) -> None:
        """Dates in answers are orjson's spelling of dates: jsonschema-rs's own checks, which cost
        a fifth of calling back into Python, are enough for them.
        """
        self._checks = {} if is_own_answer else {**BUILT_IN, **formats}
        self._compiled = jsonschema_rs.Draft7Validator(
            rewrite_nullable(schema),
            validate_formats=True,
            formats={name: _predicate(check) for name, check in self._checks.items()},
        )
        self._verbatim = frozenset(_verbatim_fields(schema))

    def is_valid(self, value: Json) -> bool:
        return bool(self._compiled.is_valid(value))

    def fold(self, value: Json) -> Json:
        """The value with its strings normalised, except where the schema says password or
        x-otsp-verbatim.
        """
        return _fold(value, self._verbatim)

    def errors(self, value: Json) -> list[FieldError]:
        """All faults; empty when the value fits."""
        if self._compiled.is_valid(value):
            return []
        return [
            field_error
            for fault in self._compiled.iter_errors(value)
            for field_error in self._told(fault)
        ]

    def _told(self, fault: jsonschema_rs.ValidationError) -> Iterator[FieldError]:
        kind: Any = fault.kind
        pointer = pointer_of(fault.instance_path)
        if kind.name == "required":
            missing = pointer + pointer_of([kind.property])
            yield FieldError(missing, "required", "必填项未填写。")
        elif kind.name == "additionalProperties":
            for name in kind.unexpected:
                unknown = pointer + pointer_of([name])
                yield FieldError(unknown, "unknown_field", "没有这个字段，请检查拼写或删除。")
        elif kind.name == "format":
            check = self._checks.get(kind.format)
            told = check(str(fault.instance)) if check else None
            code, detail = told or ("bad_format", "格式不正确。")
            yield FieldError(pointer, code, detail)
        else:
            code, text = _TEXTS.get(kind.name, ("invalid", lambda _: "内容不符合要求。"))
            yield FieldError(pointer, code, text(kind))


def with_cross_checks(
    body: Json,
    errors: list[FieldError],
    check: Callable[[dict[str, Any]], Iterable[FieldError]] | None,
) -> list[FieldError]:
    """The faults so far, and those that the check finds in the fields that have none (D4)."""
    if check is None or not isinstance(body, dict):
        return errors
    sound = without(body, [error.pointer for error in errors]) if errors else body
    return [*errors, *check(sound)]


def unstorable(value: Json, pointer: str = "") -> Iterator[FieldError]:
    """Faults of strings that hold a NUL, which JSON can say and PostgreSQL cannot keep."""
    if isinstance(value, str) and "\0" in value:
        yield FieldError(pointer, "bad_character", "不能包含空字符，请删除后重新填写。")
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from unstorable(child, pointer + pointer_of([name]))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from unstorable(child, pointer + pointer_of([index]))


def pointer_of(path: Iterable[str | int]) -> str:
    """RFC 6901: `~` and `/` escaped; the empty pointer is the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def without(value: Json, pointers: Iterable[str]) -> Json:
    """A copy of the document less the fields that failed, for checks that read the others."""
    tree: dict[str, Any] = {}
    for pointer in pointers:
        branch = tree
        for part in pointer.split("/")[1:]:
            branch = branch.setdefault(part.replace("~1", "/").replace("~0", "~"), {})
        branch[""] = {}
    return _pruned(value, tree)


def _pruned(value: Json, tree: dict[str, Any]) -> Json:
    if not tree:
        return value
    if isinstance(value, dict):
        return {
            name: _pruned(child, tree.get(name, {}))
            for name, child in value.items()
            if "" not in tree.get(name, {})
        }
    if isinstance(value, list):
        return [
            None if "" in tree.get(str(index), {}) else _pruned(child, tree.get(str(index), {}))
            for index, child in enumerate(value)
        ]
    return value


def rewrite_nullable(schema: Json) -> Json:
    """OpenAPI 3.0 `nullable: true` beside `type` (and `enum`) as JSON Schema's null type."""
    if isinstance(schema, list):
        return [rewrite_nullable(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {name: rewrite_nullable(part) for name, part in schema.items()}
    if plain.pop("nullable", None) is True and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    return plain


def _predicate(check: FormatCheck) -> Callable[[str], bool]:
    return lambda value: check(value) is None


def _fold(value: Json, verbatim: frozenset[str]) -> Json:
    if isinstance(value, str):
        return fold_text(value)
    if isinstance(value, dict):
        return {
            name: child
            if child is None or isinstance(child, int) or name in verbatim
            else _fold(child, verbatim)
            for name, child in value.items()
        }
    if isinstance(value, list):
        return [_fold(child, verbatim) for child in value]
    return value


def fold_text(text: str) -> str:
    """NFC, full-width digits and letters to half-width, trimmed (domain specification §0)."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(_HALF_WIDTH)).strip()


_HALF_WIDTH = {
    wide: wide - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for wide in range(ord(first), ord(last) + 1)
}


def _verbatim_fields(schema: Json) -> Iterator[str]:
    if isinstance(schema, list):
        for part in schema:
            yield from _verbatim_fields(part)
    if not isinstance(schema, Mapping):
        return
    for name, part in schema.items():
        if isinstance(part, Mapping) and (
            part.get("format") == "password" or part.get("x-otsp-verbatim")
        ):
            yield name
        yield from _verbatim_fields(part)


def _type_names(types: Iterable[object]) -> str:
    return "或".join(_TYPES.get(str(name), str(name)) for name in types if name != "null")


def _options(options: Iterable[object]) -> str:
    return "、".join(str(option) for option in options if option is not None)
