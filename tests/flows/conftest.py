"""Six services in one process on real databases, an edge in front, a LocalBus between."""

import importlib.util
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from otsp_chassis.service import Service
from otsp_testkit import PlatformKit, ServiceKit

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")


@pytest.fixture(scope="session")
def stage():
    """What these tests share beyond fixtures."""
    spec = importlib.util.spec_from_file_location("flow_town", Path(__file__).parent / "town.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def kits(make_kit: Callable[[Service], ServiceKit]) -> PlatformKit:
    return PlatformKit([make_kit(import_module(f"otsp_{name}.app").service) for name in SERVICES])


@pytest.fixture(scope="session")
def whole_town(kits, stage, tmp_path_factory):
    kits.clean()
    with stage.samples_day():
        return stage.Town(kits, tmp_path_factory.mktemp("town"))


@pytest.fixture
def at_ease(kits, stage) -> Iterator[None]:
    """The samples' day; afterwards no event has failed anywhere, and nothing stays behind."""
    with stage.samples_day():
        yield
    failed = kits.set_aside()
    kits.clean()
    assert failed == [], "an event failed somewhere"


@pytest.fixture
def town(whole_town, at_ease):
    whole_town.restore()
    return whole_town


@pytest.fixture
def platform(kits, at_ease) -> PlatformKit:
    """Nothing entered yet."""
    kits.clean()
    return kits


@pytest.fixture
def supervision(platform, stage, tmp_path):
    return stage.supervise(platform, tmp_path / "accounts.json")
