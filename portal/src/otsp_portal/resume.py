"""What somebody was sending when the session ended, shown again after login (decision D41).

It travels sealed in a hidden field: encrypted, dated, and bound to the account, so that nobody
else's login on the same machine can open it. Passwords and codes are left out.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app, request, session

Json = Any
_LIFETIME_SECONDS: Final = 12 * 60 * 60
_NEVER: Final = frozenset(
    {"password", "current_password", "new_password", "new_password_confirmation", "code"}
    | {"old_code", "new_code", "csrf_token", "_resume", "second_step", "id_no", "token", "secret"}
)
"""Last parts of names: what is to be typed anew, and what belongs to the page alone."""
_LONGEST: Final = 512 * 1024


def seal_request() -> str | None:
    """The POST that came without a session; None where there is nothing to show again."""
    account = session.get("account")
    if request.method != "POST" or not account or request.path in ("/login", "/logout"):
        return None
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name.rsplit(".", 1)[-1] not in _NEVER
    ]
    told = orjson.dumps({"account": account, "path": request.path, "fields": fields})
    return sealer().encrypt(told).decode() if len(told) <= _LONGEST else None


def open_sealed(sealed: str, account_id: str) -> Json | None:
    """{path, fields} where it was sealed for this account within half a day, else None."""
    try:
        told = orjson.loads(sealer().decrypt(sealed.encode(), ttl=_LIFETIME_SECONDS))
    except InvalidToken:
        return None
    return told if told["account"] == mark_of(account_id) else None


def seal_secret(secret: str) -> str:
    """What a form carries to its next step and nobody may read on the way."""
    return sealer().encrypt(secret.encode()).decode()


def open_secret(sealed: str, seconds: int) -> str | None:
    """None where it was not sealed here, or longer ago."""
    try:
        return sealer().decrypt(sealed.encode(), ttl=seconds).decode()
    except InvalidToken:
        return None


def mark_of(account_id: str) -> str:
    """What stays in the browser of whose session it was; says nothing to others."""
    return hashlib.sha256(account_id.encode()).hexdigest()[:32]


def sealer() -> MultiFernet:
    keys: Sequence[str] = current_app.config["OTSP_SECRET_KEYS"]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    digest = hashlib.sha256(b"otsp-portal-resume:" + key.encode()).digest()
    return base64.urlsafe_b64encode(digest)
