"""Writes: entries of materials, their reviews, exports of their list."""
