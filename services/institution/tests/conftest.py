"""The institution service on a real database, and one institution that uses it."""

import copy
from pathlib import Path

import pytest
import yaml

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided
from otsp_institution.app import service

SAMPLES = yaml.safe_load((Path(__file__).parents[3] / "docs/samples.yaml").read_text("utf-8"))
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\0" * 40


@pytest.fixture
def kit(make_kit):
    kit = make_kit(service)
    yield kit
    kit.clean()


@pytest.fixture
def institution_id():
    return new_id()


@pytest.fixture
def own(kit, institution_id):
    """The institution's own administrator."""
    return kit.as_institution(institution_id)


@pytest.fixture
def place(institution_id):
    return f"/api/institution/v1/institutions/{institution_id}"


@pytest.fixture
def facts():
    """Registration facts of sample A, complete."""
    sample = copy.deepcopy(SAMPLES[0]["institution"])
    for name in ("legal_form", "first_approved_on", "foreign_controlled", "listed_affiliate"):
        del sample[name]
    del sample["migrated_from"]
    sample["legal_rep"]["mobile"] = "13800000001"
    contact = {
        "name": "周示例",
        "mobile": "13800000002",
        "email": "z@example.test",
        "position": "教务",
    }
    return sample | {"registered_address": "示例路1号", "contact": contact}


@pytest.fixture
def upload(own, place):
    """Stores a small picture; every call another one unless the bytes are given."""

    def store(content=None):
        content = content or PNG + new_id().bytes
        options = {"raw": content, "content_type": "image/png", "query": {"name": "扫描件.png"}}
        answer = own.post(f"{place}/files", **options)
        assert answer.status == 201, answer.content
        return answer.json["file_id"]

    return store


@pytest.fixture
def decide(kit, institution_id):
    """The authority's decision on the registration, as compliance tells it."""

    def deliver(decision="approved", **fields):
        values = {"case_id": new_id(), "version": 3, "institution_id": institution_id}
        values |= {"kind": "registration", "subject_id": institution_id, "decision": decision}
        values |= {"decided_on": clock.today(), "authority_id": new_id(), "reason": None}
        kit.deliver(CaseDecided(**(values | fields)))

    return deliver
