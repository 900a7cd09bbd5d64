"""Looking for a person by what answers mask: such a number is never in an address."""

from typing import Any

from otsp_chassis.pii import blind_index
from otsp_staff.commands.entry import tail_index
from otsp_staff.queries.listing import Wanted
from otsp_staff.rules.fields import clean_number, kind_of_id


def sought(fields: dict[str, Any]) -> Wanted:
    """All that is given must fit. A number is found in any spelling, whole; a mobile by its end."""
    number, digits = fields.get("id_no"), fields.get("mobile_last4")
    return Wanted(
        id_index=None if number is None else blind_index(clean_number(kind_of_id(fields), number)),
        mobile_tail=None if digits is None else tail_index(digits),
    )
