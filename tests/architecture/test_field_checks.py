"""Every check of domain specification §4.6 stands in a table, with a case kept and one broken."""

import ast

CHECKS = {f"V-{number:02d}" for number in range(1, 16)}
NOT_ENTERED = {"V-08": "sponsors:"}
"""Checks on what no contract takes yet, with the line of a contract that would take it."""


def test_every_check_is_shown_kept_and_broken(root):
    shown = {
        case
        for table in root.glob("services/*/tests/**/test_field_checks.py")
        for case in cases_of(table)
    }

    wanted = CHECKS - NOT_ENTERED.keys()
    assert shown == {(check, verdict) for check in wanted for verdict in ("kept", "broken")}


def cases_of(table):
    """The rows that begin with the number of a check and a verdict."""
    for row in ast.walk(ast.parse(table.read_text(encoding="utf-8"))):
        if isinstance(row, ast.Tuple) and len(row.elts) > 2:
            check, verdict = (getattr(one, "value", None) for one in row.elts[:2])
            if isinstance(check, str) and check.startswith("V-"):
                yield check, verdict


def test_what_is_not_checked_cannot_be_entered(root):
    for contract in root.glob("services/*/src/*/openapi.yaml"):
        lines = {line.split("{")[0].strip() for line in contract.read_text("utf-8").splitlines()}
        assert lines.isdisjoint(NOT_ENTERED.values()), contract
