"""The courses service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS

service = Service(name="courses", package="otsp_courses", formats=FORMATS)
