"""`otsp verify`: a receipt proved from its file and the public keys alone; docs/receipts.md."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from otsp_chassis.signing import PublicKeys
from otsp_cli.messages.desk import NOTHING, SOME, CannotDo, answering, put
from otsp_compliance.model.receipt_proof import DECISION_TEXT, Fault, Proof, prove, told_zh

_KINDS_ZH = {"filing": "提交回执", "supplement": "补正回执", "decision": "决定回执"}
_OUTCOMES_ZH = {"approved": "审核通过", "returned": "退回整改", "rejected": "不予通过"}
PARTS_ZH = {
    "institution": "机构信息",
    "staff": "从业人员",
    "materials": "培训材料",
    "courses": "场所、课程与班级",
    "rectifications": "整改情况",
    "region": "地区参数",
    "ruleset": "适用规则",
    "closing": "注销事项",
    DECISION_TEXT: "决定理由与救济途径",
}


def verify(options: argparse.Namespace) -> int:
    """0 when it holds, 1 when it does not, 2 when that could not be found out."""
    with answering("verify"):
        keys = read_keys(options.keys)
        proof = prove_file(_bytes(options.file), keys)
    row = asdict(proof) | {"holds": proof.holds}
    put(row, is_json=options.json, line="\n".join(_lines(proof)))
    return NOTHING if proof.holds else SOME


def prove_file(raw: bytes, keys: PublicKeys) -> Proof:
    """What is no JSON is no receipt."""
    try:
        return prove(orjson.loads(raw), keys)
    except orjson.JSONDecodeError:
        return Proof(faults=[Fault("malformed")])


def read_keys(file: Path) -> PublicKeys:
    try:
        return PublicKeys(orjson.loads(_bytes(file)))
    except ValueError as error:
        raise CannotDo(f"{file} 不是公钥文件（JWKS）") from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CannotDo(f"无法读取文件 {file}") from error


def _lines(proof: Proof) -> list[str]:
    if not proof.holds or proof.payload is None:
        return ["✕ 不能采信", *(f"  {_worded(fault)}" for fault in proof.faults)]
    lines = ["✓ 签名成立，内容未被改动", *_says(proof.payload)]
    if proof.contents:
        lines.append(f"  已核对内容：{_named(proof.contents)}")
    if proof.is_seal_proved:
        lines.append("  全部资料的摘要与封存的快照相符")
    lines.append("  离线验证不能得知回执此后是否被撤销，请以平台查询结果为准")
    return lines


def _says(payload: dict[str, Any]) -> list[str]:
    decision, application = payload["decision"], payload["application"]
    authority = payload["authority"] or {}
    lines = [
        f"  {_KINDS_ZH[payload['kind']]} {payload['receipt_no']}（{payload['issued_on']}）",
        f"  机构：{payload['institution']['name']}　{payload['institution']['uscc']}",
        f"  申请编号：{application['seq_no']}　部门：{authority.get('name', '待定')}",
    ]
    if decision is not None:
        outcome = _OUTCOMES_ZH.get(decision["outcome"], decision["outcome"])
        lines.append(
            f"  决定：{outcome}　文号：{decision['doc_no']}　日期：{decision['decided_on']}"
        )
    return lines


def _worded(fault: Fault) -> str:
    part = PARTS_ZH.get(fault.part or "", fault.part)
    return told_zh(Fault(fault.code, part))


def _named(parts: list[str]) -> str:
    return "、".join(PARTS_ZH.get(part, part) for part in parts)
