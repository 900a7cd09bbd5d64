"""Who may open a view: stated at every view, checked by a test.

The API decides what may be read and done; this decides which page a person is sent to.
"""

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal.gateway_client import SessionEnded
from otsp_portal.identity import Person, find_person

P = ParamSpec("P")
View = Callable[P, "str | tuple[str, int] | Response | BaseResponse"]

INSTITUTION: Final = ("inst_admin",)
REVIEWERS: Final = ("reviewer", "region_admin")
AUTHORITIES: Final = ("reviewer", "region_admin", "national_admin")
ADMINISTRATORS: Final = ("region_admin", "national_admin")
ALL: Final = ("inst_admin", "reviewer", "region_admin", "national_admin", "auditor", "operator")

_WHERE_DUTIES_ARE_DONE = {
    "new_password": "settings.password",
    "personal_information": "settings.profile",
    "second_factor": "factors.factors",
}


def anyone(view: View[P]) -> View[P]:
    """Open to the public; who is logged in sees the same."""
    view.otsp_access = "anyone"  # type: ignore[attr-defined]
    return view


def signed_in(view: View[P]) -> View[P]:
    """Everybody with an account, also while duties are open: one's own settings."""
    return _guarded(view, roles=ALL, are_duties_done_first=False)


def roles(*names: str) -> Callable[[View[P]], View[P]]:
    """People of these roles, their duties done."""
    return lambda view: _guarded(view, roles=names, are_duties_done_first=True)


def _guarded(view: View[P], *, roles: tuple[str, ...], are_duties_done_first: bool) -> View[P]:
    @wraps(view)
    def guarded(
        *args: P.args, **kwargs: P.kwargs
    ) -> "str | tuple[str, int] | Response | BaseResponse":
        person = find_person()
        if person is None:
            raise SessionEnded(401, {}, None)
        if person.role not in roles:
            abort(403)
        duty = _open_duty(person) if are_duties_done_first else None
        return redirect(url_for(duty)) if duty else view(*args, **kwargs)

    guarded.otsp_access = roles  # type: ignore[attr-defined]
    return guarded


def _open_duty(person: Person) -> str | None:
    endpoints = (_WHERE_DUTIES_ARE_DONE[duty] for duty in person.duties)
    return next((each for each in endpoints if each != request.endpoint), None)
