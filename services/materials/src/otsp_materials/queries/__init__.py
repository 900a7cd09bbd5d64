"""Reads: materials, exports of their list, files."""
