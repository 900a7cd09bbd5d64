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

BLUEPRINTS = (
    public.views,
    login.views,
    institution.views,
    funds.views,
    settings.views,
    registration.views,
    recovery.views,
)
