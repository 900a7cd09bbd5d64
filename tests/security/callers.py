"""Everybody who may knock: the columns of authorisation.yaml, as principals and as tokens."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OKPKey

from otsp_auth.rules.roles import scopes_of
from otsp_chassis import clock
from otsp_chassis.identity import HEADER, AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_testkit.keys import KeyFiles

REGION, ELSEWHERE = "330106", "510107"
NEVER = ("forged", "expired", "wrong_audience")
"""Whose token proves nothing; nothing lets them pass."""
COLLEAGUE = "colleague"
"""Another reviewer of the authority that has the case, who has not: held to be as the reviewer."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes identity tokens as auth does, and as auth never would."""

    private_key: Path

    @property
    def key(self) -> OKPKey:
        return OKPKey.import_key(json.loads(self.private_key.read_text(encoding="utf-8")))

    def claims(self, principal: Principal, **changes: Any) -> dict[str, Any]:
        """Claims changed to None are left out."""
        issued = int(clock.now().timestamp())
        own = {"iss": "otsp-auth", "aud": "otsp", "iat": issued, "exp": issued + 60}
        claims = principal.claims() | own | changes
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, principal: Principal, *, key: OKPKey | None = None, **changes: Any) -> str:
        """With a key of its own the token still names the platform's."""
        header = {"alg": "Ed25519", "kid": self.key.kid, "typ": "JWT"}
        claims = self.claims(principal, **changes)
        return jwt.encode(header, claims, key or self.key, algorithms=["Ed25519"])


class Callers:
    """One of each kind: of the institution that the rows belong to, of its region, and others.

    `authority_id` is made up until the world has entered the authority, the institution's ids until
    it has registered.
    """

    def __init__(self, keys: KeyFiles) -> None:
        self.signer = Signer(keys.identity_private)
        self.institution_id, self.other_institution_id = new_id(), new_id()
        self.authority_id, self.authority_elsewhere_id = new_id(), new_id()
        self.authority_beside_id = new_id()
        self._stranger = OKPKey.generate_key("Ed25519")
        self.accounts = {name: new_id() for name in self._kinds()}

    def _kinds(self) -> dict[str, tuple[str, UUID | None, AuthorityClaim | None]]:
        """Role, institution and authority of everybody who has a true token."""
        here = AuthorityClaim(self.authority_id, "county", "education", REGION)
        beside = AuthorityClaim(self.authority_beside_id, "county", "sports", REGION)
        there = AuthorityClaim(self.authority_elsewhere_id, "county", "education", ELSEWHERE)
        return {
            "institution": ("inst_admin", self.institution_id, None),
            "other_institution": ("inst_admin", self.other_institution_id, None),
            "api_key": ("api_key", self.institution_id, None),
            "data_subject": ("data_subject", None, None),
            "reviewer": ("reviewer", None, here),
            COLLEAGUE: ("reviewer", None, here),
            "reviewer_without_case": ("reviewer", None, beside),
            "reviewer_elsewhere": ("reviewer", None, there),
            "region_admin": ("region_admin", None, here),
            "region_admin_elsewhere": ("region_admin", None, there),
            "national_admin": ("national_admin", None, None),
            "auditor": ("auditor", None, None),
            "operator": ("operator", None, None),
        }

    @property
    def columns(self) -> tuple[str, ...]:
        return ("anonymous", *NEVER, *(each for each in self._kinds() if each != COLLEAGUE))

    def principal(self, column: str) -> Principal:
        role, institution_id, authority = self._kinds()[column]
        return Principal(
            account_id=self.accounts[column],
            role=role,
            scopes=scopes_of(role),
            session_id=str(new_id()),
            institution_id=institution_id,
            authority=authority,
            mobile_index=bytes(32) if role == "data_subject" else None,
        )

    def headers(self, column: str) -> dict[str, str]:
        """The bad tokens claim to be the institution's own."""
        if column == "anonymous":
            return {}
        if column not in NEVER:
            return {HEADER: self.signer.sign(self.principal(column))}
        own = self.principal("institution")
        long_ago = int(clock.now().timestamp()) - 3600
        token = {
            "forged": lambda: self.signer.sign(own, key=self._stranger),
            "expired": lambda: self.signer.sign(own, iat=long_ago, exp=long_ago + 60),
            "wrong_audience": lambda: self.signer.sign(own, aud="otsp-portal"),
        }[column]()
        return {HEADER: token}
