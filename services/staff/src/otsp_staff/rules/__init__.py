"""Decisions about people, on plain data: what is refused, what is doubted, who may return."""
