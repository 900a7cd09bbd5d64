"""Who may be deleted, and restored within the day."""

from collections.abc import Mapping

from sqlalchemy import select

from otsp_chassis.removals import Removable
from otsp_staff.model import Staff

_KNOWN = select(Staff).where(Staff.anonymised_on.is_(None)).subquery()

REMOVABLE: Mapping[str, Removable] = {
    "staff": Removable(_KNOWN, "staff_id", name="name", place="staff/{object_id}")
}
