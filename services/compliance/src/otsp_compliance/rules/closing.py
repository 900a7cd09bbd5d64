"""What an institution that wants to close has typed; everything else comes from its snapshot."""

from dataclasses import dataclass
from datetime import date


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
