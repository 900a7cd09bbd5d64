"""A texted code instead of a picture: for who cannot read one, and tells nobody who has an account.

Known and unknown names are counted, answered and charged alike; the text goes out after the answer.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from otsp_auth.commands import codes
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.codes import CodeSent, NewCode, Purpose, Recipient, TooManyTexts
from otsp_auth.commands.guesses import normal_name
from otsp_auth.commands.waiting_texts import hold_text
from otsp_auth.model import Account
from otsp_auth.queries.account_rows import Credentials, find_credentials
from otsp_auth.rules.wording import login_code
from otsp_auth.settings import current_settings
from otsp_chassis.db import Tx, transaction
from otsp_chassis.pii import decrypt
from otsp_contracts.values import Mobile

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class TextedCode:
    """What somebody read on the mobile."""

    verification_id: UUID
    code: str

    def redeem(self, tx: Tx, known: Credentials | None) -> bool:
        """Good for the account under the name that it was asked for; see `codes.redeem`."""
        return codes.redeem(
            tx,
            Purpose.LOGIN,
            sent=self.verification_id,
            code=self.code,
            account_id=known.account_id if known else None,
        )


def request_session_code(username: str) -> CodeSent:
    """Raises TooManyTexts by name alone: that another name texts the same mobile is not told."""
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.SESSION_CODE)
        known = find_credentials(tx, username)
        mobile = _mobile_of(tx, known)
        sent, is_texted = _make_code(tx, username, known=known, mobile=mobile)
        text = login_code(sent.code, current_settings().code_minutes).text
        hold_text(tx, mobile if is_texted else None, text)
        note_attempt(tx, Attempt.SESSION_CODE)
    return sent.told


def _mobile_of(tx: Tx, known: Credentials | None) -> str | None:
    wanted = known.account_id if known else _NOBODY
    found = tx.scalar(select(Account.mobile).where(Account.account_id == wanted))
    return decrypt(found) if found else None


def _make_code(
    tx: Tx, username: str, *, known: Credentials | None, mobile: str | None
) -> tuple[NewCode, bool]:
    """The code, and whether it is texted. Counted under the name, and under a mobile beside it."""
    named = Recipient.nobody(normal_name(username))
    to = Recipient.mobile(mobile) if mobile else _stand_in(named)
    account_id = known.account_id if known else None
    is_decoy = mobile is None
    if to == named:
        made = codes.make_code(tx, Purpose.LOGIN, to, account_id=account_id, is_decoy=is_decoy)
        return made, not is_decoy
    decoy = codes.make_code(tx, Purpose.LOGIN, named, account_id=account_id, is_decoy=True)
    try:
        made = codes.make_code(tx, Purpose.LOGIN, to, account_id=account_id, is_decoy=is_decoy)
    except TooManyTexts:
        return decoy, False
    return made, not is_decoy


def _stand_in(named: Recipient) -> Recipient:
    """For the mobile that an unknown name has not; a name that is a mobile needs none."""
    return named if Mobile.accepts(named.address) else Recipient.nobody(f"? {named.address}")
