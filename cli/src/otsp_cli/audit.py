"""`otsp verify-audit`: the audit trail proved from its rows, service by service; docs/audit.md."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from otsp_chassis.audit.signing import HeadVerifier
from otsp_chassis.audit.verifying import Fault, Known, Report, What, verify
from otsp_chassis.db import Database
from otsp_cli.messages.desk import NOTHING, SOME, CannotDo, Desk, MovingLine, answering, at, put
from otsp_cli.serving import chosen_services
from otsp_cli.settings import AuditSettings

_HEAD = re.compile(r"\b([a-z]+):([1-9][0-9]{0,17}):([0-9a-f]{64})\b")
_MEANING: Mapping[What, str] = {
    "seal_removed": "the seal of this position is gone",
    "seal_changed": "the seal does not follow from the one before it",
    "entry_removed": "the row is gone",
    "entry_changed": "the row is not what was sealed",
    "entry_inserted": "the row came when its neighbours had been sealed for more than an hour",
    "head_changed": "the signature is not that of this head",
    "head_removed": "the signed head of this position is gone",
    "key_unknown": "the head names a key that is not in OTSP_AUDIT_PUBLIC_KEYS",
    "tail_cut": "a head was signed here or beyond, and the seals are gone",
    "history_replaced": "the seal is not the one that was kept elsewhere",
}


def verify_audit(options: argparse.Namespace) -> int:
    """Exit code 1 when anything is broken. Reads only."""
    options.all = not options.services
    with answering("verify-audit"):
        desk, kept = Desk(), _kept_heads(options.expect_head)
        heads, broken = _verifier(AuditSettings().audit_public_keys), 0
        for name in chosen_services(options):
            with desk.database(name) as database:
                report = _verified(name, database, heads, known=kept.get(name))
            _tell(report, is_json=options.json)
            broken += report.fault_count
    return SOME if broken else NOTHING


def _verified(name: str, database: Database, heads: HeadVerifier, *, known: Known | None) -> Report:
    line = MovingLine()

    def show(seen: int, total: int) -> None:
        line.show_share(seen, total, f"{name}: {seen}/{total}")

    report = verify(name, database, heads, known=known, on_progress=show)
    line.end()
    return report


def _verifier(public_keys: Path | None) -> HeadVerifier:
    if public_keys is None:
        raise CannotDo("OTSP_AUDIT_PUBLIC_KEYS is not set; heads are verified with them")
    try:
        return HeadVerifier(public_keys)
    except (OSError, ValueError) as error:
        raise CannotDo(f"OTSP_AUDIT_PUBLIC_KEYS: {public_keys} is no JWKS file") from error


def _kept_heads(told: str | None) -> dict[str, Known]:
    """The furthest of each service in a text, or in the file that it names."""
    if told is None:
        return {}
    found = _HEAD.findall(told)
    if not found and Path(told).is_file():
        found = _HEAD.findall(Path(told).read_text(encoding="utf-8"))
    if not found:
        raise CannotDo(f"--expect-head: no SERVICE:POSITION:SHA256 in {told}")
    heads = sorted((int(position), name, sha256) for name, position, sha256 in found)
    return {name: Known(position, sha256) for position, name, sha256 in heads}


def _tell(report: Report, *, is_json: bool) -> None:
    last = report.head
    head = f"{report.service}:{last.position}:{last.chain_sha256}" if last else None
    row: dict[str, Any] = asdict(report) | {"head": head, "is_whole": not report.fault_count}
    put(row, is_json=is_json, line="\n".join([_summary(report, head), *_faults(report)]))


def _summary(report: Report, head: str | None) -> str:
    state = "BROKEN" if report.fault_count else "whole"
    signed = f"\n  head {head} signed {at(report.signed_at)}" if head else ""
    waiting = f", oldest {report.oldest_unsealed_seconds:.1f} s" if report.unsealed else ""
    return (
        f"{report.service}: {state}; {report.sealed} entries sealed,"
        f" {report.unsealed} not yet{waiting}{signed}"
    )


def _faults(report: Report) -> list[str]:
    lines = [f"  {_fault(each)}" for each in report.faults]
    more = report.fault_count - len(report.faults)
    return [*lines, f"  and {more} more"] if more else lines


def _fault(fault: Fault) -> str:
    entry = "" if fault.sequence is None else f" (entry {fault.sequence})"
    return f"position {fault.position}: {fault.what}{entry}: {_MEANING[fault.what]}"
