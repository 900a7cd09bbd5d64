"""What everybody may look up without an account: the register, its detail page, the lists."""

from uuid import UUID

from otsp_chassis import metrics
from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_compliance.queries import lists, register

_SHORT = {"Cache-Control": "public, max-age=60"}
"""What changes with a decision may be a minute old in whatever cache."""


def look_up(*, page_no: int, page_size: int, **filters: str) -> Answer:
    with reading() as tx:
        page = register.look_up(tx, filters, page_no=page_no, page_size=page_size)
    metrics.LOOK_UPS.labels("register", "found" if page.count else "nothing").inc()
    return Answer(page, headers=_SHORT)


def get_entry(institution_id: str) -> Answer:
    with reading() as tx:
        detail = register.get_detail(tx, UUID(institution_id))
    return Answer(detail, headers=_SHORT)


def list_public_entries(
    list_type: str,
    *,
    limit: int,
    cursor: str | None = None,
    q: str | None = None,
    region: str | None = None,
) -> Answer:
    chosen = lists.Chosen(list_type=list_type, q=q, region=region)
    with reading() as tx:
        page = lists.list_public_entries(tx, chosen, cursor=cursor, limit=limit)
    metrics.LOOK_UPS.labels(list_type, "found" if page.items else "nothing").inc()
    return Answer(page, headers=_SHORT)
