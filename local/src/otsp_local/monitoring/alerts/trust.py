"""What others rely on as proof: the audit trail, receipts, the transparency log, keys."""

from __future__ import annotations

from otsp_local.monitoring.model import Alert, Group, Place

_BOARD = "otsp-overview"
_RECEIPTS = Place(_BOARD, "Receipts shown to us")

GROUP = Group(
    "otsp-trust",
    [
        Alert(
            name="AuditSealingStalled",
            severity="ticket",
            expr="max by (service) (otsp_audit_oldest_unsealed_age_seconds) > 60",
            wait="5m",
            summary="The audit trail of {{ $labels.service }} is not being sealed",
            description=(
                "The oldest entry without a seal is {{ $value | humanizeDuration }} old; it could "
                "be changed unnoticed."
            ),
            place=Place(_BOARD, "Audit trail, oldest unsealed"),
        ),
        Alert(
            name="ReceiptsNotSigned",
            severity="page",
            expr="sum(increase(otsp_receipts_not_signed_total[10m])) > 0",
            wait="0m",
            summary="Receipts cannot be signed: filing and deciding answer 503",
            description="The signing key cannot be read, or the published keys do not verify it.",
            place=Place(_BOARD, "Receipts issued"),
        ),
        Alert(
            name="ReceiptForged",
            severity="page",
            expr='sum(increase(otsp_receipt_verifications_total{verdict="unknown"}[1h])) > 0',
            wait="0m",
            summary="Somebody showed a receipt signed with our key that we never issued",
            description="Somebody has the signing key, or a database was restored to before it.",
            place=_RECEIPTS,
        ),
        Alert(
            name="ReceiptVerificationFailed",
            severity="ticket",
            expr='sum(increase(otsp_receipt_verifications_total{verdict="changed"}[1h])) > 10',
            wait="0m",
            summary="{{ $value | humanize }} receipts within an hour did not hold",
            description="Forgeries go round, or a key was taken out of the published ones.",
            place=_RECEIPTS,
        ),
        Alert(
            name="SigningKeyOld",
            severity="ticket",
            expr="time() - max by (kind) (otsp_signing_key_made_timestamp) > 400 * 86400",
            wait="1h",
            summary="The key that signs {{ $labels.kind }} is over a year old",
            description="It is {{ $value | humanizeDuration }} old; keys are to be changed yearly.",
            place=Place(_BOARD, "Age of signing keys"),
        ),
        Alert(
            name="TransparencyLogUnsealed",
            severity="ticket",
            expr="max(otsp_transparency_oldest_unsealed_age_seconds) > 300",
            wait="5m",
            summary="Decisions are not getting into the transparency log",
            description="The oldest waits for {{ $value | humanizeDuration }}.",
            place=Place(_BOARD, "Transparency log"),
        ),
        Alert(
            name="TransparencyHeadMissing",
            severity="ticket",
            expr="max(otsp_transparency_head_age_days) > 1",
            wait="1h",
            summary="The transparency log has no signed head of yesterday",
            description="The last is of {{ $value }} days ago; 1 is well.",
            place=Place(_BOARD, "Transparency log"),
        ),
    ],
)
