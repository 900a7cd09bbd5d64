"""`otsp verify-log`: the published log of decisions proved; docs/transparency-log.md."""

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import orjson

from otsp_chassis.signing import PublicKeys
from otsp_cli.messages.desk import NOTHING, SOME, CannotDo, answering, note, put
from otsp_cli.receipts import read_keys
from otsp_compliance.model.log_proof import Fault, Head, Report, What, verify_log

_PUBLIC = "/api/compliance/v1/public"
_PAGE = 500
_SECONDS = 30.0
_KEPT = re.compile(r"\b([0-9]{4}-[0-9]{2}-[0-9]{2}):([0-9]{1,18}):([0-9a-f]{64})\b")
_ZH: Mapping[What, str] = {
    "entry_changed": "第 {at} 条的内容与其摘要不符，被改动过",
    "entry_removed": "缺少第 {at} 条",
    "chain_broken": "第 {at} 条与它的前一条不相接，前一条被改动或替换过",
    "entry_misdated": "第 {at} 条的登记日期与次序或日志头不符",
    "malformed": "第 {at} 条不是日志条目",
    "head_forged": "{at} 的日志头签名不成立，是伪造的或被改动过",
    "key_unknown": "{at} 的日志头所用的密钥不在公钥文件中",
    "head_removed": "缺少 {at} 的日志头",
    "head_contradicted": "{at} 的日志头与条目不符，该日或此前的条目被改写过",
    "tail_cut": "日志头所载的第 {at} 条起缺失，末尾被截去",
    "history_replaced": "与此前留存的 {at} 的日志头不符，历史被改写过",
}


@dataclass(frozen=True, slots=True)
class Log:
    """The three things that are published, wherever they were found."""

    entries: list[Any]
    heads: list[Any]
    keys: PublicKeys


def verify(options: argparse.Namespace) -> int:
    """0 when it is whole, 1 when it is not, 2 when that could not be found out."""
    with answering("verify-log"):
        log = _fetched(options) if options.url else _saved(options)
        report = verify_log(log.entries, log.heads, log.keys, kept=_kept(options.expect_head))
    row = asdict(report) | {"kept_head": _named(report.head), "is_whole": not report.fault_count}
    put(row, is_json=options.json, line="\n".join(_lines(report)))
    return SOME if report.fault_count else NOTHING


def _saved(options: argparse.Namespace) -> Log:
    folder: Path = options.files
    keys = read_keys(options.keys or folder / "jwks.json")
    entries, heads = (_read(folder / name) for name in ("entries.json", "heads.json"))
    return Log(entries, heads, keys)


def _fetched(options: argparse.Namespace) -> Log:
    base = options.url.rstrip("/") + _PUBLIC
    try:
        with httpx.Client(timeout=_SECONDS) as client:
            entries = list(_pages(client, f"{base}/log"))
            heads = list(_pages(client, f"{base}/log/heads"))
            jwks = _got(client, f"{base}/jwks", {})
    except httpx.HTTPError as error:
        raise CannotDo(f"无法从 {options.url} 取得透明日志") from error
    if options.save is not None:
        _save(options.save, entries=entries, heads=heads, jwks=jwks)
    if options.keys is None:
        note("公钥与日志取自同一处：请另外留存公钥文件，并用 --keys 指定")
        return Log(entries, heads, PublicKeys(jwks))
    return Log(entries, heads, read_keys(options.keys))


def _pages(client: httpx.Client, url: str) -> Iterator[Any]:
    asked: dict[str, Any] = {"limit": _PAGE}
    while True:
        page = _got(client, url, asked)
        yield from page["items"]
        if page["next"] is None:
            return
        asked["after"] = page["next"]


def _got(client: httpx.Client, url: str, asked: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    try:
        answer = client.get(url, params=dict(asked)).raise_for_status()
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise CannotDo(f"{url} 的回答不是 JSON") from error


def _save(folder: Path, *, entries: list[Any], heads: list[Any], jwks: Any) -> None:  # noqa: ANN401
    folder.mkdir(parents=True, exist_ok=True)
    told = {"entries": {"items": entries}, "heads": {"items": heads}, "jwks": jwks}
    for name, document in told.items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(document))


def _read(file: Path) -> list[Any]:
    try:
        items = orjson.loads(file.read_bytes())["items"]
    except OSError as error:
        raise CannotDo(f"无法读取文件 {file}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CannotDo(f"{file} 不是透明日志的文件") from error
    return list(items)


def _kept(told: str | None) -> Head | None:
    """The last one in a text, or in the file that it names."""
    if told is None:
        return None
    found = _KEPT.findall(told)
    if not found and Path(told).is_file():
        found = _KEPT.findall(Path(told).read_text(encoding="utf-8"))
    if not found:
        raise CannotDo(f"--expect-head：{told} 中没有 日期:条数:摘要")
    day, size, sha256 = max(found)
    return Head(date.fromisoformat(day), int(size), sha256)


def _named(head: Head | None) -> str | None:
    return None if head is None else f"{head.day}:{head.size}:{head.sha256}"


def _lines(report: Report) -> list[str]:
    word = "✕ 不完整" if report.fault_count else "✓ 完整"
    lines = [
        f"{word}：{report.entries} 条，{report.heads} 个日志头，{report.unsigned} 条尚待日终签名"
    ]
    if report.head is not None:
        lines.append(f"  留存此头 {_named(report.head)}")
    lines += [f"  {_worded(fault)}" for fault in report.faults]
    more = report.fault_count - len(report.faults)
    return [*lines, f"  另有 {more} 处"] if more else lines


def _worded(fault: Fault) -> str:
    return _ZH[fault.what].format(at=fault.at)
