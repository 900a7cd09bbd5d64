"""The worklists of authorities."""

from typing import Any

from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_compliance.queries import worklist
from otsp_compliance.queries.cases import CaseSummary


def list_cases(
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **filters: Any,  # noqa: ANN401 - checked by the contract
) -> Page[CaseSummary]:
    with reading() as tx:
        return worklist.list_cases(tx, principal, filters=filters, cursor=cursor, limit=limit)


def summarise_cases(
    principal: Principal,
    **filters: Any,  # noqa: ANN401 - checked by the contract
) -> worklist.Summary:
    with reading() as tx:
        return worklist.summarise_cases(tx, principal, filters)
