"""What an institution that wants to close says of it, in a dossier."""

from typing import Literal

from otsp_contracts.snapshots.dossier.entry import Count, Day, Entry, Text


class DossierClosing(Entry):
    """With it a self-check asks whether the institution may close, by the rules of closing."""

    reason: (
        Literal["voluntary", "converted", "revoked", "insolvent", "merged", "no_activity"] | None
    ) = None
    unrefunded_fen: Count | None = None
    unpaid_wages_fen: Count | None = None
    settlement_report_file_id: Text | None = None
    notice_published_on: Day | None = None
    deregistration_proof_file_id: Text | None = None
    archive_keeper: Text | None = None
