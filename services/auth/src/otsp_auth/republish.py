"""What others keep of auth: authorities."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from otsp_auth.commands.authorities import as_told
from otsp_auth.model import Authority
from otsp_auth.queries.authority_rows import authorities_among
from otsp_chassis.db import Tx
from otsp_chassis.republish import republishes
from otsp_contracts.auth import AuthorityChanged


@republishes(AuthorityChanged, root=Authority, kept_as="authority_ref")
def authorities(tx: Tx, authority_ids: Sequence[UUID]) -> Iterator[AuthorityChanged]:
    return map(as_told, authorities_among(tx, authority_ids))
