"""A service's contract, read as data."""

from importlib import resources
from typing import Any

import yaml


def read_contract(package: str) -> dict[str, Any]:
    """The package's openapi.yaml. By libyaml: the parser in Python takes six times as long, which
    was half a second of every start.
    """
    text = resources.files(package).joinpath("openapi.yaml").read_text(encoding="utf-8")
    parsed: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return parsed
