"""`otsp verify-log`: what was taken out, changed, put elsewhere or forged is found and named."""

import copy
import random

import orjson
import pytest
from joserfc.jwk import KeySet, OKPKey

from otsp_chassis.canonical import canonical_bytes, digest_of
from otsp_chassis.signing import Ed25519Signer, PublicKeys
from otsp_cli.__main__ import main
from otsp_compliance.model.log_proof import FIRST, KIND, LOG, verify_log

SIZES = {"2024-10-13": 0, "2024-10-14": 3, "2024-10-15": 3, "2024-10-16": 5}
DAYS = ["2024-10-14"] * 3 + ["2024-10-16"] * 2 + ["2024-10-17"]
MUTATIONS = 2_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    key = OKPKey.generate_key("Ed25519", {"kid": "r1", "use": "sig"})
    other = OKPKey.generate_key("Ed25519", {"kid": "r0", "use": "sig"})
    (folder / "private.jwk").write_bytes(orjson.dumps(key.as_dict(private=True)))
    (folder / "forger.jwk").write_bytes(orjson.dumps(other.as_dict(private=True)))
    (folder / "impostor.jwk").write_bytes(orjson.dumps(other.as_dict(private=True) | {"kid": "r1"}))
    (folder / "jwks.json").write_bytes(orjson.dumps(KeySet([key]).as_dict(private=False)))
    return folder


def entries_from(before, days, *, first=1):
    items = []
    for position, day in enumerate(days, first):
        entry = {
            "position": position,
            "previous_sha256": before,
            "logged_on": day,
            "outcome": "approved",
            "doc_no": f"示例-{position}",
        }
        before = digest_of(entry)
        items.append({"entry": entry, "sha256": before})
    return items


def head(signer, entries, day, size, **changed):
    sha256 = entries[size - 1]["sha256"] if size else FIRST
    told = {"day": day, "size": size, "sha256": sha256} | changed
    return told | {"jws": signer.sign({"log": LOG, "signed_at": "now", **told}, KIND)}


@pytest.fixture
def log(folder):
    signer = Ed25519Signer(folder / "private.jwk")
    entries = entries_from(FIRST, DAYS)
    return {
        "entries": entries,
        "heads": [head(signer, entries, day, size) for day, size in SIZES.items()],
    }


@pytest.fixture
def verify(tmp_path, folder, capsys):
    def run(log, *more):
        for name, items in log.items():
            (tmp_path / f"{name}.json").write_bytes(orjson.dumps({"items": items}))
        (tmp_path / "jwks.json").write_bytes((folder / "jwks.json").read_bytes())
        code = main(["verify-log", "--files", str(tmp_path), *more])
        return code, capsys.readouterr().out

    return run


def faults(told):
    return told.splitlines()[2:]


def test_a_whole_log_is_called_whole(verify, log):
    code, told = verify(log)

    assert code == 0
    assert told.splitlines() == [
        "✓ 完整：6 条，4 个日志头，1 条尚待日终签名",
        f"  留存此头 2024-10-16:5:{log['entries'][4]['sha256']}",
    ]


def test_an_empty_log_with_its_first_head_is_whole(verify, log):
    assert verify({"entries": [], "heads": log["heads"][:1]})[0] == 0
    assert verify({"entries": [], "heads": []})[0] == 0


def _change(log):
    log["entries"][1]["entry"]["outcome"] = "rejected"


def _change_and_count_anew(log):
    _change(log)
    log["entries"][1]["sha256"] = digest_of(log["entries"][1]["entry"])


def _rewrite_from_there(log):
    _change_and_count_anew(log)
    days = DAYS[2:]
    log["entries"][2:] = entries_from(log["entries"][1]["sha256"], days, first=3)
    for kept, made in zip(log["entries"][2:], entries_from("", days, first=3), strict=True):
        kept["entry"]["doc_no"] = made["entry"]["doc_no"]


def _remove(log):
    del log["entries"][1]


def _remove_and_number_anew(log):
    log["entries"] = entries_from(FIRST, DAYS[:1] + DAYS[2:])


def _cut(log):
    del log["entries"][4:]


def _swap(log):
    log["entries"][0], log["entries"][1] = log["entries"][1], log["entries"][0]


def _backdate(log):
    log["entries"][5:] = entries_from(log["entries"][4]["sha256"], ["2024-10-16"], first=6)


def _remove_head(log):
    del log["heads"][2]


def _show_another_size(log):
    log["heads"][1]["size"] = 2


def _spoil(log):
    log["entries"][5] = {"entry": [], "sha256": ""}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_change, ["第 2 条的内容与其摘要不符，被改动过"]),
        (_change_and_count_anew, ["第 3 条与它的前一条不相接，前一条被改动或替换过"]),
        (
            _rewrite_from_there,
            [
                "2024-10-14 的日志头与条目不符，该日或此前的条目被改写过",
                "2024-10-15 的日志头与条目不符，该日或此前的条目被改写过",
                "2024-10-16 的日志头与条目不符，该日或此前的条目被改写过",
            ],
        ),
        (_remove, ["缺少第 2 条"]),
        (_cut, ["日志头所载的第 5 条起缺失，末尾被截去"]),
        (_backdate, ["第 6 条的登记日期与次序或日志头不符"]),
        (_remove_head, ["缺少 2024-10-15 的日志头"]),
        (
            _show_another_size,
            [
                "2024-10-14 的日志头签名不成立，是伪造的或被改动过",
                "缺少 2024-10-14 的日志头",
            ],
        ),
        (_spoil, ["第 6 条不是日志条目"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_was_done_to_it_is_named(verify, log, change, words):
    change(log)

    code, told = verify(log)

    assert code == 1
    assert faults(told) == [f"  {word}" for word in words]


@pytest.mark.parametrize("change", [_remove_and_number_anew, _swap])
def test_no_other_order_passes(verify, log, change):
    change(log)

    assert verify(log)[0] == 1


def test_a_forged_head_is_called_so(verify, log, folder):
    forged, stranger = copy.deepcopy(log), copy.deepcopy(log)
    entries = log["entries"]
    forged["heads"][3] = head(Ed25519Signer(folder / "impostor.jwk"), entries, "2024-10-16", 5)
    stranger["heads"][3] = head(Ed25519Signer(folder / "forger.jwk"), entries, "2024-10-16", 5)

    assert faults(verify(forged)[1]) == ["  2024-10-16 的日志头签名不成立，是伪造的或被改动过"]
    assert faults(verify(stranger)[1]) == ["  2024-10-16 的日志头所用的密钥不在公钥文件中"]


def test_a_head_that_shrinks_the_log_contradicts_it(verify, log, folder):
    signer = Ed25519Signer(folder / "private.jwk")
    log["heads"][3] = head(signer, log["entries"], "2024-10-16", 2)

    assert "  2024-10-16 的日志头与条目不符，该日或此前的条目被改写过" in faults(verify(log)[1])


def test_a_head_that_covers_a_later_day_is_misdated(verify, log, folder):
    signer = Ed25519Signer(folder / "private.jwk")
    log["heads"][2] = head(signer, log["entries"], "2024-10-15", 4)

    assert faults(verify(log)[1]) == ["  第 4 条的登记日期与次序或日志头不符"]


def test_a_document_of_another_log_is_no_head(verify, log, folder):
    signer = Ed25519Signer(folder / "private.jwk")
    log["heads"][3] = head(signer, log["entries"], "2024-10-16", 5, log="another")

    assert verify(log)[0] == 1


def test_a_history_that_was_replaced_whole_is_found_by_the_head_that_was_kept(
    verify, log, tmp_path
):
    note = tmp_path / "kept.txt"
    note.write_text(verify(log)[1], encoding="utf-8")
    empty = {"entries": [], "heads": log["heads"][:1]}

    assert verify(log, "--expect-head", str(note))[0] == 0
    code, told = verify(empty, "--expect-head", str(note))

    assert code == 1
    assert faults(told) == [
        "  日志头所载的第 1 条起缺失，末尾被截去",
        "  与此前留存的 2024-10-16 的日志头不符，历史被改写过",
    ]


@pytest.mark.parametrize(
    "arguments", [["--expect-head", "yesterday"], ["--keys", "nowhere.json"]], ids=str
)
def test_what_cannot_be_found_out_is_no_verdict(verify, log, arguments):
    with pytest.raises(SystemExit) as ended:
        verify(log, *arguments)

    assert ended.value.code == 2


def test_no_changed_byte_of_the_log_is_missed(log, folder):
    keys = PublicKeys.from_file(folder / "jwks.json")
    log["entries"] = log["entries"][:5]
    whole = canonical_bytes(log)
    chance = random.Random(7)

    missed = []
    for _ in range(MUTATIONS):
        changed = bytearray(whole)
        place, flip = chance.randrange(len(whole)), chance.randrange(1, 256)
        changed[place] ^= flip
        try:
            told = orjson.loads(changed)
            report = verify_log(told["entries"], told["heads"], keys)
        except (orjson.JSONDecodeError, KeyError):
            continue
        if not report.fault_count:
            missed.append((place, flip))

    assert missed == []
