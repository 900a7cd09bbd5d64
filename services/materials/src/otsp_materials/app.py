"""The materials service, put together."""

from otsp_chassis.service import Service
from otsp_contracts.values.formats import FORMATS

service = Service(name="materials", package="otsp_materials", formats=FORMATS)
