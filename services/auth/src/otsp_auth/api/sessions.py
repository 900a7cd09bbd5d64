"""Login, logout, and what the edge asks."""

from typing import Any

from otsp_auth.commands import sessions
from otsp_auth.rules.session_life import bearer_token
from otsp_chassis.http import Answer
from otsp_chassis.identity import HEADER, Principal


def open_session(body: dict[str, Any]) -> Answer:
    return Answer(sessions.open_session(body["username"], body["password"]), 201)


def close_session(principal: Principal) -> Answer:
    sessions.close_session(principal)
    return Answer(status=204)


def identify_session(authorization: str | None = None) -> Answer:
    token = bearer_token(authorization)
    return Answer(headers={HEADER: sessions.identify(token)})
