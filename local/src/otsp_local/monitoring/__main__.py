"""`./dev export-monitoring`: rules, dashboards and the lists in docs/monitoring.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from otsp_local.environment import ROOT
from otsp_local.monitoring.dashboards import DASHBOARDS
from otsp_local.monitoring.grafana import dashboard_file
from otsp_local.monitoring.page import with_parts
from otsp_local.monitoring.rule_files import RUNBOOKS, rule_files


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev export-monitoring", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "deploy" / "monitoring", metavar="DIR")
    parser.add_argument(
        "--runbooks", default=RUNBOOKS, metavar="URL", help="where docs/runbooks is shown"
    )
    options = parser.parse_args()
    for name, text in rule_files(options.runbooks).items():
        _write(options.into / "rules" / name, text)
    for board in DASHBOARDS:
        _write(options.into / "dashboards" / f"{board.uid}.json", dashboard_file(board))
    page = ROOT / "docs" / "monitoring.md"
    page.write_text(with_parts(page.read_text(encoding="utf-8")), encoding="utf-8")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
