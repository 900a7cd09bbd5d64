"""The HTTP edge of accounts, sessions and authorities."""
