"""The supervising departments."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.db import Stamped


class Authority(Stamped, Base):
    """A supervising department (主管部门): one a department and region.

    Its superior is whoever has the same department in `parent_region_code`; no pointer is kept,
    so that the order in which authorities are entered does not matter.
    """

    __tablename__ = "authority"
    __table_args__ = (UniqueConstraint("department", "region_code"),)

    authority_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    department: Mapped[str]
    region_code: Mapped[str]
    parent_region_code: Mapped[str | None] = mapped_column(index=True)
    contact_tel: Mapped[str | None]
    address: Mapped[str | None]
    office_hours: Mapped[str | None]
    is_active: Mapped[bool]
