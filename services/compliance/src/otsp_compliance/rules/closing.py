"""What an institution that wants to close has typed; everything else comes from its snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The typed part of a deregistration application."""

    reason: str | None = None
    unrefunded_fen: int | None = None
    unpaid_wages_fen: int | None = None
    settlement_report_file_id: str | None = None
    notice_published_on: date | None = None
    deregistration_proof_file_id: str | None = None
    archive_keeper: str | None = None

    @classmethod
    def of(cls, typed: Mapping[str, Any]) -> Self:
        """From the JSON that was typed."""
        announced = typed.get("notice_published_on")
        day = date.fromisoformat(announced) if announced else None
        return cls(**{**typed, "notice_published_on": day})
