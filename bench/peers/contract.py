"""The sample's own contract, as the peers need it: the same schemas, the same checks."""

from functools import cache
from importlib import resources
from typing import Any

import yaml

Json = Any
ITEMS = "/api/sample/v1/institutions/{institution_id}/items"


@cache
def sample_contract() -> dict[str, Any]:
    text = resources.files("otsp_testkit.sample").joinpath("openapi.yaml").read_text("utf-8")
    contract: dict[str, Any] = yaml.safe_load(text)
    return contract


def item_create_schema() -> Json:
    """The body of a POST as plain JSON Schema: references inlined, `nullable` said as a type."""
    return _plain(sample_contract()["components"]["schemas"]["ItemCreate"])


def _plain(node: Json) -> Json:
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(sample_contract()["components"]["schemas"][node["$ref"].rpartition("/")[2]])
    plain = {name: _plain(part) for name, part in node.items()}
    if plain.pop("nullable", False):
        plain["type"] = [plain["type"], "null"]
    return plain


def connexion_contract() -> dict[str, Any]:
    """The operations on items, bound to the peers' functions; without the session's scopes."""
    paths: dict[str, Any] = {}
    for path, methods in sample_contract()["paths"].items():
        if not path.startswith(ITEMS):
            continue
        paths[path] = {
            name: part if name == "parameters" else _rebound(part)
            for name, part in methods.items()
            if name in {"parameters", "get", "post"}
        }
    contract = sample_contract()
    components = {k: v for k, v in contract["components"].items() if k != "securitySchemes"}
    return {**contract, "paths": paths, "components": components}


def _rebound(operation: dict[str, Any]) -> dict[str, Any]:
    """One content type an operation: with two, Connexion asks each function to say which."""
    name = operation["operationId"].rpartition(".")[2]
    return {
        **{key: part for key, part in operation.items() if key != "security"},
        "operationId": f"bench.peers.connexion_app.{name}",
        "responses": {k: v for k, v in operation["responses"].items() if k.isdigit()},
    }
