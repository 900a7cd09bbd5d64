"""Accounts, sessions and authorities: who may do what, on whose behalf."""
