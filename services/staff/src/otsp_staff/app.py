"""The staff service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS
from otsp_staff.queries.files import NAMED
from otsp_staff.rules.labels import LABELS

service = Service(
    name="staff",
    package="otsp_staff",
    formats=FORMATS,
    labels=LABELS,
    files=NAMED,
)
