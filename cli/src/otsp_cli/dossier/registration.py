"""Registering as a person does: a mobile, the code that was sent to it, a password."""

import re
import secrets
from dataclasses import dataclass

from otsp_cli.dossier.gateway import Gateway, NotInTime, Session

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@dataclass(frozen=True, slots=True)
class Registered:
    """A fresh institution account, logged in."""

    session: Session
    institution_id: str
    username: str
    password: str


class Registrar:
    """Opens institution accounts; the code is read from the platform's development outbox."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def register(self) -> Registered:
        """An account under a number of nobody's, another one each time.

        The same dossier may be loaded again: whether the institution is registered already is for
        the platform to say. Raises Refused when it declines, NotInTime when it shows no code.
        """
        mobile = f"199{secrets.randbelow(10**8):08d}"
        begun = self._gateway.post("/api/auth/v1/registrations", {"mobile": mobile})
        password = f"Aa1-{secrets.token_urlsafe(12)}"
        activation = {"code": self._code_sent_to(mobile), "password": password}
        path = f"/api/auth/v1/registrations/{begun['registration_id']}/activation"
        account = self._gateway.post(path, activation)
        session = self._gateway.login(mobile, password)
        return Registered(session, account["institution_id"], mobile, password)

    def _code_sent_to(self, mobile: str) -> str:
        messages = self._gateway.get("/api/auth/v1/development/messages", mobile=mobile)["items"]
        codes = [found[0] for message in messages if (found := _CODE.search(message["text"]))]
        if not codes:
            message = (
                f"no code for {mobile[:3]}****{mobile[-4:]}: is the number registered already?"
            )
            raise NotInTime(message)
        return str(codes[0])
