"""Who was deleted today, and the restoration."""

from uuid import UUID

from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.removals import Removals
from otsp_staff.commands import people
from otsp_staff.queries.removals import REMOVABLE
from otsp_staff.rules.labels import LABELS

list_removals = Removals(REMOVABLE, LABELS).list_removals


def restore_staff(institution_id: str, staff_id: str, principal: Principal) -> Answer:
    person = people.restore_staff(principal, UUID(institution_id), UUID(staff_id))
    return Answer(person, version=person.version)
