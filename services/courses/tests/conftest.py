"""The courses service on a real database, and one institution at its desk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from otsp_chassis.ids import new_id
from otsp_chassis.service import Service
from otsp_contracts.institution import ProfileChanged
from otsp_courses.app import service
from otsp_testkit import ServiceKit
from otsp_testkit.client import Answered, Client


@pytest.fixture
def kit(make_kit: Callable[[Service], ServiceKit]) -> Iterator[ServiceKit]:
    kit = make_kit(service)
    yield kit
    kit.clean()


@dataclass
class Desk:
    """An institution's own clerk, with the shortest bodies that are accepted."""

    client: Client
    institution_id: UUID
    kit: ServiceKit

    @property
    def base(self) -> str:
        return f"/api/courses/v1/institutions/{self.institution_id}"

    def add(self, path: str, **fields: object) -> Answered:
        return self.client.post(f"{self.base}/{path}", {"name": "示例"} | fields)

    def added(self, path: str, **fields: object) -> str:
        """The address of the new row."""
        return self.add(path, **fields).headers["Location"]

    def profile(self, version: int = 1, **fields: object) -> None:
        told = {
            "name": "示例学校",
            "region_code": "330106",
            "categories": ("subject",),
            "delivery_modes": ("offline", "online"),
            "stages": ("junior",),
            "legal_nature": "nonprofit",
            "registration_status": "approved",
            "compliance_status": "compliant",
        }
        told |= {"institution_id": self.institution_id, "version": version} | fields
        self.kit.deliver(ProfileChanged(**told))


@pytest.fixture
def desk(kit: ServiceKit) -> Desk:
    institution_id = new_id()
    return Desk(kit.as_institution(institution_id), institution_id, kit)
