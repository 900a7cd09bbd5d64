"""Identifiers: UUIDv7 (RFC 9562), made here before the INSERT so that a retry reuses them."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Sorts by creation time, so B-tree inserts stay at the right-hand edge."""
    return uuid_utils.compat.uuid7()
