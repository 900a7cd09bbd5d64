"""Logos that the public register shows."""

from otsp_institution.queries.files import LOGOS

get_public_logo = LOGOS.get
