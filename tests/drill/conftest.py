"""One platform for the drills of this folder: starting it is most of what they take.

`drill` is a folder of the checkout, as `bench` is; its checker is tried without any platform.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))
from drill.run import Stand, standing

RESIDENTS = 16


@pytest.fixture(scope="module")
def drill_stand() -> Iterator[Stand]:
    with standing(RESIDENTS) as stand:
        yield stand
