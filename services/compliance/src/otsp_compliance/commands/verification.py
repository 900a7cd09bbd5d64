"""Says of a receipt that somebody holds whether it is ours, unchanged, and still holds."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from otsp_chassis import metrics
from otsp_chassis.db import reading
from otsp_compliance.commands.receipts import receipt_keys
from otsp_compliance.model.receipt_proof import prove, told_zh
from otsp_compliance.queries.receipts import Statement, find_statement

Word = Literal["valid", "revoked", "changed", "unknown"]
_ZH = {
    "valid": "回执有效：由本平台签发，内容未被改动。",
    "revoked": "回执由本平台签发，内容未被改动；但所载决定已被撤销，回执已失效。",
    "unknown": "查无此回执：签名虽然成立，本平台没有签发过这份回执，请向发证部门核实。",
}
for _verdict in get_args(Word):
    metrics.RECEIPT_VERIFICATIONS.labels(_verdict)  # from 0 on: the first forgery is to be seen


@dataclass(frozen=True, slots=True)
class FaultView:
    code: str
    part: str | None
    detail_zh: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`payload` is what was signed; null where no signature holds."""

    verdict: Word
    detail_zh: str
    faults: list[FaultView]
    payload: dict[str, Any] | None
    revoked_on: date | None
    replaced_by: str | None


def verify_receipt(receipt: dict[str, Any]) -> Verdict:
    """Nothing is stored but how often which verdict was given."""
    verdict = _judge(receipt)
    metrics.RECEIPT_VERIFICATIONS.labels(verdict.verdict).inc()
    return verdict


def _judge(receipt: dict[str, Any]) -> Verdict:
    proof = prove(receipt, receipt_keys())
    if not proof.holds or proof.payload is None:
        faults = [FaultView(one.code, one.part, told_zh(one)) for one in proof.faults]
        detail = "；".join(dict.fromkeys(one.detail_zh for one in faults))
        return Verdict("changed", f"回执不能采信：{detail}。", faults, proof.payload, None, None)
    with reading() as tx:
        ours = find_statement(tx, str(proof.payload.get("receipt_no")))
    word = _word(receipt["jws"], ours)
    known = ours if word == "revoked" else None
    return Verdict(
        word,
        _ZH[word],
        [],
        proof.payload,
        known.revoked_on if known else None,
        known.replaced_by if known else None,
    )


def _word(signed: str, ours: Statement | None) -> Word:
    """A signature that we never gave was made by somebody who has our key."""
    if ours is None or ours.jws != signed:
        return "unknown"
    return ours.state
