"""Wrong guesses by login name: after a few of them a picture or a text must be answered too.

Names are counted whether anybody has them or not, so that nothing of an account is told by what
is asked for. The account's own count (`Account.note_failure`) locks it; that one stays unseen.
"""

from datetime import timedelta

from sqlalchemy import delete, func, select

from otsp_auth.model import LoginFailure
from otsp_auth.settings import current_settings
from otsp_chassis import clock
from otsp_chassis.db import Reader, Tx
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index
from otsp_contracts.values import Mobile

WINDOW = timedelta(hours=24)


def is_guarded(tx: Reader, username: str) -> bool:
    query = select(func.count()).where(
        LoginFailure.name_index == blind_index(normal_name(username)),
        LoginFailure.at > clock.now() - WINDOW,
    )
    return int(tx.execute(query).scalar_one()) >= current_settings().captcha_after_failures


def note_guess(tx: Tx, username: str) -> None:
    index = blind_index(normal_name(username))
    tx.add(LoginFailure(failure_id=new_id(), name_index=index, at=clock.now()))


def forget_guesses(tx: Tx, username: str) -> None:
    """After a right password."""
    index = blind_index(normal_name(username))
    tx.execute(delete(LoginFailure).where(LoginFailure.name_index == index))


def normal_name(username: str) -> str:
    """A mobile in its one form; a blind index knows no small letters."""
    return Mobile.parse(username).text if Mobile.accepts(username) else username
