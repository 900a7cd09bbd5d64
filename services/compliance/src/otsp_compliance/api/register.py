"""What everybody may look up without an account: the register, its detail page, the lists."""

from datetime import date
from uuid import UUID

from otsp_chassis import metrics
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, Download
from otsp_compliance.commands.open_data import open_published
from otsp_compliance.queries import lists, open_data, register

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


def list_open_data() -> Answer:
    with reading() as tx:
        return Answer(open_data.tell_manifest(tx), headers=_SHORT)


def get_open_data(day: str, name: str) -> Download:
    with reading() as tx:
        published = open_data.get_file(tx, date.fromisoformat(day), name)
    return Download(
        stream=open_published(date.fromisoformat(day), name),
        name=f"{day}-{name}",
        content_type=published.content_type,
        size=published.size,
        sha256=published.sha256,
        cache="public, max-age=86400, immutable",
    )


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
