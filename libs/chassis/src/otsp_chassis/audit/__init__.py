"""The audit trail: written in the business transaction, chained and signed by a sealer.

`recording` is for commands, `sealing` is periodic work, `verifying` proves the trail, `reading`
tells it to auditors. What is hashed and signed stands in `chain` and `signing`; docs/audit.md.
"""

from otsp_chassis.audit.recording import record

__all__ = ["record"]
