"""Pages: one module a part of the site. A view reads, asks the platform once a need, renders.

A module below this one that has a blueprint called `views` is part of the site by that alone.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Final

from flask import Blueprint


def _blueprints() -> Iterator[Blueprint]:
    for module in walk_packages(__path__, f"{__name__}."):
        found = getattr(import_module(module.name), "views", None)
        if isinstance(found, Blueprint):
            yield found


BLUEPRINTS: Final[tuple[Blueprint, ...]] = tuple(_blueprints())
