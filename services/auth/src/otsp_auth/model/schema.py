"""What the tables share."""

from sqlalchemy.orm import DeclarativeBase

from otsp_chassis.db import COLUMN_TYPES, service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map = COLUMN_TYPES
