"""Where the own account is logged in, and the end of it."""

from uuid import UUID

from otsp_auth.commands import sessions
from otsp_auth.queries.own_sessions import OwnSession
from otsp_auth.queries.own_sessions import list_own_sessions as list_sessions
from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page


def list_own_sessions(principal: Principal) -> Page[OwnSession]:
    with reading() as tx:
        return list_sessions(tx, principal)


def close_own_session(session_id: str, principal: Principal) -> Answer:
    sessions.close_own_session(principal, UUID(session_id))
    return Answer(status=204)


def log_out_everywhere(principal: Principal) -> Answer:
    sessions.log_out_everywhere(principal)
    return Answer(status=204)
