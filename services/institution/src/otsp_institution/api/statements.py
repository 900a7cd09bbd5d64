"""What lies under supervision, month by month."""

from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_institution.api.answers import PREFIX, Body
from otsp_institution.commands import statements as commands
from otsp_institution.queries import statements as queries
from otsp_institution.queries.sight import sight_of
from otsp_institution.rules.fields import check_statement
from otsp_institution.rules.rows import StatementRow


def list_statements(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    month: str | None = None,
) -> Page[StatementRow]:
    owner = UUID(institution_id)
    with reading() as tx:
        sight_of(tx, principal, owner)
        return queries.list_statements(tx, owner, month=month, cursor=cursor, limit=limit)


@checked(check_statement)
def state_funds(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    row = commands.state_funds(principal, UUID(institution_id), body)
    location = f"{PREFIX}/{institution_id}/funds/statements/{row.statement_id}"
    return Answer(row, 201, location=location)


def get_statement(institution_id: str, statement_id: str, principal: Principal) -> StatementRow:
    owner = UUID(institution_id)
    with reading() as tx:
        sight_of(tx, principal, owner)
        return queries.get_statement(tx, owner, UUID(statement_id))
