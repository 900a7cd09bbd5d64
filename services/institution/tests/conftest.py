"""The institution service on a real database, and one institution that uses it."""

from pathlib import Path

import pytest
import yaml

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided
from otsp_institution.app import service

SAMPLES = Path(__file__).parents[3] / "docs/samples.yaml"
CONTACT = {"name": "周示例", "mobile": "13800000002", "email": "z@example.test", "position": "教务"}
NOT_REGISTERED = "legal_form first_approved_on foreign_controlled listed_affiliate migrated_from"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def kit(make_kit):
    kit = make_kit(service)
    yield kit
    kit.clean()


@pytest.fixture
def own(kit):  # the institution's own administrator
    return kit.as_institution(new_id())


@pytest.fixture
def institution_id(own):
    return own.principal.institution_id


@pytest.fixture
def place(institution_id):
    return f"/api/institution/v1/institutions/{institution_id}"


@pytest.fixture
def facts():  # the registration of sample A, complete
    sample = yaml.safe_load(SAMPLES.read_text("utf-8"))[0]["institution"]
    sample["legal_rep"]["mobile"] = "13800000001"
    more = {"registered_address": "示例路1号", "contact": CONTACT}
    return {name: sample[name] for name in sample.keys() - NOT_REGISTERED.split()} | more


@pytest.fixture
def upload(own, place):  # stores a picture, another one each time unless the bytes are given
    files, sent = f"{place}/files", {"content_type": "image/png", "query": {"name": "扫描件.png"}}
    return lambda raw=None: own.post(files, raw=raw or PNG + new_id().bytes, **sent).json["file_id"]


@pytest.fixture
def decide(kit, institution_id):  # lets a decision arrive, as compliance tells it
    case = {"version": 3, "institution_id": institution_id, "subject_id": institution_id}
    case |= {"kind": "registration", "decided_on": "2024-10-15", "authority_id": new_id()}
    return lambda decision, **fields: kit.deliver(
        CaseDecided(**(case | {"case_id": new_id(), "decision": decision} | fields))
    )
