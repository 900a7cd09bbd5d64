"""A form that is one button: what came of it stands in the note of the next page."""

from collections.abc import Callable
from typing import Final

from flask import flash

from otsp_portal.gateway_client import Answer, Refusal
from otsp_portal.texts import text

_ELSEWHERE: Final = frozenset({401, 403, 404})
"""Answers that are a page of their own."""


def press(send: Callable[[], Answer], *, said: str = "", **params: object) -> Answer | None:
    """Do it. `said` is the key of what a success is told by; None where it was refused, in words.

    What is no refusal of this one thing (no session, no right, not there, a fault) is raised.
    """
    try:
        answer = send()
    except Refusal as refusal:
        if refusal.status in _ELSEWHERE or refusal.status >= 500:
            raise
        flash(refusal.detail, "bad")
        return None
    if said:
        flash(text(said, **params), "ok")
    return answer
