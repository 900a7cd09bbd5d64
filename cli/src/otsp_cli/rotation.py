"""`otsp rotate-keys`: personal data sealed anew with the current key; docs/personal-data.md."""

import argparse
from collections import Counter

from otsp_chassis.rotation import Rotation, rotate
from otsp_cli.messages.desk import (
    NOTHING,
    SOME,
    CannotDo,
    Desk,
    MovingLine,
    answering,
    note,
    operator,
    put,
)
from otsp_cli.serving import chosen_services


def rotate_keys(options: argparse.Namespace) -> int:
    """Exit code 0 when no key but the current one seals anything in these services."""
    options.all = not options.services
    with answering("rotate-keys"):
        desk, older = Desk(), Counter[str]()
        for name in chosen_services(options):
            older += _rotated(desk, name, is_dry=options.dry_run, is_json=options.json)
        if older:
            _tell_older(older, is_dry=options.dry_run)
    return SOME if older else NOTHING


def _rotated(desk: Desk, name: str, *, is_dry: bool, is_json: bool) -> Counter[str]:
    """How many values older keys still seal, by key; rows that were lost count for all of them."""
    runtime, line = desk.runtime(name), MovingLine()
    older = Counter[str]()

    def show(table: str, seen: int, total: int) -> None:
        line.show_share(seen, total, f"{name}.{table}: {seen}/{total}")

    tables = desk.service(name).tables()
    try:
        for done in rotate(runtime, tables, operator(), is_dry=is_dry, progress=show):
            line.end()
            line = MovingLine()
            _tell(name, done, is_json=is_json)
            if is_dry or done.lost:
                older.update(done.keys)
    except KeyError as error:
        text = f"{name}: key {error} sealed something and is not in OTSP_PII_KEYS; put it back"
        raise CannotDo(text) from error
    del older[runtime.cipher.current]
    return older


def _tell(name: str, done: Rotation, *, is_json: bool) -> None:
    row = {
        "service": name,
        "table": done.table,
        "keys": dict(sorted(done.keys.items())),
        "rows_resealed": done.resealed,
        "rows_lost": done.lost,
    }
    keys = ", ".join(f"{count} by {key}" for key, count in sorted(done.keys.items())) or "none"
    lost = f", {done.lost} changed meanwhile" if done.lost else ""
    line = f"{name}.{done.table}: sealed values found: {keys}; {done.resealed} rows anew{lost}"
    put(row, is_json=is_json, line=line)


def _tell_older(older: Counter[str], *, is_dry: bool) -> None:
    keys = ", ".join(f"{key} ({count})" for key, count in sorted(older.items()))
    what = "run without --dry-run" if is_dry else "run again: rows changed while they were read"
    note(f"still needed: {keys}; {what}")
