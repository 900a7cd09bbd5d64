"""Pages: one module a part of the site. A view reads, asks the platform once a need, renders."""

from otsp_portal.views import (
    applications,
    applying,
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
from otsp_portal.views import files, institution, login
from otsp_portal.views.desk import acts, case, decision, notice, snapshot, worklist

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
    statistics.views,
    institutions.views,
    people.views,
    recoveries.views,
    lists.views,
    audit.views,
    notice.views,
    snapshot.views,
    files.views,
)
