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
from otsp_portal.views import (
    applications,
    applying,
    files,
    funds,
    home,
    institution,
    login,
    public,
    recovery,
    registration,
    self_checks,
    settings,
)
from otsp_portal.views.desk import (
    acts,
    case,
    decision,
    notice,
    rectifications,
    replacement,
    snapshot,
    worklist,
)
from otsp_portal.views.staff import (
    corrections,
    lists,
    people,
)

BLUEPRINTS = (
    public.views,
    login.views,
    home.views,
    applying.views,
    applications.views,
    self_checks.views,
    institution.views,
    funds.views,
    settings.views,
    registration.views,
    recovery.views,
    worklist.views,
    case.views,
    acts.views,
    decision.views,
    notice.views,
    snapshot.views,
    replacement.views,
    rectifications.views,
    files.views,
    lists.views,
    people.views,
    corrections.views,
)
