"""What others keep of auth: authorities, who stands in for whom, and requests for recovery."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from otsp_auth.commands.authorities import as_told
from otsp_auth.commands.delegations import as_arranged
from otsp_auth.commands.recovery_news import as_standing
from otsp_auth.model import Authority, Delegation, RecoveryRequest
from otsp_auth.queries.authority_rows import authorities_among
from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.auth import AuthorityChanged, DelegationChanged, RecoveryRequestChanged


@republishes(AuthorityChanged, root=Authority, kept_as="authority_ref")
def authorities(tx: Tx, authority_ids: Sequence[UUID]) -> Iterator[AuthorityChanged]:
    for authority in authorities_among(tx, authority_ids):
        yield as_told(tx, authority)


@republishes(DelegationChanged, root=Delegation, kept_as="leave_cover_ref")
def delegations(tx: Tx, delegation_ids: Sequence[UUID]) -> Iterator[DelegationChanged]:
    """Those that are over too, so that a copy that missed the end is closed."""
    these = select(Delegation).where(Delegation.delegation_id.in_(delegation_ids))
    for delegation in tx.scalars(these.order_by(Delegation.delegation_id)):
        yield as_arranged(delegation, actor=None)


@republishes(RecoveryRequestChanged, root=RecoveryRequest, kept_as="recovery_ref")
def recoveries(tx: Tx, request_ids: Sequence[UUID]) -> Iterator[RecoveryRequestChanged]:
    """Drafts are told to nobody."""
    these = select(RecoveryRequest).where(RecoveryRequest.request_id.in_(request_ids))
    for request in tx.scalars(these.order_by(RecoveryRequest.request_id)):
        if (told := as_standing(request)) is not None:
            yield told
