"""Somebody of the supervising side, with a password, a mobile and an authenticator app."""

import re

import pyotp
from argon2 import PasswordHasher

from otsp_auth.model import Account
from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.identity import HEADER, IdentityVerifier
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, encrypt

BASE, RIGHT = "/api/auth/v1", "Shenhe-2026-xihu"


class Official:
    """Does at the platform's door what people do; the account is entered as it is."""

    def __init__(self, kit, username: str, role: str, authority_id=None, *, mobile=None) -> None:
        self.kit, self.username, self.mobile = kit, username, mobile
        self.account_id, self.door, self.secret = new_id(), kit.anonymous(), None
        self.recovery_codes: list[str] = []
        with kit.active(), transaction() as tx:
            tx.add(
                Account(
                    account_id=self.account_id,
                    role=role,
                    status="active",
                    username=username,
                    mobile=encrypt(mobile) if mobile else None,
                    mobile_index=blind_index(mobile) if mobile else None,
                    password_hash=PasswordHasher(1, 64, 1).hash(RIGHT),
                    password_changed_at=clock.now(),
                    authority_id=authority_id,
                )
            )

    def log_in(self, password: str = RIGHT, **options):
        body = {"username": self.username, "password": password}
        return self.door.post(f"{BASE}/sessions", body, **options)

    def use(self, token: str):
        """As the edge asks on every request."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.door.get("/internal/session", headers=headers)

    def client(self, token: str):
        """With the identity that the edge would send."""
        answer = self.use(token)
        assert answer.status == 200, answer.content
        keys = self.kit.runtime.settings.identity_public_keys
        return self.kit.as_principal(IdentityVerifier(keys).verify(answer.headers[HEADER]))

    def code(self, *, ahead: int = 0) -> str:
        """What the app shows, some steps of half a minute ahead."""
        return pyotp.TOTP(self.secret).at(clock.now(), counter_offset=ahead)

    def texted(self) -> str:
        texts = self.door.get(f"{BASE}/development/messages", query={"mobile": self.mobile}).json
        return re.search(r"\d{6}", texts["items"][0]["text"])[0]

    def enrol_app(self, client, **more) -> list[str]:
        """The recovery codes that come of it."""
        begun = self.begin(client, kind="totp", **more)
        self.secret = begun["secret"]
        confirmed = self.confirm(client, begun["factor_id"], code=self.code())
        assert confirmed.status == 201, confirmed.content
        self.recovery_codes = confirmed.json["recovery_codes"]
        return self.recovery_codes

    def enrol_mobile(self, client, **more):
        begun = self.begin(client, kind="sms", **more)
        sent = begun["verification_id"]
        return self.confirm(client, begun["factor_id"], code=self.texted(), verification_id=sent)

    def begin(self, client, **fields) -> dict:
        begun = client.post(f"{BASE}/account/second-factors", {"password": RIGHT} | fields)
        assert begun.status == 201, begun.content
        return begun.json

    def confirm(self, client, factor_id: str, **fields):
        return client.post(f"{BASE}/account/second-factors/{factor_id}/confirmation", fields)

    def second_step(self) -> str:
        asked = self.log_in()
        assert asked.status == 202, asked.content
        return asked.json["second_factor"]["second_step"]

    def take(self, step: str, code: str, method: str = "totp", **more):
        body = {"second_step": step, "method": method, "code": code} | more
        return self.door.post(f"{BASE}/second-steps", body)

    def factors(self, client) -> list[dict]:
        return client.get(f"{BASE}/account/second-factors").json["items"]
