"""Auth where the second factor is required, as in production, and a reviewer who may have one."""

import importlib.util
from datetime import timedelta
from pathlib import Path

import pytest

from otsp_auth.app import service
from otsp_auth.model import Authority
from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id


@pytest.fixture
def kit(make_kit):
    kit = make_kit(service, second_factor="required", captcha_after_failures=100)
    yield kit
    kit.clean()


@pytest.fixture
def official():
    """official.py: somebody of the supervising side."""
    spec = importlib.util.spec_from_file_location("official", Path(__file__).parent / "official.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Official


@pytest.fixture
def authority_id(kit):
    place = {"level": "county", "region_code": "330106", "parent_region_code": "330100"}
    named = {"name": "西湖区教育局", "department": "education", "is_active": True}
    authority = Authority(authority_id=new_id(), **named, **place)
    with kit.active(), transaction() as tx:
        tx.add(authority)
    return authority.authority_id


@pytest.fixture
def reviewer(kit, official, authority_id):
    return official(kit, "shenhe", "reviewer", authority_id, mobile="13800000005")


@pytest.fixture
def fresh(reviewer):
    """A client of the reviewer's first session, by password alone."""
    return reviewer.client(reviewer.log_in().json["token"])


@pytest.fixture
def enrolled(reviewer, fresh):
    """The reviewer has an app; its first code was used a minute ago."""
    with clock.frozen(clock.now() - timedelta(minutes=1)):
        reviewer.enrol_app(fresh)
    return reviewer
