"""Pages: one module a part of the site. A view reads, asks the platform once a need, renders."""

from otsp_portal.views import (
    funds,
    institution,
    login,
    public,
    recovery,
    registration,
    settings,
)
from otsp_portal.views.desk import (
    acts,
    case,
    decision,
    worklist,
)
from otsp_portal.views.oversight import (
    audit,
    institutions,
    lists,
    people,
    recoveries,
    statistics,
)

BLUEPRINTS = (
    public.views,
    login.views,
    institution.views,
    funds.views,
    settings.views,
    registration.views,
    recovery.views,
    worklist.views,
    case.views,
    acts.views,
    decision.views,
    statistics.views,
    institutions.views,
    people.views,
    recoveries.views,
    lists.views,
    audit.views,
)
