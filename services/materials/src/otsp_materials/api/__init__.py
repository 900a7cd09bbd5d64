"""The HTTP edge of the materials service."""

from typing import Any

Body = dict[str, Any]
"""A request body: its schema knows the types."""
