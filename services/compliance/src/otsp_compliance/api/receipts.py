"""Receipts of filings and decisions: for their holder, for authorities, and for anybody."""

import hashlib
from io import BytesIO
from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, Download
from otsp_chassis.identity import Principal
from otsp_compliance.commands import disclosing, printing, verification
from otsp_compliance.commands.receipts import receipt_keys
from otsp_compliance.queries import receipts as reads


def list_receipts(application_id: str, principal: Principal) -> reads.ReceiptList:
    with reading() as tx:
        return reads.list_receipts(tx, principal, UUID(application_id))


def get_receipt(
    receipt_no: str, principal: Principal, *, parts: list[str] | None = None
) -> dict[str, Any]:
    return disclosing.disclose(principal, receipt_no, parts or [])


def get_receipt_pdf(receipt_no: str, principal: Principal) -> Download:
    made = printing.print_receipt(principal, receipt_no)
    return Download(
        stream=BytesIO(made),
        name=f"{receipt_no}.pdf",
        content_type="application/pdf",
        size=len(made),
        sha256=hashlib.sha256(made).hexdigest(),
    )


def get_public_receipt(receipt_no: str) -> reads.Statement:
    with reading() as tx:
        return reads.tell_statement(tx, receipt_no)


def get_public_keys() -> Answer:
    return Answer(receipt_keys().as_jwks(), headers={"Cache-Control": "public, max-age=3600"})


def verify_receipt(body: dict[str, Any]) -> verification.Verdict:
    return verification.verify_receipt(body)
