"""Events of the auth service: authorities and accounts."""

from typing import ClassVar
from uuid import UUID

from otsp_contracts.payload import Payload


class AuthorityChanged(Payload):
    """An authority as it now is; readers keep it as `authority_ref`.

    `reviewer_count` is the number of its active reviewers, for the two-person rule.
    """

    TYPE: ClassVar[str] = "auth.authority_changed.v1"
    SUBJECT: ClassVar[str] = "authority_id"

    authority_id: UUID
    version: int
    actor: UUID | None = None
    name: str
    level: str
    department: str
    region_code: str
    parent_authority_id: UUID | None = None
    active: bool
    reviewer_count: int | None = None


class AccountActivated(Payload):
    """The account of an institution may be used; its institution id is allotted."""

    TYPE: ClassVar[str] = "auth.account_activated.v1"
    SUBJECT: ClassVar[str] = "account_id"

    account_id: UUID
    institution_id: UUID


EVENTS: tuple[type[Payload], ...] = (AuthorityChanged, AccountActivated)
