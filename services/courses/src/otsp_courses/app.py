"""The courses service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS
from otsp_courses.queries.files import NAMED

service = Service(name="courses", package="otsp_courses", formats=FORMATS, files=NAMED)
