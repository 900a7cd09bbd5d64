"""The compliance service, put together."""

from otsp_chassis.service import Service
from otsp_compliance.queries.files import NAMED
from otsp_compliance.settings import ComplianceSettings
from otsp_contracts.values.formats import FORMATS

service = Service(
    name="compliance",
    package="otsp_compliance",
    settings=ComplianceSettings,
    formats=FORMATS,
    files=NAMED,
)
