"""The compliance service on a real database, emptied after each test."""

import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from otsp_chassis.service import Service
from otsp_compliance.app import service
from otsp_testkit import ServiceKit


def _beside(name, path):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def kit(make_kit: Callable[[Service], ServiceKit]) -> Iterator[ServiceKit]:
    kit = make_kit(service)
    yield kit
    kit.clean()


@pytest.fixture(scope="session")
def sections():
    """The sections of the sample dossiers by sample, as plain data."""
    return _beside("compliance_sections", "rules/dossiers.py").snapshots()


@pytest.fixture
def world(kit, sections):
    """An institution and its authorities, as the neighbours' events make them known."""
    return _beside("compliance_world", "world.py").World(kit, sections)


@pytest.fixture
def filing_day():
    """Eleven in the morning of the samples' day in Shanghai."""
    return datetime(2024, 10, 15, 3, tzinfo=UTC)


@pytest.fixture(scope="session")
def statistics():
    """The random world of the statistics, and its recount."""
    world = _beside("compliance_statistics_world", "statistics_world.py")
    recount = _beside("compliance_statistics_recount", "statistics_recount.py")
    return SimpleNamespace(**vars(world) | vars(recount))
