"""What was removed today, and its restoration."""

from typing import Any, TypeVar
from uuid import UUID

from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.removals import Removals
from otsp_institution.commands import parts as commands
from otsp_institution.commands.parts import (
    AUDIT_REPORT,
    CERTIFICATE,
    FEE_ITEM,
    OTHER_DOC,
    ItemKind,
)
from otsp_institution.queries.removals import REMOVABLE
from otsp_institution.rules import rows
from otsp_institution.rules.labels import LABELS

Row = TypeVar("Row", bound=rows.Part)

list_removals = Removals(REMOVABLE, LABELS).list_removals


def restore_certificate(institution_id: str, certificate_id: str, principal: Principal) -> Answer:
    return _restored(principal, institution_id, CERTIFICATE, item_id=certificate_id)


def restore_other_doc(institution_id: str, doc_id: str, principal: Principal) -> Answer:
    return _restored(principal, institution_id, OTHER_DOC, item_id=doc_id)


def restore_audit_report(institution_id: str, audit_report_id: str, principal: Principal) -> Answer:
    return _restored(principal, institution_id, AUDIT_REPORT, item_id=audit_report_id)


def restore_fee_item(institution_id: str, fee_item_id: str, principal: Principal) -> Answer:
    return _restored(principal, institution_id, FEE_ITEM, item_id=fee_item_id)


def _restored(
    principal: Principal, institution_id: str, kind: ItemKind[Row], *, item_id: str
) -> Answer:
    row: Any = commands.restore_item(principal, UUID(institution_id), kind, item_id=UUID(item_id))
    return Answer(row, version=row.version)
