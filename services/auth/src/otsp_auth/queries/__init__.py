"""The reads of accounts, sessions and authorities."""
