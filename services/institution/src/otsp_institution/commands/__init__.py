"""Writes: what an institution enters about itself, and what others decide about it."""
