"""The materials service on a real database, emptied after each test."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.institution import ProfileChanged
from otsp_materials.app import service

PROFILE = {"name": "示例培训学校", "categories": ["subject"], "delivery_modes": ["offline"]}
PROFILE |= {"stages": ["junior"], "legal_nature": "nonprofit", "registration_status": "approved"}


@pytest.fixture
def kit(make_kit):
    kit = make_kit(service)
    yield kit
    kit.clean()


@pytest.fixture
def owner(kit):  # the administrator of one institution
    return kit.as_institution(new_id())


@pytest.fixture
def reviewer(kit, owner):  # of the county in which the institution is known to be
    told = PROFILE | {"institution_id": owner.principal.institution_id, "region_code": "330106"}
    kit.deliver(ProfileChanged(**told, version=1, compliance_status="not_applied"))
    return kit.as_authority("reviewer", region="330106")


@pytest.fixture
def upload():  # stores a placeholder file of the caller's institution; other content, other hash
    def _upload(client, content):
        place = f"/api/materials/v1/institutions/{client.principal.institution_id}/files"
        sent = {"content_type": "application/pdf", "query": {"name": "a.pdf"}}
        raw = b"%PDF-1.7\n" + content.encode() + b"\n%%EOF\n"
        answered = client.call("POST", place, raw=raw, **sent)
        assert answered.status == 201, answered.json
        return answered.json

    return _upload


@pytest.fixture
def enter():  # enters a material of the caller's institution with the given fields
    def _enter(client, **fields):
        place = f"/api/materials/v1/institutions/{client.principal.institution_id}/materials"
        body = {"title": "初中数学讲义", "category": "subject", "form": "basic"} | fields
        answered = client.post(place, body)
        assert answered.status == 201, answered.json
        return answered.json | {"url": answered.headers["Location"]}

    return _enter
