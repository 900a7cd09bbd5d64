"""Decisions about sites, systems, courses and classes, on plain data."""
