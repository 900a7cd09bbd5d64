"""The declarative base of the compliance service's tables."""

from typing import Any

from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

from otsp_chassis.db import COLUMN_TYPES, service_metadata

Document = dict[str, Any]
"""A stored JSON object."""


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map = COLUMN_TYPES | {
        list[str]: ARRAY(Text),
        Document: JSONB,
        list[Document]: JSONB,
        dict[str, str]: JSONB,
        dict[str, int]: JSONB,
    }
