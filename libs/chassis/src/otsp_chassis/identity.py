"""Who is calling: identity tokens minted by auth, verified by every service itself.

The edge swaps the session token for a 60-second JWT (Ed25519, audience `otsp`) and passes it in
the OTSP-Identity header. Public keys come as a mounted JWKS file with two keys while rotating
(decision D28). A request that bypassed the edge carries no such token and gets 401.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from otsp_chassis import clock
from otsp_chassis.problems import OtherInstitution, OutsideJurisdiction, Unauthorised
from otsp_chassis.signing import note_key

HEADER = "OTSP-Identity"
AUDIENCE = "otsp"
LIFETIME_SECONDS = 60
_ALGORITHM = "Ed25519"  # RFC 9864; the older name EdDSA does not fix the curve
_CACHE_SIZE = 4_096


@dataclass(frozen=True, slots=True)
class AuthorityClaim:
    """The reviewing side's jurisdiction, as auth knew it when the token was minted."""

    authority_id: UUID
    level: str
    department: str
    region_code: str
    name: str = ""

    @property
    def region_prefix(self) -> str:
        """A nation covers all, a province its first two digits, a city four, a county itself."""
        return self.region_code[: {"national": 0, "province": 2, "city": 4}.get(self.level, 6)]

    def covers(self, region_code: str) -> bool:
        return region_code.startswith(self.region_prefix)


@dataclass(frozen=True, slots=True)
class Principal:
    """One bearer acting in one role. A scope opens an operation; rows are filtered besides.

    Role `api_key` is a system of the institution: `account_id` is then the key's own id, so that
    trail, events and idempotency tell it from people and from other keys. Role `data_subject` is
    a person without an account: the id is the session's, `mobile_index` the blind index of the
    mobile that a code has proven, to be matched with a service's own. Whoever `is_read_only` looks
    and downloads: the institution is closed, and every write of its data is refused at the door.
    """

    account_id: UUID
    role: str
    scopes: frozenset[str]
    session_id: str
    institution_id: UUID | None = None
    authority: AuthorityClaim | None = None
    mobile_index: bytes | None = None
    is_read_only: bool = False

    def require_own(self, institution_id: UUID) -> None:
        """Only the institution's own account passes; others raise OtherInstitution."""
        if self.institution_id != institution_id:
            raise OtherInstitution

    def require_jurisdiction(self, region_code: str) -> None:
        """Only an authority whose region covers this one passes."""
        if self.authority is None or not self.authority.covers(region_code):
            raise OutsideJurisdiction

    def claims(self) -> dict[str, Any]:
        """The token's own members; the inverse of `principal_of`."""
        claims: dict[str, Any] = {
            "sub": str(self.account_id),
            "role": self.role,
            "scope": " ".join(sorted(self.scopes)),
            "sid": self.session_id,
        }
        if self.institution_id is not None:
            claims["institution_id"] = str(self.institution_id)
        if self.authority is not None:
            claims["authority"] = {
                "authority_id": str(self.authority.authority_id),
                "level": self.authority.level,
                "department": self.authority.department,
                "region_code": self.authority.region_code,
                "name": self.authority.name,
            }
        if self.mobile_index is not None:
            claims["mobile_index"] = self.mobile_index.hex()
        if self.is_read_only:
            claims["read_only"] = True
        return claims


def principal_of(claims: Mapping[str, Any]) -> Principal:
    institution = claims.get("institution_id")
    authority = claims.get("authority")
    mobile_index = claims.get("mobile_index")
    return Principal(
        account_id=UUID(claims["sub"]),
        role=claims["role"],
        scopes=frozenset(claims["scope"].split()),
        session_id=claims["sid"],
        institution_id=UUID(institution) if institution else None,
        authority=AuthorityClaim(
            authority_id=UUID(authority["authority_id"]),
            level=authority["level"],
            department=authority["department"],
            region_code=authority["region_code"],
            name=authority.get("name", ""),
        )
        if authority
        else None,
        mobile_index=bytes.fromhex(mobile_index) if mobile_index else None,
        is_read_only=claims.get("read_only", False),
    )


class IdentityMinter:
    """Auth's half: signs a principal's token with the private key of the mounted file."""

    def __init__(self, private_key_file: Path) -> None:
        told = orjson.loads(private_key_file.read_bytes())
        self._key = OKPKey.import_key(told)
        note_key("otsp-identity", told)

    def mint(self, principal: Principal) -> str:
        issued = int(clock.now().timestamp())
        header = {"alg": _ALGORITHM, "kid": self._key.kid, "typ": "JWT"}
        claims = principal.claims() | {
            "iss": "otsp-auth",
            "aud": AUDIENCE,
            "iat": issued,
            "exp": issued + LIFETIME_SECONDS,
        }
        return jwt.encode(header, claims, self._key, algorithms=[_ALGORITHM])


class IdentityVerifier:
    """Verifies tokens against the mounted keys; an answer is reused until the token expires.

    A verification costs 130 µs, a reuse 0.6 µs (pitfall 25). The cache is bounded, shared by the
    request threads, and lets go of what has expired when something is added.
    """

    def __init__(self, public_keys_file: Path) -> None:
        self._keys = KeySet.import_key_set(orjson.loads(public_keys_file.read_bytes()))
        self._registry = jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._known: OrderedDict[str, tuple[float, Principal]] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, token: str | None) -> Principal:
        """The principal of a valid token; anything else raises Unauthorised."""
        if not token:
            raise Unauthorised
        now = clock.now().timestamp()
        known = self._known.get(token)
        if known is not None and known[0] > now:
            return known[1]
        expires, principal = self._decode(token)
        with self._lock:
            self._known[token] = (expires, principal)
            self._let_go(now)
        return principal

    def _let_go(self, now: float) -> None:
        """From the oldest on: all live equally long, so they expire nearly as they came."""
        while len(self._known) > _CACHE_SIZE or self._oldest_expires() <= now:
            self._known.popitem(last=False)

    def _oldest_expires(self) -> float:
        return next(iter(self._known.values()), (math.inf, None))[0]

    def _decode(self, token: str) -> tuple[float, Principal]:
        try:
            claims = jwt.decode(token, self._keys, algorithms=[_ALGORITHM]).claims
            self._registry.validate(claims)
            return float(claims["exp"]), principal_of(claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unauthorised from error
