"""From the objects that a YAML reader made to dossiers, each judged on its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from otsp_contracts.snapshots.dossier.whole import Dossier
from otsp_contracts.values import InvalidValue

_WRONG_TYPE = {
    "bool_type": "应为true或false",
    "date_type": "应为日期，如2024-10-15",
    "dict_type": "应为键值结构",
    "int_type": "应为整数",
    "mapping_type": "应为键值结构",
    "model_type": "应为键值结构",
    "string_type": "应为文字（数字请加引号）",
    "tuple_type": "应为列表",
}
_OTHER_ERRORS = {
    "extra_forbidden": ("unknown_field", "没有这个字段"),
    "invalid_key": ("unknown_field", "字段名应为文字"),
    "greater_than_equal": ("out_of_range", "数值过小"),
    "less_than_equal": ("out_of_range", "数值过大"),
    "literal_error": ("unknown_code", "不是允许的代码"),
    "missing": ("required", "必填"),
    "string_pattern_mismatch": ("bad_format", "格式不正确"),
    "string_too_short": ("required", "不能为空"),
    "too_long": ("bad_format", "项数过多"),
}
_IDS = {
    "staff": "staff_id",
    "materials": "material_id",
    "sites": "site_id",
    "systems": "system_id",
    "courses": "course_id",
}


@dataclass(frozen=True, slots=True)
class DossierError:
    """One refused place: an RFC 6901 pointer into the dossier, a code, and a Chinese text."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class DossierErrors:
    """A dossier that was refused, with everything that is wrong with it."""

    sample: str | None
    errors: tuple[DossierError, ...]


def parse_dossiers(yaml_objects: object) -> list[Dossier | DossierErrors]:
    """One result per dossier, in their order; a refused one does not stop the next.

    Takes a list of dossiers, a single one, or None for an empty document.
    """
    if yaml_objects is None:
        return []
    items = yaml_objects if isinstance(yaml_objects, list | tuple) else [yaml_objects]
    return [_parse_one(item) for item in items]


def _parse_one(item: object) -> Dossier | DossierErrors:
    try:
        dossier = Dossier.model_validate(item)
    except ValidationError as refused:
        errors = tuple(_error(one) for one in refused.errors(include_url=False))
        return DossierErrors(_sample_of(item), errors)
    repeated = tuple(_repeated_ids(dossier))
    return DossierErrors(dossier.sample, repeated) if repeated else dossier


def _sample_of(item: object) -> str | None:
    sample = item.get("sample") if isinstance(item, dict) else None
    return sample if isinstance(sample, str) else None


def _error(found: ErrorDetails) -> DossierError:
    pointer = _pointer(found["loc"])
    kind = found["type"]
    cause: Any = found.get("ctx", {}).get("error")
    if isinstance(cause, InvalidValue):
        return DossierError(pointer, cause.code, cause.detail_zh)
    if kind in _WRONG_TYPE:
        return DossierError(pointer, "wrong_type", _WRONG_TYPE[kind])
    code, detail = _OTHER_ERRORS.get(kind, ("invalid", "值不符合要求"))
    return DossierError(pointer, code, detail)


def _pointer(location: tuple[int | str, ...]) -> str:
    steps = [str(step) for step in location if step != "[key]"]
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _repeated_ids(dossier: Dossier) -> Iterator[DossierError]:
    """References must be unique in their list: others point at them."""
    fee_items = dossier.funds.fee_items if dossier.funds is not None else None
    yield from _repeats("/funds/fee_items", "fee_item_id", fee_items)
    for member, name in _IDS.items():
        yield from _repeats(f"/{member}", name, getattr(dossier, member))
    classes = [
        (f"/courses/{place}/classes/{index}/class_id", one.class_id)
        for place, course in enumerate(dossier.courses or ())
        for index, one in enumerate(course.classes or ())
    ]
    yield from _repeated(classes)


def _repeats(path: str, name: str, entries: tuple[Any, ...] | None) -> Iterator[DossierError]:
    return _repeated(
        [
            (f"{path}/{index}/{name}", getattr(entry, name))
            for index, entry in enumerate(entries or ())
        ]
    )


def _repeated(references: list[tuple[str, str]]) -> Iterator[DossierError]:
    seen: set[str] = set()
    for pointer, reference in references:
        if reference in seen:
            yield DossierError(pointer, "duplicate_id", "编号重复")
        seen.add(reference)
