"""The transparency log, for anybody."""

from datetime import date

from otsp_chassis.db import reading
from otsp_compliance.queries import transparency as reads


def list_entries(*, limit: int, after: int) -> reads.Entries:
    with reading() as tx:
        return reads.list_entries(tx, after=after, limit=limit)


def list_heads(*, limit: int, after: str | None = None) -> reads.Heads:
    with reading() as tx:
        return reads.list_heads(tx, after=date.fromisoformat(after) if after else None, limit=limit)
