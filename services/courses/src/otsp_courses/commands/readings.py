"""Reads of persons in clear by an authority in its case: they leave entries in the trail."""

from collections.abc import Sequence
from uuid import UUID

from otsp_chassis.sight import Sight
from otsp_chassis.sight import note_reading as noted
from otsp_courses.queries.hosts import SiteTold, SystemTold
from otsp_courses.queries.persons import PERSONAL


def note_reading(
    sight: Sight, institution_id: UUID, hosts: Sequence[SiteTold] | Sequence[SystemTold]
) -> None:
    """Of each host, which persons it names."""
    if not hosts:
        return
    kind = "site" if isinstance(hosts[0], SiteTold) else "system"
    noted(
        sight,
        institution_id,
        object_type=kind,
        object_ids=[getattr(each, f"{kind}_id") for each in hosts],
        pii_fields=[name for name in PERSONAL if hasattr(hosts[0], name)],
    )
