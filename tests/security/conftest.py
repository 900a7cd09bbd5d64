"""Six services in one process, one institution with rows in each, and all who may call.

All of it lasts for one module: other tests empty the same databases.
"""

import importlib.util
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from otsp_testkit import PlatformKit
from otsp_testkit.specifications import SERVICES

HERE = Path(__file__).parent
SETTINGS = {"auth": {"second_factor": "offered"}}
"""A reviewer logs in by password alone here, and what opens is told by the role."""


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"security_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def platform(make_kit) -> Iterator[PlatformKit]:
    kits = PlatformKit(
        [
            make_kit(import_module(f"otsp_{name}.app").service, **SETTINGS.get(name, {}))
            for name in SERVICES
        ]
    )
    kits.clean()
    yield kits
    kits.clean()


@pytest.fixture(scope="module")
def callers(key_files):
    """callers.py: a caller of each kind."""
    return _beside("callers").Callers(key_files)


@pytest.fixture(scope="module")
def world(platform, callers):
    """world.py: an institution with rows in each service; refusals leave it as it is."""
    return _beside("world").World(platform, callers)


@pytest.fixture(scope="module")
def may_pass() -> dict[str, list[str]]:
    """By operationId, the callers that pass."""
    return yaml.safe_load((HERE / "authorisation.yaml").read_text(encoding="utf-8"))["operations"]
