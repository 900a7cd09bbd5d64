"""Path, query and header parameters: converted by their schema, refused together."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import flask

from otsp_chassis.http.validation import FormatCheck, Json, Validator, fold_text, unstorable
from otsp_chassis.problems import BadParameter
from otsp_contracts.values import FieldError

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


class Parameter:
    """One declared parameter. Its Python name is the declared one in snake case."""

    def __init__(self, definition: Mapping[str, Any], formats: Mapping[str, FormatCheck]) -> None:
        self.name: str = definition["name"]
        self.place: str = definition["in"]
        self.argument = self.name.lower().replace("-", "_")
        self.is_required = bool(definition.get("required"))
        schema = definition.get("schema", {})
        self.default = schema.get("default")
        self._type = schema.get("type", "string")
        self._validator = Validator(schema, formats)

    def raw(self, request: flask.Request, path: Mapping[str, str]) -> str | list[str] | None:
        """The text as sent, a list of texts for arrays, None when absent."""
        if self.place == "path":
            return path.get(self.name.replace("-", "_"))
        if self.place == "header":
            return request.headers.get(self.name)
        if self._type == "array":
            return request.args.getlist(self.name) or None
        return request.args.get(self.name)

    def read(
        self, request: flask.Request, path: Mapping[str, str]
    ) -> tuple[Json, list[FieldError]]:
        """The converted value and its faults."""
        raw = self.raw(request, path)
        if raw is None:
            if self.is_required:
                return None, [FieldError(f"/{self.name}", "required", "缺少必需的参数。")]
            return self.default, []
        if self.argument == "if_match" and isinstance(raw, str):
            return self._version(raw)
        value = _converted(raw, self._type)
        return value, [
            FieldError(f"/{self.name}{fault.pointer}", fault.code, fault.detail)
            for fault in self.faults_of(value)
        ]

    def faults_of(self, value: Json) -> list[FieldError]:
        """Of a value that is typed already; pointers are within it."""
        return [*self._validator.errors(value), *unstorable(value)]

    def _version(self, raw: str) -> tuple[int | None, list[FieldError]]:
        match = _ETAG.fullmatch(raw.strip())
        if match is None:
            detail = 'If-Match 应为读取时返回的 ETag，例如 "3"。'
            return None, [FieldError(f"/{self.name}", "bad_etag", detail)]
        return int(match[1]), []


def read_parameters(
    request: flask.Request,
    path: Mapping[str, str],
    *,
    parameters: Sequence[Parameter],
    query_names: set[str],
) -> dict[str, Any]:
    """All parameters as keyword arguments; every fault of every one in a single BadParameter."""
    values: dict[str, Any] = {}
    errors = [
        FieldError(f"/{name}", "unknown_parameter", "没有这个参数，请检查拼写。")
        for name in request.args
        if name not in query_names
    ]
    for parameter in parameters:
        value, faults = parameter.read(request, path)
        errors += faults
        if value is not None or parameter.argument == "if_match":
            values[parameter.argument] = value
    if errors:
        raise BadParameter(errors=errors)
    return values


def _converted(raw: str | list[str], kind: str) -> Json:
    """The typed value, or the text itself so that the schema reports the wrong type."""
    if isinstance(raw, list):
        return [fold_text(part) for part in raw]
    text = fold_text(raw)
    if kind == "integer" and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text
