"""Login, logout, and what the edge asks."""

from typing import Any
from uuid import UUID

from otsp_auth.commands import captchas, identity, logins, second_steps, session_codes, sessions
from otsp_auth.commands.captchas import CaptchaAnswer
from otsp_auth.commands.factor_proofs import Proof
from otsp_auth.commands.second_steps import OpenedStep
from otsp_auth.commands.session_codes import TextedCode
from otsp_auth.rules.bearers import bearer_token
from otsp_auth.rules.factors import Method
from otsp_chassis.http import Answer
from otsp_chassis.identity import HEADER, Principal

SESSION_EXPIRES_AT = "OTSP-Session-Expires-At"
"""When the session ends if it rests from now on; the edge hands it on with every answer."""


def make_captcha() -> Answer:
    return Answer(captchas.make_captcha(), 201)


def request_session_code(body: dict[str, Any]) -> Answer:
    return Answer(session_codes.request_session_code(body["username"]), 201)


def open_session(body: dict[str, Any], *, user_agent: str | None = None) -> Answer:
    """201 with a session, or 202 with what the second factor is given for."""
    opened = logins.open_session(
        body["username"], body["password"], humanity=_humanity(body), user_agent=user_agent
    )
    if isinstance(opened, OpenedStep):
        return Answer({"second_factor": opened}, 202)
    return Answer(opened, 201)


def text_second_step_code(body: dict[str, Any]) -> Answer:
    return Answer(second_steps.text_code(body["second_step"]), 201)


def take_second_step(body: dict[str, Any], *, user_agent: str | None = None) -> Answer:
    opened = second_steps.take_second_step(
        body["second_step"], proof_in(body), user_agent=user_agent
    )
    return Answer(opened, 201)


def close_session(principal: Principal) -> Answer:
    sessions.close_session(principal)
    return Answer(status=204)


def identify_session(authorization: str | None = None, *, otsp_passive: bool = False) -> Answer:
    found = identity.identify(bearer_token(authorization), is_passive=otsp_passive)
    expires_at = found.expires_at.isoformat(timespec="seconds")
    return Answer(headers={HEADER: found.identity, SESSION_EXPIRES_AT: expires_at})


def proof_in(body: dict[str, Any]) -> Proof:
    """Of a second factor, as bodies carry it."""
    sent = body.get("verification_id")
    return Proof(Method(body["method"]), body["code"], UUID(sent) if sent else None)


def _humanity(body: dict[str, Any]) -> CaptchaAnswer | TextedCode | None:
    """Of both the captcha counts."""
    if "captcha" in body:
        given = body["captcha"]
        return CaptchaAnswer(UUID(given["captcha_id"]), given["answer"])
    if "code" in body:
        given = body["code"]
        return TextedCode(UUID(given["verification_id"]), given["code"])
    return None
