"""Six services in one process on real databases, an edge in front, a LocalBus between."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from otsp_testkit import PlatformKit


@pytest.fixture(scope="session")
def stage():
    """What these tests share beyond fixtures."""
    spec = importlib.util.spec_from_file_location("flow_town", Path(__file__).parent / "town.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def kits(make_kit, stage) -> PlatformKit:
    return PlatformKit([make_kit(service) for service in stage.services()])


@pytest.fixture(scope="session")
def whole_town(kits, stage, tmp_path_factory):
    kits.clean()
    with stage.samples_day():
        return stage.Town(kits, tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module", autouse=True)
def tidy(kits) -> Iterator[None]:
    yield
    kits.clean()


@pytest.fixture
def at_ease(kits, stage) -> Iterator[None]:
    """The samples' day; afterwards no event has failed anywhere."""
    with stage.samples_day():
        yield
    assert kits.set_aside() == [], "an event failed somewhere"


@pytest.fixture
def town(whole_town, at_ease):
    whole_town.restore()
    return whole_town


@pytest.fixture
def platform(kits, at_ease) -> PlatformKit:
    kits.clean()
    return kits


@pytest.fixture
def supervision(platform, stage, tmp_path):
    return stage.supervise(platform, tmp_path / "accounts.json")
