"""The courses service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS
from otsp_courses.queries.files import NAMED
from otsp_courses.rules.labels import LABELS

service = Service(
    name="courses",
    package="otsp_courses",
    formats=FORMATS,
    labels=LABELS,
    files=NAMED,
)
