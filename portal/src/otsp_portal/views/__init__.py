"""Pages: one module a part of the site. A view reads, asks the platform once a need, renders."""

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
