"""Operations on sites (办学点)."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_courses.commands import hosts as commands
from otsp_courses.commands.readings import note_reading
from otsp_courses.queries import hosts as queries
from otsp_courses.queries.persons import as_seen
from otsp_courses.queries.sight import sight_of
from otsp_courses.rules.fields import check_site


def list_sites(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **filters: str,
) -> Page[queries.SiteTold]:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        page = queries.list_sites(
            tx, UUID(institution_id), filters=filters, cursor=cursor, limit=limit
        )
    note_reading(sight, UUID(institution_id), page.items)
    return Page([as_seen(site, sight) for site in page.items], page.next)


@checked(check_site)
def add_site(institution_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    site = commands.add_site(principal, UUID(institution_id), body)
    location = f"/api/courses/v1/institutions/{institution_id}/sites/{site.site_id}"
    return Answer(site, 201, version=site.version, location=location)


def get_site(institution_id: str, site_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        site = queries.get_site(tx, UUID(institution_id), UUID(site_id))
    note_reading(sight, UUID(institution_id), [site])
    return Answer(as_seen(site, sight), version=site.version)


@checked(check_site)
def change_site(
    institution_id: str,
    site_id: str,
    principal: Principal,
    *,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    site = commands.change_site(
        principal, UUID(institution_id), UUID(site_id), fields=body, if_match=if_match
    )
    return Answer(site, version=site.version)


def remove_site(
    institution_id: str, site_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    commands.remove_site(principal, UUID(institution_id), UUID(site_id), if_match=if_match)
    return Answer(status=204)
