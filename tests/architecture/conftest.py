"""What the architecture tests look at: the members, their sources, the six specifications."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from otsp_testkit.specifications import SERVICES, all_operations, specification_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def specifications() -> dict[str, dict[str, Any]]:
    return {service: specification_of(service) for service in SERVICES}


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file of ours."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.relative_to(ROOT).parts

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    return [Source(path, path.read_text(encoding="utf-8")) for path in sorted(_python_files())]


def _python_files() -> Iterator[Path]:
    for top in ("libs", "services", "gateway", "cli", "local", "portal", "tests", "bench", "drill"):
        yield from (ROOT / top).rglob("*.py")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", all_operations(), ids=lambda each: each.id)
    if "service" in metafunc.fixturenames:
        metafunc.parametrize("service", SERVICES)
