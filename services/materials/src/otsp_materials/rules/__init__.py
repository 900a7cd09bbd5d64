"""Decisions about materials, on plain data: what is refused, what is doubted, what comes next."""
