"""Gathers the four sections of an institution: asks, receives, asks again, gives up.

Lock order: the application, then its gathering.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, func, select, update

from otsp_chassis import clock, log
from otsp_chassis.audit_hook import note_change
from otsp_chassis.canonical import Packed, proved_bytes
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_compliance.commands import rounds
from otsp_compliance.commands.judging import judge, store_raw_parts
from otsp_compliance.commands.submission import advance, conclude, fail_gathering
from otsp_compliance.model import (
    Application,
    Deregistration,
    Document,
    GatheredSection,
    Gathering,
)
from otsp_compliance.model.gathering import RUNNING
from otsp_compliance.rules.states import DEREGISTRATION, Action, State
from otsp_compliance.settings import current_settings
from otsp_contracts.compliance import SnapshotRequested
from otsp_contracts.snapshots import SECTIONS
from otsp_contracts.snapshots.provided import SectionProvided

_log = log.get_logger()


class UnaskedSection(ValueError):
    """A section of an institution or of a kind that the request did not ask for."""


# Made once: they run for every section that arrives.
_THIS = Gathering.request_id == bindparam("request_id")
_OF_APPLICATION = (
    select(Gathering, Application)
    .join(Application, Gathering.application_id == Application.application_id)
    .where(_THIS)
    .with_for_update(of=(Application, Gathering))
    .execution_options(populate_existing=True)
)
_OF_SELF_CHECK = (
    select(Gathering).where(_THIS).with_for_update().execution_options(populate_existing=True)
)
_SECTIONS = (
    select(GatheredSection)
    .where(GatheredSection.request_id == bindparam("request_id"))
    .order_by(GatheredSection.section)
)
_SECTION = cast("Table", GatheredSection.__table__)
_OTHERS = _SECTION.alias("other")
_TAKE = (
    update(_SECTION)
    .where(
        _SECTION.c.request_id == bindparam("of_request"),
        _SECTION.c.section == bindparam("this_section"),
        _SECTION.c.received_at.is_(None),
    )
    .returning(
        select(func.count())
        .where(
            _OTHERS.c.request_id == bindparam("of_request"),
            _OTHERS.c.section != bindparam("this_section"),
            _OTHERS.c.received_at.is_(None),
        )
        .scalar_subquery()
    )
)


@dataclass(frozen=True, slots=True)
class _Held:
    """A locked gathering, and the application that it serves."""

    gathering: Gathering
    application: Application | None


def begin(
    tx: Tx,
    request_id: UUID,
    *,
    institution_id: UUID,
    as_of: date,
    application: Application | None = None,
    closing: Document | None = None,
) -> None:
    """Ask the owners for their sections: of an application, or of a self-check.

    A deregistration is judged with what is typed of the closing by now.
    """
    if application is not None and application.kind == DEREGISTRATION:
        closing = tx.get_one(Deregistration, application.application_id).closing
    now = clock.now()
    gathering = Gathering(
        request_id=request_id,
        institution_id=institution_id,
        application_id=application and application.application_id,
        application_kind=application and application.kind,
        as_of=as_of,
        state=RUNNING,
        began_at=now,
        asked_at=now,
        closing=closing,
    )
    tx.add(gathering)
    tx.flush()  # its sections refer to it
    tx.add_all(
        GatheredSection(request_id=gathering.request_id, section=section) for section in SECTIONS
    )
    _ask(tx, gathering, application, sections=tuple(SECTIONS))


def receive_section(tx: Tx, provided: SectionProvided) -> None:
    """Take in one section; the last one seals and judges in this same transaction.

    One that comes twice, or after the gathering ended, changes nothing.
    """
    held = _hold(tx, provided.request_id)
    if held is None:
        _log.warning("section_of_unknown_request", request_id=str(provided.request_id))
        return
    gathering, application = held.gathering, held.application
    if provided.institution_id != gathering.institution_id or provided.section not in SECTIONS:
        raise UnaskedSection
    if not gathering.is_running:
        return
    missing = _take(tx, provided)
    if missing is None:
        return
    raw = proved_bytes(Packed(provided.sha256, provided.encoding, provided.data))
    SECTIONS[provided.section].model_validate_json(raw)
    store_raw_parts(tx, gathering, {provided.section: raw})
    if application is not None and application.state == State.LOCKING:
        advance(tx, application, Action.GATHER)
    if missing == 0:
        _judge(tx, held)


def _take(tx: Tx, provided: SectionProvided) -> int | None:
    """How many are still missing after this one; None when it was received before."""
    note_change(tx)
    taken = {
        "of_request": provided.request_id,
        "this_section": provided.section,
        "sha256": provided.sha256,
        "section_version": provided.version,
        "received_at": clock.now(),
    }
    missing: int | None = tx.connection().execute(_TAKE, taken).scalar()
    return missing


def chase(tx: Tx, request_id: UUID) -> None:
    """Ask again for what is late, or give up when the last deadline has passed."""
    held = _hold(tx, request_id)
    if held is None or not held.gathering.is_running:
        return
    gathering, settings, now = held.gathering, current_settings(), clock.now()
    missing = [name for name, one in _sections(tx, gathering).items() if one.received_at is None]
    if now >= gathering.began_at + timedelta(seconds=settings.gathering_seconds):
        _give_up(tx, held, missing=missing, at=now)
    elif gathering.repeats < settings.section_repeats:
        gathering.repeats += 1
        gathering.asked_at = now
        _ask(tx, gathering, held.application, sections=tuple(missing))
        _log.warning("sections_asked_again", request_id=str(request_id), sections=missing)


def _hold(tx: Tx, request_id: UUID) -> _Held | None:
    this = {"request_id": request_id}
    both = tx.execute(_OF_APPLICATION, this).one_or_none()
    if both is not None:
        return _Held(*both)
    gathering = tx.scalars(_OF_SELF_CHECK, this).one_or_none()
    return None if gathering is None else _Held(gathering, None)


def _sections(tx: Tx, gathering: Gathering) -> dict[str, GatheredSection]:
    rows = tx.scalars(_SECTIONS, {"request_id": gathering.request_id})
    return {row.section: row for row in rows}


def _ask(
    tx: Tx, gathering: Gathering, application: Application | None, *, sections: tuple[str, ...]
) -> None:
    publish(tx, request_for(gathering, application, sections))


def request_for(
    gathering: Gathering, application: Application | None, sections: tuple[str, ...]
) -> SnapshotRequested:
    """What its owners are asked. They lock first, when it is for an application."""
    return SnapshotRequested(
        request_id=gathering.request_id,
        institution_id=gathering.institution_id,
        purpose=gathering.purpose,
        application_id=gathering.application_id,
        application_kind=gathering.application_kind,
        as_of=gathering.as_of,
        sections=sections,
        version=application.version if application is not None else 0,
    )


def _judge(tx: Tx, held: _Held) -> None:
    application = held.application
    if application is None:
        judge(tx, held.gathering, {})
        return
    advance(tx, application, Action.SEAL)
    is_under_review = rounds.is_under_review(application)
    judgement = judge(
        tx, held.gathering, application.exceptions, is_first_round=not is_under_review
    )
    if is_under_review:
        rounds.conclude(tx, application, judgement)
    else:
        conclude(tx, application, judgement)


def _give_up(tx: Tx, held: _Held, *, missing: list[str], at: datetime) -> None:
    held.gathering.fail(missing, at)
    _log.warning("gathering_failed", request_id=str(held.gathering.request_id), sections=missing)
    if held.application is None:
        return
    if rounds.is_under_review(held.application):
        rounds.reopen_after_gathering(tx, held.application)
    else:
        fail_gathering(tx, held.application, missing)
