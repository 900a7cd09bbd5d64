"""What an account's owner is told of a change that stands, whether the message goes out or not."""

from otsp_auth.commands.sending import NotSent, send_mail, tell
from otsp_auth.model import Account
from otsp_auth.rules.wording import Wording
from otsp_chassis.log import get_logger
from otsp_chassis.pii import decrypt

_log = get_logger()


def tell_owner(account: Account, wording: Wording) -> None:
    """By text; who has no mobile is told by mail."""
    if account.mobile is not None:
        tell(decrypt(account.mobile), wording.text)
    elif account.email is not None and account.email_verified_at is not None:
        tell_address(decrypt(account.email), wording)


def tell_address(address: str, wording: Wording) -> None:
    try:
        send_mail(address, wording)
    except NotSent:
        _log.warning("owner_not_told")
