"""Which fields change by application only, once an approval stands (domain specification §3.2).

The law has name, level and category changed with leave of the authority (民办教育促进法第五十五条):
what it approved an institution for does not change behind its back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Columns = Mapping[str, Any]
"""Values of columns by name."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that an application asks to change (变更事项).

    `companions` may change at once by themselves, but belong to what is major: with another legal
    representative comes another telephone.
    """

    name_zh: str
    majors: tuple[str, ...]
    companions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MajorPart:
    """A part of the file with major fields: its table, and its place in the section."""

    table: str
    place: str
    matters: tuple[Matter, ...]

    @property
    def tab(self) -> str:
        """Its name in a notice (一次告知)."""
        return self.place.rpartition("/")[2]

    @property
    def majors(self) -> tuple[str, ...]:
        """All that an application is needed for."""
        return tuple(name for matter in self.matters for name in matter.majors)

    @property
    def columns(self) -> tuple[str, ...]:
        """All that may be proposed."""
        return tuple(
            name for matter in self.matters for name in (*matter.majors, *matter.companions)
        )


_LEGAL_REP = Matter(
    "法定代表人",
    (
        "legal_rep_name",
        "legal_rep_id_type",
        "legal_rep_id_hmac",
        "legal_rep_nationality",
        "legal_rep_resides_in_china",
    ),
    (
        "legal_rep_id_no",
        "legal_rep_id_masked",
        "legal_rep_id_valid",
        "legal_rep_mobile",
        "legal_rep_position",
        "legal_rep_id_scan_file_ids",
    ),
)
INSTITUTION: Final = MajorPart(
    "institution",
    "/institution",
    (
        Matter("机构名称", ("name",)),
        Matter("统一社会信用代码", ("uscc",)),
        Matter("所属区县和注册地址", ("region_code", "registered_address")),
        Matter("培训类别", ("categories", "nonsubject_types", "primary_nonsubject_type")),
        Matter("培训方式", ("delivery_modes",)),
        Matter("培训对象", ("stages",)),
        Matter("机构属性", ("legal_nature",)),
        _LEGAL_REP,
    ),
)
LICENCE: Final = MajorPart(
    "school_licence",
    "/licence",
    (
        Matter(
            "办学许可证",
            (
                "licence_no",
                "name_on_licence",
                "address_on_licence",
                "principal_on_licence",
                "issuer_name",
                "issuer_level",
                "issuer_region_code",
                "scope_text",
                "scope_categories",
                "scope_delivery",
                "scope_stages",
                "scope_subject_codes",
                "valid_from",
                "valid_to",
                "issued_on",
                "replaces_licence_no",
                "scan_file_id",
                "status",
            ),
        ),
    ),
)
SUPERVISION: Final = MajorPart(
    "supervision",
    "/funds/supervision",
    (
        Matter(
            "资金监管账户",
            ("mode", "bank_name", "bank_branch", "account_name", "account_no"),
            ("agreement_no", "agreement_file_id", "agreement_signed_on", "agreement_filed_on"),
        ),
    ),
)
PARTS: Final[Mapping[str, MajorPart]] = {
    part.table: part for part in (INSTITUTION, LICENCE, SUPERVISION)
}

UNTOLD: Final = frozenset({"legal_rep_id_no", "legal_rep_id_valid", "legal_rep_id_masked"})
"""Columns that go with the number of identity; the number is told by its mask alone."""

_POINTERS: Final[Mapping[str, str]] = {"legal_rep_id_hmac": "/legal_rep/id_no"}


def is_handed_back(part: MajorPart, name: str, value: object) -> bool:
    """To hand the licence back needs no application: it goes before a deregistration (DER-005)."""
    return (part.table, name, value) == (LICENCE.table, "status", "returned")


def changed_majors(part: MajorPart, before: Columns, after: Columns) -> Iterator[str]:
    """The major columns that are not what they were."""
    for matter in part.matters:
        yield from _differing(matter.majors, before, after)


def proposed_columns(part: MajorPart, before: Columns, after: Columns) -> dict[str, Any]:
    """What an application has to ask for: the majors that differ, with what belongs to them."""
    taken: dict[str, Any] = {}
    for matter in part.matters:
        if any(_differing(matter.majors, before, after)):
            names = _differing((*matter.majors, *matter.companions), before, after)
            taken |= {name: after[name] for name in names}
    return taken


def pointer_of(column: str) -> str:
    """Where a body names it."""
    if column in _POINTERS:
        return _POINTERS[column]
    for person in ("legal_rep", "contact"):
        if column.startswith(f"{person}_"):
            return f"/{person}/{column.removeprefix(f'{person}_')}"
    return f"/{column}"


def are_same(one: object, other: object) -> bool:
    """Codes in a list have no order."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(one) == sorted(other)
    return one == other


def _differing(names: tuple[str, ...], before: Columns, after: Columns) -> Iterator[str]:
    return (name for name in names if not are_same(before[name], after[name]))
