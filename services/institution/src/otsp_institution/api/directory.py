"""Looking for institutions."""

from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_institution.queries import directory as queries
from otsp_institution.queries.directory import InstitutionSummary


def list_institutions(
    principal: Principal, *, limit: int, cursor: str | None = None, **filters: str
) -> Page[InstitutionSummary]:
    with reading() as tx:
        return queries.list_institutions(tx, principal, filters=filters, cursor=cursor, limit=limit)
