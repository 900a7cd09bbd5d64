"""The sample service on a real database, emptied after each test."""

from collections.abc import Callable, Iterator

import pytest

from otsp_chassis.service import Service
from otsp_testkit import ServiceKit
from otsp_testkit.sample import consumers
from otsp_testkit.sample.app import service


@pytest.fixture
def kit(make_kit: Callable[[Service], ServiceKit]) -> Iterator[ServiceKit]:
    kit = make_kit(service)
    yield kit
    consumers.behaviour.clear()
    kit.clean()
