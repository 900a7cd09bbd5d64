"""Pages: one module a part of the site. A view reads, asks the platform once a need, renders."""

from importlib import import_module
from typing import Final

from flask import Blueprint

# One a line: every module below this one that has a blueprint called `views`.
MODULES: Final = (
    "applications",
    "applying",
    "desk.acts",
    "desk.case",
    "desk.decision",
    "desk.notice",
    "desk.snapshot",
    "desk.worklist",
    "files",
    "funds",
    "home",
    "institution",
    "login",
    "oversight.audit",
    "oversight.institutions",
    "oversight.lists",
    "oversight.people",
    "oversight.recoveries",
    "oversight.statistics",
    "public",
    "recovery",
    "registration",
    "self_checks",
    "settings",
)

BLUEPRINTS: Final[tuple[Blueprint, ...]] = tuple(
    import_module(f"otsp_portal.views.{name}").views for name in MODULES
)
