"""Events of the auth service: authorities and accounts."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from otsp_contracts.closing import ClosingDone
from otsp_contracts.payload import Payload


class AuthorityChanged(Payload):
    """An authority as it now is; readers keep it as `authority_ref`.

    `reviewer_count` is the number of its active reviewers, for the two-person rule, and
    `reviewer_ids` are their accounts, to whom its cases may be assigned.
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
    reviewer_ids: tuple[UUID, ...] | None = None


class AccountActivated(Payload):
    """The account of an institution may be used; its institution id is allotted."""

    TYPE: ClassVar[str] = "auth.account_activated.v1"
    SUBJECT: ClassVar[str] = "account_id"

    account_id: UUID
    institution_id: UUID
    legacy_source: str | None = None


class AccountMigrated(Payload):
    """A legacy platform's account was imported, and its institution with it (§1.7).

    Nobody has logged in yet. The institution counts as approved (§3.2), so that nobody else
    registers its number; what it is missing it completes after its first login.
    """

    TYPE: ClassVar[str] = "auth.account_migrated.v1"
    SUBJECT: ClassVar[str] = "account_id"

    account_id: UUID
    institution_id: UUID
    legacy_source: str
    name: str
    uscc: str
    licence_no: str | None = None
    region_code: str
    categories: tuple[str, ...]


class AccountsMerged(Payload):
    """Two accounts of an institution became one: the merged one and its institution are no more."""

    TYPE: ClassVar[str] = "auth.accounts_merged.v1"
    SUBJECT: ClassVar[str] = "account_id"

    account_id: UUID
    institution_id: UUID
    merged_account_id: UUID
    merged_institution_id: UUID
    actor: UUID | None = None


class DelegationChanged(Payload):
    """Somebody stands in for somebody of the same authority, from `valid_from` until `valid_to`.

    `kind`: leave_cover (替班; the other may act on what the one holds; kept as `leave_cover_ref`)
    or administration (委托; a region administrator's rights). Ended early, `valid_to` is the
    moment of that.
    """

    TYPE: ClassVar[str] = "auth.delegation_changed.v1"
    SUBJECT: ClassVar[str] = "delegation_id"

    delegation_id: UUID
    version: int
    actor: UUID | None = None
    authority_id: UUID
    kind: str
    from_account_id: UUID
    to_account_id: UUID
    valid_from: datetime
    valid_to: datetime


class AccountCancelled(Payload):
    """For good: the days are over in which the people of a closed institution could still look."""

    TYPE: ClassVar[str] = "auth.account_cancelled.v1"
    SUBJECT: ClassVar[str] = "account_id"

    account_id: UUID
    institution_id: UUID | None = None
    cancelled_on: date


class AuthClosingDone(ClosingDone):
    """Its people and systems look and download, and write nothing."""

    TYPE: ClassVar[str] = "auth.closing_done.v1"


class RecoveryRequestChanged(Payload):
    """How a request for an account's recovery stands; readers keep it as `recovery_ref`.

    No persons: `status` is submitted, approved or rejected, days are business days.
    """

    TYPE: ClassVar[str] = "auth.recovery_request_changed.v1"
    SUBJECT: ClassVar[str] = "request_id"

    request_id: UUID
    version: int
    region_code: str
    delivery: str
    status: str
    submitted_on: date
    handled_on: date | None = None


EVENTS: tuple[type[Payload], ...] = (
    AuthorityChanged,
    DelegationChanged,
    RecoveryRequestChanged,
    AccountActivated,
    AccountMigrated,
    AccountsMerged,
    AccountCancelled,
    AuthClosingDone,
)
