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
        "auth:delegate",
        "auth:recover",
        "compliance:read",
        "compliance:review",
        "compliance:rectify",
        "courses:read",
        "institution:read",
        "institution:supervise",
        "materials:read",
        "materials:supervise",
        "staff:read",
    }
)

_REVEAL = frozenset({"institution:reveal", "staff:reveal"})
"""To see masked personal data in clear: for people, one look at a time, never for systems."""

_DRAFTS = frozenset(
    f"{service}:draft" for service in ("institution", "staff", "materials", "courses")
)
"""What is typed into forms, in clear as it was typed: for people, who type, never for systems."""

API_KEY_SCOPES = _INSTITUTION_DATA | {"compliance:read", "compliance:file"}
"""What an institution may give to a system of its own, scope by scope (系统接入): the
institution's data and its filing, never the account itself nor the giving of more keys.
"""

ROLE_SCOPES: Mapping[str, frozenset[str]] = {
    "inst_admin": API_KEY_SCOPES | _REVEAL | _DRAFTS | {"account:self", "auth:integrate"},
    "reviewer": _REVIEW | _REVEAL,
    "region_admin": _REVIEW
    | _REVEAL
    | {"compliance:configure", "staff:blacklist", "institution:administer", "auth:administer"},
    "national_admin": frozenset(
        {
            "account:self",
            "auth:administer",
            "auth:delegate",
            "compliance:configure",
            "compliance:read",
            "compliance:rectify",
        }
    ),
    "auditor": frozenset({"account:self", "audit:read"}),
    "operator": frozenset({"account:self", "platform:operate"}),
}
"""Role → the scopes that its sessions carry (domain specification §1.8, decision D33)."""

WITHOUT_ACCOUNT: Mapping[str, frozenset[str]] = {
    "api_key": API_KEY_SCOPES,
    "data_subject": frozenset({"data-subject:self"}),
}
"""Roles that no account has: the most that a key may carry, and a person known by the mobile
alone (decision D34).
"""

REVIEWING_ROLES = frozenset({"reviewer", "region_admin"})
"""Roles that may decide a case for their authority, counted for the two-person rule."""

GRANTABLE: Mapping[str, frozenset[str]] = {
    "national_admin": REVIEWING_ROLES | {"auditor", "operator"},
    "region_admin": frozenset({"reviewer"}),
}
"""Who may create accounts of which role; a region administrator in the own authority only."""


MANAGEABLE: Mapping[str, frozenset[str]] = {
    "national_admin": GRANTABLE["national_admin"] | {"inst_admin"},
    "region_admin": GRANTABLE["region_admin"] | {"inst_admin"},
}
"""Whose accounts who may suspend, resume and unlock; row scope is `queries.account_rows`."""


def acting_role(role: str, *, administers: bool) -> str:
    """A reviewer to whom a region administrator's rights are lent acts as one while it lasts."""
    return "region_admin" if administers else role


def scopes_of(role: str) -> frozenset[str]:
    """Raises KeyError for a role that does not exist."""
    return WITHOUT_ACCOUNT[role] if role in WITHOUT_ACCOUNT else ROLE_SCOPES[role]
