"""Compliance: gathers an institution's data, judges them, and keeps the cases of authorities."""
