"""What a receipt proves, and how: made when it is issued, checked by anyone without the platform.

    leaf   = SHA-256( RFC 8785 of {part, salt, sha256} )        sha256: the part's own, as sealed
    root   = SHA-256( RFC 8785 of {part: leaf, …} )
    seal   = SHA-256( RFC 8785 of {part: sha256, …} )           the parts of the snapshot only

The salts keep whoever sees a receipt from guessing at parts that were not disclosed to him. The
holder of all salts and digests proves the seal; with the content of one part he proves that alone.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from otsp_chassis.canonical import canonical_bytes, digest_of
from otsp_chassis.signing import BadSignature, PublicKeys, UnknownKey

KIND = "otsp-receipt"
DECISION_TEXT = "decision_text"
"""The part that is no part of the snapshot: reasons and remedies, which are not for the public."""

FaultCode = Literal[
    "malformed", "key_unknown", "signature_wrong", "payload_changed", "root_wrong",
    "part_unknown", "part_changed", "content_changed", "seal_wrong",
]  # fmt: skip
Json = Any
_MEMBERS = {"jws", "payload", "disclosures"}
_DISCLOSED = {"salt", "sha256", "content"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not hold. `part` is the part of the snapshot or the place in the payload."""

    code: FaultCode
    part: str | None = None


@dataclass(slots=True)
class Proof:
    """What was found. `payload` is what was signed, None when nothing was."""

    payload: dict[str, Json] | None = None
    faults: list[Fault] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    """Parts whose digest is the signed one."""
    contents: list[str] = field(default_factory=list)
    """Those of them whose content is here and is what was sealed."""
    is_seal_proved: bool = False

    @property
    def holds(self) -> bool:
        return not self.faults


def leaves_of(digests: Mapping[str, str], salts: Mapping[str, str]) -> dict[str, str]:
    """One leaf a part."""
    return {
        part: digest_of({"part": part, "salt": salts[part], "sha256": sha256})
        for part, sha256 in digests.items()
    }


def payload_of(signed: str) -> dict[str, Json]:
    """What a receipt of our own says; nothing is verified."""
    segment = signed.split(".")[1]
    raw = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    document: dict[str, Json] = orjson.loads(raw)
    return document


def prove(receipt: Json, keys: PublicKeys) -> Proof:
    """A receipt as it was downloaded, or with fewer disclosures; needs nothing but public keys."""
    proof = Proof()
    try:
        proof.faults += _examine(receipt, keys, proof)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
        # Whoever forges may put anything anywhere; canonical JSON has no word for all of it.
        proof.faults.append(Fault("malformed"))
    return proof


def _examine(receipt: Json, keys: PublicKeys, proof: Proof) -> Iterator[Fault]:
    if not _has_the_form(receipt):
        yield Fault("malformed")
        return
    try:
        proof.payload = payload = keys.verify(receipt["jws"], KIND)
    except (UnknownKey, BadSignature) as error:
        yield Fault("key_unknown" if isinstance(error, UnknownKey) else "signature_wrong")
        return
    for place in _differences(payload, receipt.get("payload", payload)):
        yield Fault("payload_changed", place)
    snapshot = payload["snapshot"]
    if digest_of(snapshot["leaves"]) != snapshot["root"]:
        yield Fault("root_wrong")
    yield from _examine_parts(receipt.get("disclosures", {}), snapshot, proof)


def _has_the_form(receipt: Json) -> bool:
    return (
        isinstance(receipt, dict)
        and receipt.keys() <= _MEMBERS
        and isinstance(receipt.get("jws"), str)
        and all(
            isinstance(one, dict) and {"salt", "sha256"} <= one.keys() <= _DISCLOSED
            for one in receipt.get("disclosures", {}).values()
        )
    )


def _examine_parts(
    disclosures: Mapping[str, Json], snapshot: Mapping[str, Json], proof: Proof
) -> Iterator[Fault]:
    leaves = snapshot["leaves"]
    for part, told in disclosures.items():
        salt, sha256 = told["salt"], told["sha256"]
        if part not in leaves:
            yield Fault("part_unknown", part)
        elif leaves_of({part: sha256}, {part: salt})[part] != leaves[part]:
            yield Fault("part_changed", part)
        elif "content" in told and digest_of(told["content"]) != sha256:
            yield Fault("content_changed", part)
        else:
            proof.proved.append(part)
            proof.contents += [part] if "content" in told else []
    sealed = leaves.keys() - {DECISION_TEXT}
    if sealed <= set(proof.proved):
        digests = {part: disclosures[part]["sha256"] for part in sealed}
        proof.is_seal_proved = digest_of(digests) == snapshot["sha256"]
        if not proof.is_seal_proved:
            yield Fault("seal_wrong")


def _differences(signed: Json, shown: Json, place: str = "") -> Iterator[str]:
    """Places (JSON pointers) at which what is shown is not what was signed."""
    if isinstance(signed, dict) and isinstance(shown, dict):
        for name in sorted(signed.keys() | shown.keys()):
            if name in signed and name in shown:
                yield from _differences(signed[name], shown[name], f"{place}/{name}")
            else:
                yield f"{place}/{name}"
    elif canonical_bytes(signed) != canonical_bytes(shown):
        yield place or "/"


MEANING_ZH: Mapping[FaultCode, str] = {
    "malformed": "不是本平台的回执文件，或文件已损坏",
    "key_unknown": "签名所用的密钥不在公钥文件中，请使用平台最新公布的公钥文件",
    "signature_wrong": "签名与内容不符，回执是伪造的或被改动过",
    "payload_changed": "所示内容与签名时的内容不一致",
    "root_wrong": "各部分的摘要与根摘要不符",
    "part_unknown": "回执中没有这一部分",
    "part_changed": "这一部分的盐值或摘要与签名时不一致",
    "content_changed": "这一部分的内容被改动过",
    "seal_wrong": "各部分的摘要与封存的快照不符",
}


def told_zh(fault: Fault) -> str:
    """In words for people."""
    where = "" if fault.part is None else f"（{fault.part}）"
    return f"{MEANING_ZH[fault.code]}{where}"
