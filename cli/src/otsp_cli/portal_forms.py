"""What the portal's forms are made of: fields, labels and words, out of the services' own tables.

The portal does not import services; it reads two files that are written here from their contracts
(openapi.yaml) and their tables of labels and codes, so that a form never disagrees with what the
API takes and calls it.
"""

import importlib
import json
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from otsp_cli.portal_labels import FORMS, TABLES, Form, own_labels
from otsp_cli.serving import SERVICES
from otsp_contracts.values import teaching
from otsp_gateway.openapi import discover_specs, load_spec

Json = Any
Schema = Mapping[str, Json]

_LONG = 200
"""Characters from which a text is written in an area of several lines."""
_OPEN_LISTS = {"subject", "subject_code", "teach_subjects", "scope_subject_codes"}
_COUNTRIES = {"nationality"}


def forms_document() -> str:
    """texts/forms.zh.json: form → its fields in the contract's order."""
    return _written({name: _fields_of(form) for name, form in FORMS.items()})


def codes_document() -> str:
    """texts/codes.zh.json: table → code → word, as the services' tables have them."""
    tables = {
        f"{service}.{name}": {str(code): word for code, word in table.items()}
        for service in SERVICES
        for name, table in _tables(service).items()
    }
    shared = {f"all.{name}": dict(table) for name, table in _tables_of(teaching)}
    return _written({**tables, **shared})


def _written(content: Json) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def _fields_of(form: Form) -> list[Json]:
    spec = _spec(form.service)
    schema = spec["components"]["schemas"][form.schema]
    labels = _labels(form)
    return [field for field in _walk(form.service, schema, "", labels=labels) if field]


def _walk(
    service: str, schema: Schema, above: str, *, labels: Mapping[str, str]
) -> Iterator[dict[str, Json]]:
    schema = _resolved(service, schema)
    required = set(schema.get("required", ()))
    for name, inner in schema.get("properties", {}).items():
        pointer = f"{above}/{name}"
        field = {"name": name, "label": labels[pointer], **_kind(service, name, inner)}
        if field["kind"] in ("group", "rows"):
            whole = _resolved(service, inner)
            nested = whole.get("items", whole)
            below = pointer if field["kind"] == "group" else f"{pointer}/*"
            field["fields"] = list(_walk(service, nested, below, labels=labels))
        if name in required:
            field["required"] = True
        yield field


def _kind(service: str, name: str, schema: Schema) -> dict[str, Json]:
    schema = _resolved(service, schema)
    kind = schema.get("type")
    if kind == "array":
        return _list_kind(service, name, schema)
    if kind == "object":
        return {"kind": "group"}
    if kind == "boolean":
        return {"kind": "yesno"}
    if "enum" in schema or name in _OPEN_LISTS | _COUNTRIES or name == "weekday":
        return {"kind": "choice", "codes": _codes(service, name, schema)}
    if kind == "integer":
        return {"kind": _number_kind(name), **_limits(schema, "minimum", "maximum")}
    return {"kind": _text_kind(name, schema), **_limits(schema, "minLength", "maxLength")}


def _list_kind(service: str, name: str, schema: Schema) -> dict[str, Json]:
    items = _resolved(service, schema["items"])
    most = _limits(schema, "maxItems")
    if schema.get("nullable") and schema.get("minItems"):
        most["none_when_blank"] = True
    if items.get("type") == "object":
        return {"kind": "rows", **most}
    if "enum" in items or name in _OPEN_LISTS:
        return {"kind": "choices", "codes": _codes(service, name, items)}
    if items.get("format") == "uuid":
        return {"kind": "files" if name.endswith("_file_ids") else "references", **most}
    return {"kind": "days" if items.get("format") == "date" else "texts", **most}


def _number_kind(name: str) -> str:
    endings = {"_fen": "money", "_centi_m2": "area", "_bp": "percent", "_e6": "degrees"}
    return next((kind for end, kind in endings.items() if name.endswith(end)), "whole")


def _text_kind(name: str, schema: Schema) -> str:
    known = {
        "date": "day",
        "time-hm": "time",
        "region6": "region",
        "uscc18": "uscc",
        "mobile": "mobile",
        "tel": "tel",
        "email": "email",
        "zip6": "postcode",
    }
    if schema.get("format") == "uuid":
        return "file" if name.endswith("file_id") else "reference"
    if schema.get("format") in known:
        return known[schema["format"]]
    if name == "id_no":
        return "id_no"
    if name == "month":
        return "month"
    return "area_text" if schema.get("maxLength", 0) > _LONG else "text"


def _limits(schema: Schema, *names: str) -> dict[str, Json]:
    short = {
        "minimum": "min",
        "maximum": "max",
        "minLength": "shortest",
        "maxLength": "longest",
        "maxItems": "most",
    }
    return {short[name]: schema[name] for name in names if name in schema}


def _codes(service: str, name: str, schema: Schema) -> str:
    """The table that has a word for every code; the portal has one where no service does."""
    if name in _OPEN_LISTS:
        return "all.SUBJECTS_ZH"
    if name in _COUNTRIES:
        return "staff.NATIONALITIES_ZH"
    codes = {str(code) for code in schema.get("enum", range(1, 8)) if code is not None}
    found = (
        f"{owner}.{title}"
        for owner in (service, "all", "staff", "institution", "materials")
        for title, table in _tables(owner).items()
        if {str(code) for code in table} == codes
    )
    return TABLES.get((service, name)) or next(found, f"{service}.{name}")


@cache
def _spec(service: str) -> Json:
    return load_spec(discover_specs([service])[service])


def _resolved(service: str, schema: Schema) -> Schema:
    """Without references; of allOf, all members together."""
    while "$ref" in schema:
        schema = _spec(service)["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if "allOf" not in schema:
        return schema
    whole: dict[str, Json] = {key: value for key, value in schema.items() if key != "allOf"}
    properties: dict[str, Json] = dict(whole.get("properties", {}))
    for part in schema["allOf"]:
        resolved = _resolved(service, part)
        properties |= resolved.get("properties", {})
        whole = {**resolved, **whole}
    return {**whole, "properties": properties} if properties else whole


@cache
def _tables(owner: str) -> Mapping[str, Mapping[Any, str]]:
    if owner == "all":
        return dict(_tables_of(teaching))
    package = importlib.import_module(f"otsp_{owner}.rules")
    found: dict[str, Mapping[Any, str]] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for name, table in _tables_of(importlib.import_module(module.name)):
            if name not in dict(_tables_of(teaching)):
                found.setdefault(name, table)
    return found


def _tables_of(module: Any) -> Iterator[tuple[str, Mapping[Any, str]]]:  # noqa: ANN401 - a module
    for name, table in vars(module).items():
        is_ours = name.endswith("_ZH") and not name.startswith("_")
        if is_ours and isinstance(table, Mapping) and _are_words(table):
            yield name, table


def _are_words(table: Mapping[Any, Json]) -> bool:
    return all(isinstance(word, str) for word in table.values())


def _labels(form: Form) -> Mapping[str, str]:
    tables: Mapping[str, tuple[str, Mapping[str, str]]] = {}
    if form.part:
        module = importlib.import_module(f"otsp_{form.service}.rules.labels")
        tables = getattr(module, "LABELS", None) or module.HISTORY_LABELS
    own = tables[form.part][1] if form.part else {}
    masked = {
        pointer.replace("_masked", "_no" if "id_" in pointer else ""): label
        for pointer, label in own.items()
        if pointer.endswith("_masked")
    }
    return _Labels({**masked, **own, **own_labels(form.part or form.schema)}, form)


class _Labels(dict[str, str]):
    """Says which label is missing, and of what form."""

    def __init__(self, labels: Mapping[str, str], form: Form) -> None:
        super().__init__(labels)
        self._form = form

    def __missing__(self, pointer: str) -> str:
        message = f"{self._form.service} {self._form.schema}: no label for {pointer}"
        raise LookupError(message)
