"""Looking for institutions."""

from otsp_chassis.db import reading
from otsp_chassis.exports.operations import AuthorityOperations
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_institution.commands.exports import DIRECTORY
from otsp_institution.queries import directory as queries
from otsp_institution.queries.directory import InstitutionSummary


def list_institutions(
    principal: Principal, *, limit: int, cursor: str | None = None, **filters: str
) -> Page[InstitutionSummary]:
    with reading() as tx:
        return queries.list_institutions(tx, principal, filters=filters, cursor=cursor, limit=limit)


_exports = AuthorityOperations(DIRECTORY)

request_export = _exports.request_export
get_export = _exports.get_export
get_export_content = _exports.get_content
