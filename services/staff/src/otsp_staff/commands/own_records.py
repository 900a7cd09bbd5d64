"""The desk for persons of whom an institution entered data (decision D34).

Whoever asks has proven a mobile to auth, and types the number of identity with every question:
both must be those of the entry. A stranger, a mistyped number and another mobile are answered
alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import orjson

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.pii import blind_index, encrypt
from otsp_chassis.problems import Conflict, Forbidden, NotFound
from otsp_chassis.workcalendar import kept_calendar
from otsp_contracts.staff import CorrectionRequested
from otsp_staff.model import CalendarRef, CorrectionRequest, Staff
from otsp_staff.queries.corrections import CorrectionView, get_correction
from otsp_staff.queries.own_records import OwnRecord, find_people, record_of
from otsp_staff.rules.corrections import ANSWERED_WITHIN
from otsp_staff.rules.fields import clean_number, kind_of_id


class CorrectionWaits(Conflict):
    slug: ClassVar[str] = "correction-waits"
    title: ClassVar[str] = "A correction request of this entry waits for its answer"
    detail_zh: ClassVar[str] = "该条信息已有更正申请正在等待机构答复，答复后可再次申请。"


def find_own_records(principal: Principal, number: Mapping[str, Any]) -> list[OwnRecord]:
    """Everything that is held; each entry that is told leaves a trace of its own."""
    with transaction() as tx:
        records = [record_of(tx, person) for person in _people(tx, principal, number)]
        for record in records:
            audit.record(
                tx,
                "staff.told_to_data_subject",
                object_type="staff",
                object_id=record.staff_id,
                institution_id=record.institution_id,
                pii_fields=[each.pointer.removeprefix("/") for each in record.fields],
            )
        return records


def ask_for_correction(
    principal: Principal,
    staff_id: UUID,
    *,
    number: Mapping[str, Any],
    items: Sequence[Mapping[str, str]],
    explanation: str | None,
) -> CorrectionView:
    """The institution has fifteen working days. One request of an entry waits at a time."""
    with transaction(conflicts={"uq_correction_request_open": CorrectionWaits}) as tx:
        person = _entry(_people(tx, principal, number), staff_id)
        due_on = kept_calendar(tx, CalendarRef).add_working_days(clock.today(), ANSWERED_WITHIN)
        asked = {"items": [dict(item) for item in items], "explanation": explanation}
        request = CorrectionRequest(
            request_id=new_id(),
            staff_id=staff_id,
            institution_id=person.institution_id,
            state="open",
            asked_at=clock.now(),
            due_on=due_on,
            asked_sealed=encrypt(orjson.dumps(asked).decode()),
        )
        tx.add(request)
        tx.flush()
        _tell(tx, request)
        return get_correction(tx, request.request_id)


def _tell(tx: Tx, request: CorrectionRequest) -> None:
    publish(
        tx,
        CorrectionRequested(
            request_id=request.request_id,
            institution_id=request.institution_id,
            staff_id=request.staff_id,
            version=request.version,
            to_state=request.state,
            due_on=request.due_on,
        ),
    )
    audit.record(
        tx,
        "staff.correction_requested",
        object_type="staff",
        object_id=request.staff_id,
        institution_id=request.institution_id,
    )


def _entry(people: Sequence[Staff], staff_id: UUID) -> Staff:
    for person in people:
        if person.staff_id == staff_id and person.deleted_at is None:
            return person
    raise NotFound


def _people(tx: Tx, principal: Principal, number: Mapping[str, Any]) -> list[Staff]:
    if principal.mobile_index is None:
        raise Forbidden
    index = blind_index(clean_number(kind_of_id(number), number["id_no"]))
    return find_people(tx, id_index=index, mobile_index=principal.mobile_index)
