"""Pages: one module a part of the site. A view reads, asks the platform once a need, renders."""

from otsp_portal.views import institution, login

BLUEPRINTS = (login.views, institution.views)
