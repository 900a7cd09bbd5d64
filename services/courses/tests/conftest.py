"""The courses service on a real database, and one institution at its desk."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import SnapshotRequested
from otsp_contracts.compliance.rectification import RectificationOpened
from otsp_contracts.institution import FeeItemChanged, ProfileChanged
from otsp_contracts.materials import MaterialChanged
from otsp_contracts.staff import PersonChanged
from otsp_courses.app import service
from otsp_testkit import Client, ServiceKit
from otsp_testkit.client import Answered

PROFILE = {"version": 1, "name": "示例学校", "region_code": "330106", "categories": ("subject",)}
PROFILE |= {"delivery_modes": ("offline", "online"), "stages": ("junior",)}
PROFILE |= {"legal_nature": "nonprofit", "registration_status": "approved"}
REQUEST = {"purpose": "application", "as_of": "2024-10-15", "sections": ("staff", "courses")}


@dataclass
class Desk:
    """An institution's own clerk, with the shortest bodies that are accepted."""

    client: Client
    institution_id: UUID
    kit: ServiceKit

    @property
    def base(self) -> str:
        return f"/api/courses/v1/institutions/{self.institution_id}"

    def add(self, path: str, **fields) -> Answered:
        return self.client.post(f"{self.base}/{path}", {"name": "示例"} | fields)

    def added(self, path: str, **fields) -> str:
        """The address of the new row."""
        return self.add(path, **fields).headers["Location"]

    def profile(self, status: str = "compliant", **changes) -> None:
        own = {"institution_id": self.institution_id, "compliance_status": status}
        self.kit.deliver(ProfileChanged(**PROFILE | own | changes))

    def _own(self, **changes) -> dict:
        return {"institution_id": self.institution_id, "version": 1} | changes

    def person(self, staff_id=None, **changes) -> str:
        """Somebody of whom the staff service tells; employed teaching staff unless changed."""
        told = {"staff_id": staff_id or new_id(), "status": "employed", "staff_type": "teaching"}
        self.kit.deliver(PersonChanged(**self._own(**told | changes)))
        return str(told["staff_id"])

    def material(self, material_id=None, **changes) -> str:
        told = {"material_id": material_id or new_id(), "status": "in_use", "title": "讲义"}
        self.kit.deliver(MaterialChanged(**self._own(**told | changes)))
        return str(told["material_id"])

    def fee_item(self, fee_item_id=None, **changes) -> str:
        told = {"fee_item_id": fee_item_id or new_id(), "name": "秋季班", "publicized": True}
        self.kit.deliver(FeeItemChanged(**self._own(**told | changes)))
        return str(told["fee_item_id"])

    def rectify(self, kind: str = "for_profit_to_nonprofit", **changes) -> UUID:
        told = {"rectification_id": new_id(), "kind": kind, "due_on": "2024-11-14"}
        opened = RectificationOpened(**self._own(to_state="open", **told | changes))
        self.kit.deliver(opened)
        return opened.rectification_id

    def reviewer(self, **changes) -> Client:
        return self.kit.as_authority(**changes)

    def request(self, **changes) -> SnapshotRequested:
        ids = {name: new_id() for name in ("request_id", "application_id")}
        own = {"institution_id": self.institution_id}
        asked = SnapshotRequested(**REQUEST | ids | own | changes)
        self.kit.deliver(asked)
        return asked


@pytest.fixture
def kit(make_kit):
    kit = make_kit(service)
    yield kit
    assert kit.set_aside() == []
    kit.clean()


@pytest.fixture
def desk(kit):
    return Desk(kit.as_institution(institution_id := new_id()), institution_id, kit)


@pytest.fixture(scope="module")
def lasting_desk(make_kit):
    """For a file whose tests look at the same many rows and leave them as they are."""
    kit = make_kit(service)
    yield Desk(kit.as_institution(institution_id := new_id()), institution_id, kit)
    assert kit.set_aside() == []
    kit.clean()
