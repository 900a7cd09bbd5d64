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
        self.opened: dict[str, Registered] = {}

    def register(self, mobile: str) -> Registered:
        """Raises Refused when the platform declines, NotInTime when it shows no code."""
        begun = self._gateway.post("/api/auth/v1/registrations", {"mobile": mobile})
        password = f"Aa1-{secrets.token_urlsafe(12)}"
        activation = {"code": self._code_sent_to(mobile), "password": password}
        path = f"/api/auth/v1/registrations/{begun['registration_id']}/activation"
        account = self._gateway.post(path, activation)
        session = self._gateway.login(mobile, password)
        registered = Registered(session, account["institution_id"], mobile, password)
        self.opened[registered.institution_id] = registered
        return registered

    def _code_sent_to(self, mobile: str) -> str:
        messages = self._gateway.get("/api/auth/v1/development/messages", mobile=mobile)["items"]
        codes = [found[0] for message in messages if (found := _CODE.search(message["text"]))]
        if not codes:
            message = (
                f"no code for {mobile[:3]}****{mobile[-4:]}: is the number registered already?"
            )
            raise NotInTime(message)
        return str(codes[0])
