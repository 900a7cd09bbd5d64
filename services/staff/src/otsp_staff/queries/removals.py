"""Who may be deleted, and restored within the day."""

from collections.abc import Mapping

from otsp_chassis.removals import Removable
from otsp_staff.model import Staff

REMOVABLE: Mapping[str, Removable] = {
    "staff": Removable(Staff.__table__, "staff_id", name="name", place="staff/{object_id}")
}
