"""The states of an institution (domain specification §3.2), as data.

An institution has two: whether its registration stands, and whether it is compliant. The second
follows the applications that compliance handles.
"""

from collections.abc import Mapping

REGISTRATION_STATES = ("draft", "submitted", "returned", "rejected", "approved")
SUBMITTABLE = frozenset({"draft", "returned", "rejected"})
HOLDING_USCC = ("submitted", "returned", "approved")
"""States in which nobody else may register the same number (decision D36)."""

REGISTRATION_AFTER: Mapping[str, str] = {
    "approved": "approved",
    "returned": "returned",
    "rejected": "rejected",
    "withdrawn": "returned",
    "lapsed": "returned",
}
"""Decision on the case → state of the registration. A case that nobody decided goes back."""

COMPLIANCE_STATES = (
    "not_applied",
    "under_review",
    "compliant",
    "returned",
    "non_compliant",
    "expired",
    "suspended",
    "change_pending",
    "deregistering",
    "deregistered",
)
SUSPENDED = "suspended"
_APPROVED = frozenset({"compliant", "change_pending"})
_HELD = _APPROVED | {SUSPENDED}
"""States in which what is on record was approved."""
_REFUSED: Mapping[str, str] = {"returned": "returned", "rejected": "non_compliant"}


def approval_stands(status: str, before: str | None) -> bool:
    """Whether an institution was approved for what is on record, and still is (§3.2).

    Of an expired one everything is judged anew before it may teach again. A suspended one teaches
    again as it was approved, so that is what must stand. `before` is the state in which the open
    application was filed.
    """
    return (before if status == "deregistering" else status) in _HELD


def compliance_under(kind: str, current: str) -> str:
    """The state while an application of this kind is open.

    Whoever is compliant stays so while a change or a renewal is judged.
    """
    if kind == "deregistration":
        return "deregistering"
    return "change_pending" if current in {"compliant", "change_pending"} else "under_review"


def compliance_after(kind: str, decision: str, before: str) -> str:
    """The state once an application is over; `before` is the state that it was filed in.

    A deregistration that was approved goes on until every service has closed the institution.
    Raises KeyError for a decision that does not exist.
    """
    if decision == "approved":
        return "deregistering" if kind == "deregistration" else "compliant"
    if decision in {"withdrawn", "lapsed"}:
        return before
    refused = _REFUSED[decision]
    keeps_approval = before in {"compliant", SUSPENDED}
    return before if keeps_approval or kind == "deregistration" else refused


def compliance_expired(status: str, before: str | None) -> tuple[str, str | None]:
    """Status, and the one that an open application was filed in, once the licence has ended.

    An application that is open goes on; what it falls back to is no longer an approval. Nobody goes
    on after a suspension with a licence that has ended.
    """
    if status in _HELD:
        return ("expired", None) if before is None else ("under_review", "expired")
    return status, "expired" if before in _HELD else before


def compliance_overturned(kind: str, *, was: str, now: str, before: str, current: str) -> str:
    """The state once the decision `was` on an application was replaced by `now`.

    Only what that decision had made is replaced: whoever was suspended, or expired, or is being
    judged anew since stays so.
    """
    if current != compliance_after(kind, was, before):
        return current
    return compliance_after(kind, now, before)


def may_be_suspended(status: str) -> bool:
    """Whoever may teach may be told to stop."""
    return status in _APPROVED


def compliance_resumed(outcome: str | None, before: str | None, *, is_filed: bool) -> str:
    """The state after a suspension: what it was, less an approval that was set aside meanwhile.

    `outcome` is how the last application ended and `before` the state that it was filed in;
    `is_filed` while another is open, which then is one that leaves the approval in force.
    """
    if outcome is not None and outcome in _REFUSED and before not in _HELD:
        return _REFUSED[outcome]
    return "change_pending" if is_filed else "compliant"
