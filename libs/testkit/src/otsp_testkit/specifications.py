"""The six specifications as data: every operation, its parameters, scopes and examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from otsp_chassis.contract import read_contract

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")
METHODS = ("get", "put", "post", "delete", "patch")
JSON = "application/json"


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
        return str(self.definition["operationId"])

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

    def parameter_names(self, place: str) -> list[str]:
        """Of one place: path, query or header."""
        return [each["name"] for each in self.parameters() if each["in"] == place]

    def scopes(self) -> list[str]:
        security = self.definition.get("security", self.specification.get("security", []))
        return [scope for each in security for scopes in each.values() for scope in scopes]

    def content(self) -> Mapping[str, dict[str, Any]]:
        """Media type → what a request of it is."""
        body = self.resolve(self.definition.get("requestBody", {}))
        content: Mapping[str, dict[str, Any]] = body.get("content", {})
        return content

    def example(self) -> Any:  # noqa: ANN401 - JSON
        """The example of the JSON body; None when there is no such body."""
        content = self.content().get(JSON)
        if content is None:
            return None
        examples = [each["value"] for each in content.get("examples", {}).values()]
        schema = self.resolve(content["schema"])
        return next(iter([*_example_of(content), *examples, *_example_of(schema)]), None)


@cache
def specification_of(service: str) -> dict[str, Any]:
    """The parsed openapi.yaml of a service."""
    return read_contract(f"otsp_{service}")


@cache
def all_operations() -> tuple[Operation, ...]:
    """In the order of the services and of their files."""
    return tuple(
        Operation(service, path, method, methods[method], specification_of(service))
        for service in SERVICES
        for path, methods in specification_of(service)["paths"].items()
        for method in METHODS
        if method in methods
    )


def _example_of(node: Mapping[str, Any]) -> list[Any]:
    return [node["example"]] if "example" in node else []
