"""The staff service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS
from otsp_staff.queries.files import NAMED

service = Service(name="staff", package="otsp_staff", formats=FORMATS, files=NAMED)
