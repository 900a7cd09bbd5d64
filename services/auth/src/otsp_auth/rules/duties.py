"""What an account must do before its session opens more than the account itself."""

from enum import StrEnum

from otsp_auth.rules.roles import scopes_of


class Duty(StrEnum):
    """Told in every answer about the account, so that a client knows where to lead its user."""

    NEW_PASSWORD = "new_password"  # noqa: S105 - the name of a duty
    PERSONAL_INFORMATION = "personal_information"
    SECOND_FACTOR = "second_factor"


ACCOUNT_ALONE = frozenset({"account:self"})
"""The scopes of a session whose account has a duty left."""


def duties_of(
    *, must_change_password: bool, must_complete_information: bool, lacks_second_factor: bool
) -> frozenset[Duty]:
    """From the account's own facts, at every use of its sessions."""
    owed = {
        Duty.NEW_PASSWORD: must_change_password,
        Duty.PERSONAL_INFORMATION: must_complete_information,
        Duty.SECOND_FACTOR: lacks_second_factor,
    }
    return frozenset(duty for duty, is_owed in owed.items() if is_owed)


def scopes_under(role: str, duties: frozenset[Duty]) -> frozenset[str]:
    """Raises KeyError for a role that does not exist."""
    return ACCOUNT_ALONE if duties else scopes_of(role)
