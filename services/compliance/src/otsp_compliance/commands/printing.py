"""Prints receipts: the PDF is made once, kept with its digest, and the same ever after."""

import hashlib
from dataclasses import asdict
from importlib.resources import files
from io import BytesIO
from typing import Any, Final

import segno
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import audit, clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.signing import key_of
from otsp_chassis.typesetting import typeset
from otsp_compliance.model import ReceiptPrint
from otsp_compliance.model.receipt_proof import payload_of
from otsp_compliance.queries.receipts import find_print, find_receipt, licence_of
from otsp_compliance.rules.receipt_wording import PLATFORM_ZH, page_of
from otsp_compliance.settings import current_settings

_TEMPLATE: Final = files("otsp_compliance.commands").joinpath("receipt.typ")


def print_receipt(principal: Principal, receipt_no: str) -> bytes:
    """For those who may read the receipt. Raises DocumentFontMissing, TypesetterUnavailable."""
    with reading() as tx:
        row = find_receipt(tx, principal, receipt_no)
        known = find_print(tx, receipt_no)
        licence = licence_of(tx, row["request_id"])
    if known is not None:
        return known
    made = typeset(_TEMPLATE.read_text(), document_of(row, licence), at=row["issued_at"])
    return _kept(row, made)


def document_of(row: RowMapping, licence: dict[str, Any]) -> dict[str, Any]:
    """All that the template is told; of one receipt always the same."""
    payload = payload_of(row["jws"])
    text = {"reason": row["reason"], "appeal_text": row["appeal_text"]}
    place = f"{current_settings().portal_url}/verify/"
    return {
        "platform": PLATFORM_ZH,
        "receipt_no": row["receipt_no"],
        "page": asdict(page_of(payload, licence=licence, text=text)),
        "place": place,
        "code": _code(place + row["receipt_no"]),
        "kid": key_of(row["jws"]),
        "sha256": payload["snapshot"]["sha256"],
    }


def _code(address: str) -> str:
    drawn = BytesIO()
    segno.make_qr(address, error="m").save(drawn, kind="svg", border=0, dark="#1b2733")
    return drawn.getvalue().decode()


def _kept(row: RowMapping, made: bytes) -> bytes:
    """Of two that were made at once the first stays."""
    values = {
        "receipt_no": row["receipt_no"],
        "sha256": hashlib.sha256(made).hexdigest(),
        "content": made,
        "printed_at": clock.business_now(),
    }
    with transaction() as tx:
        tx.execute(insert(ReceiptPrint).values(values).on_conflict_do_nothing())
        audit.record(
            tx,
            "compliance.receipt_printed",
            object_type="receipt",
            object_id=row["receipt_no"],
            institution_id=row["institution_id"],
        )
        return find_print(tx, row["receipt_no"]) or made
