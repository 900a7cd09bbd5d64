"""Events of the public register and of the lists beside it."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from otsp_contracts.payload import Payload, StateChange


class ListEntryChanged(StateChange):
    """An entry of a list (`list_type`: grey, black, closed) came, was refused, or went.

    States are proposed, listed, refused and ended; only what is listed is in force, from `from_on`
    on. `institution_id` is null of somebody who is not on the platform; names are told by nobody.
    """

    TYPE: ClassVar[str] = "compliance.list_entry_changed.v1"
    SUBJECT: ClassVar[str] = "list_entry_id"

    list_entry_id: UUID
    list_type: str
    institution_id: UUID | None = None
    region_code: str
    authority_id: UUID | None = None
    from_on: date
    to_on: date | None = None


class PublicPicturesChanged(Payload):
    """Which files of an institution its entry of the public register names.

    Their owners keep it as `public_picture_ref`. They are shown while the institution's
    `compliance_status` is one of `ON_REGISTER`, as the entry is. Once it is gone, none is named.
    """

    TYPE: ClassVar[str] = "compliance.public_pictures_changed.v1"
    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    version: int
    actor: UUID | None = None
    logo_file_id: UUID | None = None
    photo_file_ids: tuple[UUID, ...] = ()
