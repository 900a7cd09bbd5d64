"""Every check of domain specification §4.6 stands in a table, with a case kept and one broken."""

import ast

CHECKS = {f"V-{number:02d}" for number in range(1, 16)}
OWNERS = {
    "institution": {"V-01", "V-02", "V-03", "V-07", "V-08", "V-11", "V-13", "V-14"},
    "staff": {"V-01", "V-02", "V-09", "V-10", "V-14"},
    "materials": {"V-02", "V-12", "V-14"},
    "courses": {"V-02", "V-04", "V-05", "V-14"},
    "compliance": {"V-06", "V-13", "V-15"},
}
"""Who keeps the fields; what two owners keep is compared by compliance."""


def test_every_check_is_shown_kept_and_broken(root):
    for owner, checks in OWNERS.items():
        [table] = (root / "services" / owner).glob("tests/**/test_field_checks.py")
        expected = {(check, verdict) for check in checks for verdict in ("kept", "broken")}
        assert set(cases_of(table)) == expected, owner
    assert set().union(*OWNERS.values()) == CHECKS


def cases_of(table):
    """The rows that begin with the number of a check and a verdict."""
    for row in ast.walk(ast.parse(table.read_text(encoding="utf-8"))):
        if isinstance(row, ast.Tuple) and len(row.elts) > 2:
            check, verdict = (getattr(one, "value", None) for one in row.elts[:2])
            if isinstance(check, str) and check.startswith("V-"):
                yield check, verdict
