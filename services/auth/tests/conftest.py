"""The auth service on a real database, emptied after each test; guesses are cheap."""

import re
from collections.abc import Callable, Iterator

import pytest

from otsp_auth.app import service
from otsp_testkit import ServiceKit

PASSWORD = "Xihu-2026-peixun"
BASE = "/api/auth/v1"


class Desk:
    """What people do at the platform's door, step by step."""

    def __init__(self, kit: ServiceKit) -> None:
        self._door = kit.anonymous()

    def ask_code(self, mobile: str) -> tuple[str, str]:
        """Registration id, and the code as texted."""
        asked = self._door.post(f"{BASE}/registrations", {"mobile": mobile})
        assert asked.status == 201, asked.content
        texts = self._door.get(f"{BASE}/development/messages", query={"mobile": mobile}).json
        return asked.json["registration_id"], re.search(r"\d{6}", texts["items"][0]["text"])[0]

    def activate(self, registration_id: str, code: str, password: str = PASSWORD):
        body = {"code": code, "password": password, "person_name": "周明"}
        return self._door.post(f"{BASE}/registrations/{registration_id}/activation", body)

    def register(self, mobile: str) -> dict:
        answer = self.activate(*self.ask_code(mobile))
        assert answer.status == 201, answer.content
        return answer.json

    def login(self, username: str, password: str = PASSWORD, **options):
        body = {"username": username, "password": password}
        return self._door.post(f"{BASE}/sessions", body, **options)

    def use(self, token: str | None):
        """As the edge asks on every request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._door.get("/internal/session", headers=headers)


@pytest.fixture
def kit(make_kit: Callable[..., ServiceKit]) -> Iterator[ServiceKit]:
    kit = make_kit(service, captcha_after_failures=100)
    yield kit
    kit.clean()


@pytest.fixture
def desk(kit: ServiceKit) -> Desk:
    return Desk(kit)
