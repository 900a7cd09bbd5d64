"""The materials service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS
from otsp_materials.queries.files import NAMED
from otsp_materials.rules.labels import HISTORY_LABELS

service = Service(
    name="materials",
    package="otsp_materials",
    formats=FORMATS,
    labels=HISTORY_LABELS,
    files=NAMED,
)
