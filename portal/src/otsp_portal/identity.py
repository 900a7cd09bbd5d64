"""Who is in front of the browser, as auth tells it.

The cookie holds the platform's own opaque token (decision D2). Whom it belongs to is remembered
for a minute, by the token's hash, so that a page costs no call for it; the API decides every
single request by the token itself.
"""

import hashlib
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from cachetools import TTLCache
from flask import current_app, g, request

from otsp_portal.gateway_client import Api

COOKIE: Final = "otsp_session"
_REMEMBERED_SECONDS = 60
_REMEMBERED_PEOPLE = 20_000

Json = Any


@dataclass(frozen=True, slots=True)
class Person:
    """One account, for the length of a request."""

    account_id: str
    role: str
    name: str | None
    username: str
    institution_id: str | None
    institution_name: str | None
    authority_id: str | None
    authority_name: str | None
    department: str | None
    region_code: str | None
    duties: tuple[str, ...]
    is_read_only: bool
    read_only_until: str | None
    unread: int

    @property
    def is_institution(self) -> bool:
        return self.role == "inst_admin"

    @property
    def display_name(self) -> str:
        """What the head of every page calls whoever is logged in."""
        return self.institution_name or self.name or self.username

    @classmethod
    def of(cls, account: Json, unread: int, institution: str | None) -> "Person":
        authority = account["authority"] or {}
        return cls(
            account_id=account["account_id"],
            role=account["acting_role"],
            name=account["person_name"],
            username=account["username"],
            institution_id=account["institution_id"],
            institution_name=institution,
            authority_id=authority.get("authority_id"),
            authority_name=authority.get("name"),
            department=authority.get("department"),
            region_code=authority.get("region_code"),
            duties=tuple(account["duties"]),
            is_read_only=account["is_read_only"],
            read_only_until=account["read_only_until"],
            unread=unread,
        )


class People:
    """Token hash → person, for a minute."""

    def __init__(self) -> None:
        self._known: TTLCache[str, Person] = TTLCache(_REMEMBERED_PEOPLE, _REMEMBERED_SECONDS)
        self._lock = Lock()

    def of(self, api: Api) -> Person:
        """Whose session the call has; raises SessionEnded."""
        token = _fingerprint(api)
        with self._lock:
            known = self._known.get(token)
        if known is not None:
            return known
        account, summary = api.together(
            lambda: api.get("/api/auth/v1/account"),
            lambda: api.get("/api/auth/v1/notifications/summary"),
        )
        person = Person.of(account, summary["unread"], _institution_name(api, account))
        with self._lock:
            self._known[token] = person
        return person

    def forget(self, api: Api) -> None:
        """Called where something that the person shows has changed."""
        with self._lock:
            self._known.pop(_fingerprint(api), None)


def has_session() -> bool:
    return bool(request.cookies.get(cookie_name()))


def cookie_name() -> str:
    """With the prefix that browsers guard, wherever there is TLS."""
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def find_person() -> Person | None:
    """None where nobody is logged in; raises SessionEnded where somebody was."""
    if "person" not in g:
        asked = api()
        before = asked.rounds
        g.person = people().of(asked) if has_session() else None
        asked.rounds = before  # whom a session belongs to is asked once a minute, not for a page
    person: Person | None = g.person
    return person


def the_person() -> Person:
    """Of a view that `access` has opened to those who are logged in."""
    person = find_person()
    if person is None:
        raise AssertionError("a view for people who are logged in was opened to all")
    return person


def forget_person() -> None:
    people().forget(api())
    g.pop("person", None)


def people() -> People:
    known: People = current_app.extensions["otsp_people"]
    return known


def api() -> Api:
    """The platform, for this request."""
    told: Api = g.api
    return told


def _institution_name(api: Api, account: Json) -> str | None:
    """None where there is none yet: a registration that is still being written."""
    if not account["institution_id"] or account["duties"]:
        return None
    found = api.find(f"/api/institution/v1/institutions/{account['institution_id']}")
    return found["name"] if found else None


def _fingerprint(asked: Api) -> str:
    return hashlib.sha256((asked.caller.token or "").encode()).hexdigest()
