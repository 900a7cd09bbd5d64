"""The auth service, put together."""

from otsp_auth.settings import AuthSettings
from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS

service = Service(name="auth", package="otsp_auth", settings=AuthSettings, formats=FORMATS)
