"""Whose mobile it is, of somebody who has no account and asks what is held of them (decision D34).

The platform's data is not asked here: every number is answered alike, and what it is good for
is for the services to match.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete

from otsp_auth.commands import codes
from otsp_auth.commands.addresses import Attempt, note_attempt, refuse_exhausted_address
from otsp_auth.commands.codes import CodeSent, Purpose, Recipient
from otsp_auth.commands.sessions import token_sha256
from otsp_auth.model import DataSubjectSession
from otsp_auth.rules import wording
from otsp_auth.rules.bearers import Kind, new_token
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id


@dataclass(frozen=True, slots=True)
class DataSubjectIdentity:
    """The token is told this once; using it does not prolong it."""

    token: str
    expires_at: datetime


def request_code(mobile: str) -> CodeSent:
    """Text a code to the number."""
    with transaction() as tx:
        refuse_exhausted_address(tx, Attempt.DATA_SUBJECT_CODE)
        made = codes.make_code(tx, Purpose.DATA_SUBJECT, Recipient.mobile(mobile))
        note_attempt(tx, Attempt.DATA_SUBJECT_CODE)
    told = wording.data_subject_code(made.code, current_settings().code_minutes)
    codes.send_codes((made, told))
    return made.told


def open_session(verification_id: UUID, code: str) -> DataSubjectIdentity:
    """The code is good once; of the number only its blind index is kept from here on."""
    codes.prove(Purpose.DATA_SUBJECT, verification_id, code)
    token = new_token(Kind.DATA_SUBJECT)
    with transaction() as tx:
        verification = codes.use(tx, Purpose.DATA_SUBJECT, verification_id)
        session = DataSubjectSession(
            session_id=new_id(),
            mobile_index=verification.address_index,
            token_sha256=token_sha256(token),
            expires_at=clock.now() + timedelta(minutes=current_settings().data_subject_minutes),
        )
        tx.add(session)
        audit.record(
            tx,
            "auth.data_subject_identified",
            object_type="data_subject_session",
            object_id=session.session_id,
        )
        return DataSubjectIdentity(token, session.expires_at)


def close_session(principal: Principal) -> None:
    with transaction() as tx:
        session_id = UUID(principal.session_id)
        tx.execute(delete(DataSubjectSession).where(DataSubjectSession.session_id == session_id))
        audit.record(
            tx,
            "auth.data_subject_left",
            object_type="data_subject_session",
            object_id=principal.session_id,
        )
