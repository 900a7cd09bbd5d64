"""What the architecture tests look at: the members, their sources, the six specifications."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one specification, with its path's parameters merged in."""

    service: str
    path: str
    method: str
    definition: dict[str, Any]
    specification: dict[str, Any]

    @property
    def id(self) -> str:
        return self.definition["operationId"]

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self.specification
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def parameters(self) -> list[dict[str, Any]]:
        shared = self.specification["paths"][self.path].get("parameters", [])
        return [self.resolve(each) for each in [*shared, *self.definition.get("parameters", [])]]

    def scopes(self) -> list[str]:
        security = self.definition.get("security", self.specification.get("security", []))
        return [scope for each in security for scopes in each.values() for scope in scopes]


@cache
def specification_of(service: str) -> dict[str, Any]:
    file = ROOT / "services" / service / "src" / f"otsp_{service}" / "openapi.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@cache
def all_operations() -> tuple[Operation, ...]:
    return tuple(
        Operation(service, path, method, methods[method], specification_of(service))
        for service in SERVICES
        for path, methods in specification_of(service)["paths"].items()
        for method in METHODS
        if method in methods
    )


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
    for top in ("libs", "services", "gateway", "cli", "local", "portal", "tests", "bench"):
        yield from (ROOT / top).rglob("*.py")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", all_operations(), ids=lambda each: each.id)
    if "service" in metafunc.fixturenames:
        metafunc.parametrize("service", SERVICES)
