"""The materials service on a real database, emptied after each test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from otsp_chassis.ids import new_id
from otsp_chassis.service import Service
from otsp_materials.app import service
from otsp_testkit import Client, ServiceKit


@pytest.fixture
def kit(make_kit: Callable[[Service], ServiceKit]) -> Iterator[ServiceKit]:
    kit = make_kit(service)
    yield kit
    kit.clean()


@pytest.fixture
def owner(kit: ServiceKit) -> Client:
    """The administrator of one institution."""
    return kit.as_institution(new_id())


@pytest.fixture
def upload() -> Callable[[Client, str], dict[str, Any]]:
    """Stores a placeholder file of the caller's institution; other content, other hash."""

    def _upload(client: Client, content: str) -> dict[str, Any]:
        place = f"/api/materials/v1/institutions/{client.principal.institution_id}/files"
        raw = b"%PDF-1.7\n" + content.encode() + b"\n%%EOF\n"
        answered = client.call(
            "POST", place, raw=raw, content_type="application/pdf", query={"name": "a.pdf"}
        )
        assert answered.status == 201, answered.json
        return answered.json

    return _upload


@pytest.fixture
def enter() -> Callable[..., dict[str, Any]]:
    """Enters a material of the caller's institution with the given fields."""

    def _enter(client: Client, **fields: Any) -> dict[str, Any]:
        place = f"/api/materials/v1/institutions/{client.principal.institution_id}/materials"
        body = {"title": "初中数学讲义", "category": "subject", "form": "basic"} | fields
        answered = client.post(place, body)
        assert answered.status == 201, answered.json
        return answered.json | {"url": answered.headers["Location"]}

    return _enter
