"""Reads: people, with what is known of them elsewhere; the blacklist."""
