"""Login, logout, and what the edge asks."""

from typing import Any

from otsp_auth.commands import identity, sessions
from otsp_auth.rules.session_life import bearer_token
from otsp_chassis.http import Answer
from otsp_chassis.identity import HEADER, Principal

SESSION_EXPIRES_AT = "OTSP-Session-Expires-At"
"""When the session ends if it rests from now on; the edge hands it on with every answer."""


def open_session(body: dict[str, Any]) -> Answer:
    return Answer(sessions.open_session(body["username"], body["password"]), 201)


def close_session(principal: Principal) -> Answer:
    sessions.close_session(principal)
    return Answer(status=204)


def identify_session(authorization: str | None = None) -> Answer:
    found = identity.identify(bearer_token(authorization))
    expires_at = found.expires_at.isoformat(timespec="seconds")
    return Answer(headers={HEADER: found.identity, SESSION_EXPIRES_AT: expires_at})
