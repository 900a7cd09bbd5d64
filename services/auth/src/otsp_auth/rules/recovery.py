"""Who is in charge of questions about accounts, and how many must agree to a recovery."""

from collections.abc import Mapping

from otsp_auth.rules.entry import NATION
from otsp_contracts import regions

PROOF_KINDS: Mapping[str, str] = {
    "registration_certificate": "登记证照",
    "legal_rep_id": "法定代表人身份证",
    "authorisation": "授权书",
}
"""A request has one of each (domain specification §1.6)."""

MOST_UPLOADS = 9
"""For one request, replaced ones counted: whoever is not logged in fills no disk."""

OPEN_REQUESTS, OPEN_DAYS = 3, 30
"""So many requests of one USCC may be open that were made within so many days."""


def regions_in_charge(region_code: str, delivery: str) -> tuple[str, ...]:
    """The regions whose education department answers, the nearest first.

    The manual, 1.3.2: the county's for offline training, the province's for online; where it is
    missing or no longer active, the next above it.
    """
    upward = [region_code]
    while (above := regions.parent(upward[-1])) is not None:
        upward.append(above)
    return (*(upward[-1:] if delivery == "online" else upward), NATION)


def needs_two(*, is_mobile_changed: bool, compliance_status: str | None) -> bool:
    """A compliant institution's account is worth stealing: two people agree to another mobile.

    While a change is reviewed the old approval stays valid (§3.2).
    """
    return is_mobile_changed and compliance_status in {"compliant", "change_pending"}
