"""Roles and what each of them may do."""

from collections.abc import Mapping

_INSTITUTION_DATA = frozenset(
    f"{service}:{right}"
    for service in ("institution", "staff", "materials", "courses")
    for right in ("read", "write")
)

_REVIEW = frozenset(
    {
        "account:self",
        "compliance:read",
        "compliance:review",
        "compliance:rectify",
        "institution:read",
    }
)

ROLE_SCOPES: Mapping[str, frozenset[str]] = {
    "inst_admin": _INSTITUTION_DATA | {"account:self", "compliance:read", "compliance:file"},
    "reviewer": _REVIEW,
    "region_admin": _REVIEW
    | {"compliance:configure", "staff:blacklist", "institution:administer", "auth:administer"},
    "national_admin": frozenset(
        {"account:self", "auth:administer", "compliance:configure", "compliance:read"}
    ),
    "auditor": frozenset({"account:self", "audit:read"}),
    "operator": frozenset({"account:self", "platform:operate"}),
}
"""Role → the scopes that its sessions carry (domain specification §1.8, decision D33)."""

REVIEWING_ROLES = frozenset({"reviewer", "region_admin"})
"""Roles that may decide a case for their authority, counted for the two-person rule."""

GRANTABLE: Mapping[str, frozenset[str]] = {
    "national_admin": REVIEWING_ROLES | {"auditor", "operator"},
    "region_admin": frozenset({"reviewer"}),
}
"""Who may create accounts of which role; a region administrator in the own authority only."""


def scopes_of(role: str) -> frozenset[str]:
    """Raises KeyError for a role that does not exist."""
    return ROLE_SCOPES[role]
