"""The signed cookie of a browser's forms: CSRF token, notices of what was done, whose page it was.

Not the session of the platform, which is auth's (decision D2).
"""

from datetime import datetime
from typing import Final

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from otsp_chassis import clock

FURTHEST_AHEAD_SECONDS: Final = 24 * 60 * 60
"""As far as the clock of another replica, or this one's before it was set, is believed to be."""


class PatientSigner(TimestampSigner):
    """A cookie from a moment ahead of this clock is as good as a new one.

    The library calls it expired. Clocks of two replicas differ by parts of a second and are set
    back, so that a form would be refused now and then that was opened a moment ago.
    """

    def unsign(  # type: ignore[override]  # one body for the two shapes of its answer
        self,
        signed_value: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,  # noqa: FBT001, FBT002 - as the library has it
    ) -> tuple[bytes, datetime] | bytes:
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        age = (clock.now() - signed_at).total_seconds()
        if max_age is not None and not -FURTHEST_AHEAD_SECONDS <= age <= max_age:
            raise SignatureExpired("not of this time", payload=value, date_signed=signed_at)
        return (value, signed_at) if return_timestamp else value


class FormSessions(SecureCookieSessionInterface):
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = PatientSigner
        return serializer
