"""`otsp import-legacy`: accounts of the two legacy platforms, from a file (docs/accounts.md)."""
