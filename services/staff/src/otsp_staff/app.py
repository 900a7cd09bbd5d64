"""The staff service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS

service = Service(name="staff", package="otsp_staff", formats=FORMATS)
