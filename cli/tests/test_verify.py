"""`otsp verify`: a receipt is proved from its file and the public keys, with no service near.

The receipt is made here as compliance makes it: salted leaves of a snapshot's parts.
"""

import copy
import random

import orjson
import pytest
from joserfc.jwk import KeySet, OKPKey

from otsp_chassis.canonical import canonical_bytes, digest_of
from otsp_chassis.signing import Ed25519Signer, PublicKeys
from otsp_cli.__main__ import main
from otsp_cli.receipts import prove_file
from otsp_compliance.model.receipt_proof import DECISION_TEXT, KIND, leaves_of

MUTATIONS = 10_000
CONTENTS = {
    "institution": {"name": "示例培训学校", "licence": {"licence_no": "教民233010600001号"}},
    "courses": {"sites": [{"area_centi_m2": 48_000, "floor": -1}], "systems": []},
    "rectifications": [],
    DECISION_TEXT: {"reason": None, "appeal_text": "可在六十日内申请行政复议。"},
}


@pytest.fixture(scope="module")
def key_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    key = OKPKey.generate_key("Ed25519", {"kid": "r1", "use": "sig"})
    other = OKPKey.generate_key("Ed25519", {"kid": "r0", "use": "sig"})
    (folder / "private.jwk").write_bytes(orjson.dumps(key.as_dict(private=True)))
    (folder / "forger.jwk").write_bytes(orjson.dumps(other.as_dict(private=True)))
    jwks = KeySet([key]).as_dict(private=False)
    (folder / "jwks.json").write_bytes(orjson.dumps(jwks))
    return folder


@pytest.fixture(scope="module")
def receipt(key_files):
    digests = {part: digest_of(content) for part, content in CONTENTS.items()}
    salts = {part: f"{place:032x}" for place, part in enumerate(digests)}
    leaves = leaves_of(digests, salts)
    sealed = {part: sha256 for part, sha256 in digests.items() if part != DECISION_TEXT}
    payload = {
        "receipt_no": "JD20241015-7K3M-9Q2X-W4TB",
        "kind": "decision",
        "issued_on": "2024-10-15",
        "application": {"application_id": "a", "seq_no": "33010620241015000001", "kind": "initial"},
        "institution": {"name": "示例培训学校", "uscc": "52330106MJ0000001X"},
        "authority": {"authority_id": "b", "name": "西湖区教育局"},
        "decision": {"outcome": "approved", "doc_no": "示例", "decided_on": "2024-10-15"},
        "snapshot": {"sha256": digest_of(sealed), "root": digest_of(leaves), "leaves": leaves},
    }
    return {
        "jws": Ed25519Signer(key_files / "private.jwk").sign(payload, KIND),
        "payload": payload,
        "disclosures": {
            part: {"salt": salts[part], "sha256": digests[part], "content": content}
            for part, content in CONTENTS.items()
        },
    }


@pytest.fixture
def verify(tmp_path, key_files, capsys):
    def run(receipt, *more):
        file = tmp_path / "receipt.json"
        file.write_bytes(receipt if isinstance(receipt, bytes) else orjson.dumps(receipt))
        code = main(["verify", str(file), "--keys", str(key_files / "jwks.json"), *more])
        return code, capsys.readouterr().out

    return run


def test_a_receipt_is_proved_without_the_platform(verify, receipt):
    code, told = verify(receipt)

    assert code == 0
    assert told.splitlines() == [
        "✓ 签名成立，内容未被改动",
        "  决定回执 JD20241015-7K3M-9Q2X-W4TB（2024-10-15）",
        "  机构：示例培训学校　52330106MJ0000001X",
        "  申请编号：33010620241015000001　部门：西湖区教育局",
        "  决定：审核通过　文号：示例　日期：2024-10-15",
        "  已核对内容：机构信息、场所、课程与班级、整改情况、决定理由与救济途径",
        "  全部资料的摘要与封存的快照相符",
        "  离线验证不能得知回执此后是否被撤销，请以平台查询结果为准",
    ]


def test_one_disclosed_part_proves_itself_alone(verify, receipt):
    one = {"institution": receipt["disclosures"]["institution"]}

    code, told = verify({"jws": receipt["jws"], "disclosures": one}, "--json")

    assert code == 0
    row = orjson.loads(told)
    assert row["contents"] == ["institution"]
    assert not row["is_seal_proved"]


def _changed(change):
    def apply(receipt):
        receipt = copy.deepcopy(receipt)
        change(receipt)
        return receipt

    return apply


def _salt(receipt):
    receipt["disclosures"]["courses"]["salt"] = "0" * 32


def _area(receipt):
    receipt["disclosures"]["courses"]["content"]["sites"][0]["area_centi_m2"] = 48_001


def _name(receipt):
    receipt["payload"]["institution"]["name"] = "另一家学校"


def _outcome_gone(receipt):
    del receipt["payload"]["decision"]["outcome"]


def _part(receipt):
    receipt["disclosures"]["staff"] = receipt["disclosures"].pop("courses")


def _swapped(receipt):
    told = receipt["disclosures"]
    told["courses"], told["institution"] = told["institution"], told["courses"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_salt, ["这一部分的盐值或摘要与签名时不一致（场所、课程与班级）"]),
        (_area, ["这一部分的内容被改动过（场所、课程与班级）"]),
        (_name, ["所示内容与签名时的内容不一致（/institution/name）"]),
        (_outcome_gone, ["所示内容与签名时的内容不一致（/decision/outcome）"]),
        (_part, ["回执中没有这一部分（从业人员）"]),
        (
            _swapped,
            [
                "这一部分的盐值或摘要与签名时不一致（机构信息）",
                "这一部分的盐值或摘要与签名时不一致（场所、课程与班级）",
            ],
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_was_changed_is_named(verify, receipt, change, words):
    code, told = verify(_changed(change)(receipt))

    assert code == 1
    assert told.splitlines() == ["✕ 不能采信", *(f"  {word}" for word in words)]


@pytest.mark.parametrize(
    "given",
    [
        b"", b"{", b"[]", b"null", b"\xff", b'{"jws":1}', b'{"jws":"a.b.c","extra":1}',
        b'{"jws":"a.b.c","disclosures":[]}', b'{"jws":"a.b.c","disclosures":{"staff":1}}',
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_receipt_is_called_so(verify, given):
    code, told = verify(given)

    assert code == 1
    assert "不是本平台的回执文件，或文件已损坏" in told


def test_a_forgers_key_is_unknown_and_under_our_name_worthless(verify, receipt, key_files):
    forger = Ed25519Signer(key_files / "forger.jwk")
    stranger = forger.sign(receipt["payload"], KIND)
    file = key_files / "forger.jwk"
    key = orjson.loads(file.read_bytes())
    file.write_bytes(orjson.dumps(key | {"kid": "r1"}))
    impostor = forger.sign(receipt["payload"], KIND)
    file.write_bytes(orjson.dumps(key))

    assert "签名所用的密钥不在公钥文件中" in verify(receipt | {"jws": stranger})[1]
    assert "签名与内容不符" in verify(receipt | {"jws": impostor})[1]


def test_a_document_of_another_kind_is_no_receipt(verify, receipt, key_files):
    head = Ed25519Signer(key_files / "private.jwk").sign(receipt["payload"], "otsp-log-head")

    code, told = verify({"jws": head})

    assert code == 1
    assert "签名与内容不符" in told


@pytest.mark.parametrize(
    ("place", "word"),
    [("root", "各部分的摘要与根摘要不符"), ("sha256", "各部分的摘要与封存的快照不符")],
)
def test_what_was_signed_wrongly_is_found_too(verify, receipt, key_files, place, word):
    payload = copy.deepcopy(receipt["payload"])
    payload["snapshot"][place] = "0" * 64
    signed = Ed25519Signer(key_files / "private.jwk").sign(payload, KIND)

    code, told = verify(receipt | {"jws": signed, "payload": payload})

    assert (code, told.splitlines()[1:]) == (1, [f"  {word}"])


@pytest.mark.parametrize("broken", ["no keys here", '{"keys": 1}', "{}", None])
def test_keys_that_cannot_be_read_are_no_verdict(tmp_path, capsys, broken):
    keys = tmp_path / "keys.json"
    if broken is not None:
        keys.write_text(broken)
    (tmp_path / "receipt.json").write_text("{}")

    with pytest.raises(SystemExit) as ended:
        main(["verify", str(tmp_path / "receipt.json"), "--keys", str(keys)])

    assert ended.value.code == 2
    assert "keys.json" in capsys.readouterr().err


def test_no_flipped_byte_of_a_receipt_is_missed(receipt, key_files):
    """S7. The file as RFC 8785 writes it: every byte of it means something."""
    keys = PublicKeys.from_file(key_files / "jwks.json")
    whole = canonical_bytes(receipt)
    chance = random.Random(7)
    assert prove_file(whole, keys).holds

    missed = []
    for _ in range(MUTATIONS):
        place, flip = chance.randrange(len(whole)), chance.randrange(1, 256)
        changed = bytearray(whole)
        changed[place] ^= flip
        if prove_file(bytes(changed), keys).holds:
            missed.append((place, flip))

    assert missed == []
