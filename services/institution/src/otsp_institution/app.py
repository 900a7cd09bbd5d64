"""The institution service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS
from otsp_institution.queries.files import NAMED
from otsp_institution.rules.labels import LABELS

service = Service(
    name="institution",
    package="otsp_institution",
    formats=FORMATS,
    labels=LABELS,
    files=NAMED,
)
