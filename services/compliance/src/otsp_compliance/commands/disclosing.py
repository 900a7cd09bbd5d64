"""Hands a receipt to its holder; the contents of parts leave an entry in the audit trail."""

from collections.abc import Sequence
from typing import Any

from otsp_chassis import audit
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import Principal
from otsp_compliance.queries.receipts import get_receipt


def disclose(principal: Principal, receipt_no: str, parts: Sequence[str]) -> dict[str, Any]:
    """The file to verify; see queries.receipts.get_receipt."""
    if not parts:
        with reading() as tx:
            return get_receipt(tx, principal, receipt_no)
    with transaction() as tx:
        receipt = get_receipt(tx, principal, receipt_no, parts=parts)
        audit.record(
            tx,
            "compliance.receipt_disclosed",
            object_type="receipt",
            object_id=receipt_no,
            institution_id=principal.institution_id,
            after={"parts": sorted(parts)},
        )
    return receipt
