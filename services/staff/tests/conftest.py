"""The staff service on a real database, emptied after each test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from otsp_chassis.ids import new_id
from otsp_chassis.service import Service
from otsp_staff.app import service
from otsp_testkit import Client, ServiceKit

PERSON = {
    "name": "周甲",
    "sex": "M",
    "nationality": "CN",
    "id_type": "cnid",
    "id_no": "330199198506079917",
    "mobile": "13800000001",
    "education": "bachelor",
    "staff_type": "management",
    "employment": "full_time",
    "hired_on": "2020-03-01",
    "contract_signed": True,
    "contract_no": "合同-1",
    "contract_from": "2020-03-01",
    "precheck_on": "2020-02-20",
    "precheck_clear": True,
    "prohibited": False,
}


@pytest.fixture
def kit(make_kit: Callable[[Service], ServiceKit]) -> Iterator[ServiceKit]:
    kit = make_kit(service)
    yield kit
    assert kit.set_aside() == []
    kit.clean()


@pytest.fixture
def owner(kit: ServiceKit) -> Client:
    """The administrator of one institution."""
    return kit.as_institution(new_id())


@pytest.fixture
def register() -> Callable[..., dict[str, Any]]:
    """Enters a person of the caller's institution, with changes given by name."""

    def _register(client: Client, **changes: Any) -> dict[str, Any]:
        base = f"/api/staff/v1/institutions/{client.principal.institution_id}/staff"
        answered = client.post(base, PERSON | changes)
        assert answered.status == 201, answered.json
        return answered.json | {"url": answered.headers["Location"]}

    return _register
