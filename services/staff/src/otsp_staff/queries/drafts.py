"""What is filled in of a person: the form whose drafts are kept."""

from collections.abc import Mapping

from otsp_chassis.drafts import Form
from otsp_staff.model import Staff

FORMS: Mapping[str, Form] = {"staff": Form("StaffCreate", Staff.__table__, key="staff_id")}
