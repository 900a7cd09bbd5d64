"""Texts that go out after the answer: how long a carrier takes would tell who has an account.

They wait in the table of the transaction that wants them, and a worker sends them within a
second. Each is sent once at most; who gets none asks again.
"""

from datetime import timedelta

from sqlalchemy import delete, select

from otsp_auth.commands.sending import tell
from otsp_auth.model import WaitingText
from otsp_auth.settings import current_settings
from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.pii import decrypt, encrypt

_AT_ONCE = 50


def hold_text(tx: Tx, mobile: str | None, text: str) -> None:
    """None for nobody: the same row, which is dropped."""
    tx.add(
        WaitingText(
            waiting_text_id=new_id(),
            mobile=encrypt(mobile) if mobile else None,
            text=encrypt(text),
            wanted_at=clock.now(),
        )
    )


def send_waiting_texts() -> None:
    """What waited longer than a code is good is dropped too."""
    too_old = clock.now() - timedelta(minutes=current_settings().code_minutes)
    for each in _take():
        if each.mobile is not None and each.wanted_at > too_old:
            tell(decrypt(each.mobile), decrypt(each.text))


def _take() -> list[WaitingText]:
    with transaction() as tx:
        query = select(WaitingText).order_by(WaitingText.waiting_text_id).limit(_AT_ONCE)
        waiting = list(tx.scalars(query.with_for_update(skip_locked=True)))
        if waiting:
            ids = [each.waiting_text_id for each in waiting]
            tx.execute(delete(WaitingText).where(WaitingText.waiting_text_id.in_(ids)))
    return waiting
