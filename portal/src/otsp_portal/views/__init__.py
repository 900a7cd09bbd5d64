"""Pages: one module a part of the site. A view reads, asks the platform once a need, renders."""

from otsp_portal.views import (
    files,
    funds,
    institution,
    login,
    public,
    recovery,
    registration,
    settings,
)
from otsp_portal.views.courses import class_pages, course_pages, host_pages, overview, wizard
from otsp_portal.views.desk import (
    acts,
    case,
    decision,
    notice,
    snapshot,
    worklist,
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
    overview.views,
    host_pages.views,
    course_pages.views,
    class_pages.views,
    wizard.views,
    notice.views,
    snapshot.views,
    files.views,
)
