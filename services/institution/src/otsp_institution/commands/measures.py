"""Suspends institutions and lets them go on (domain specification §1.8).

A reviewer proposes; a region administrator orders, which settles what was proposed, or refuses.
An open review of the institution locks nothing here: it is no change of its data.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Forbidden, NotFound, OutsideJurisdiction
from otsp_contracts.institution import MeasureOrdered
from otsp_institution.commands.changes import changing
from otsp_institution.commands.registry import profile_of, tell_profile
from otsp_institution.model import Institution, StandingMeasure
from otsp_institution.model.measures import (
    CONFIRMED,
    LAPSED,
    PROPOSED,
    REFUSED,
    RESUMPTION,
    SUSPENSION,
)
from otsp_institution.queries.measures import MeasureView, list_seats, tell_measure
from otsp_institution.rules.charge import Seat, is_in_charge

REGION_ADMIN = "region_admin"


class NotInCharge(OutsideJurisdiction):
    slug: ClassVar[str] = "institution-not-in-charge"
    title: ClassVar[str] = "The authority is not in charge of the institution"
    detail_zh: ClassVar[str] = (
        "只有负责审核该机构的主管部门或其同一系统的上级部门可以提议、决定暂停或恢复培训，"
        "请将情况告知该部门。"
    )


class MeasureProposed(Conflict):
    slug: ClassVar[str] = "institution-measure-proposed"
    title: ClassVar[str] = "A proposal waits already"
    detail_zh: ClassVar[str] = "已有一项提议待区域管理员确认，请先由其处理。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """`kind` is suspension or resumption."""

    kind: str
    reason: str
    basis_doc: str | None


def order(principal: Principal, institution_id: UUID, given: Ordered) -> MeasureView:
    """Of a reviewer it is a proposal; of a region administrator it takes effect."""
    with transaction() as tx:
        institution, authority = _hold(tx, principal, institution_id)
        if given.kind == SUSPENSION:
            institution.require_suspendable()
        else:
            institution.require_suspended()
        waiting = _find_waiting(tx, institution_id)
        if principal.role == REGION_ADMIN:
            measure = _taken_over(tx, principal, waiting, kind=given.kind)
            measure = measure or _measure(principal, authority, institution_id, given=given)
            measure.decide(CONFIRMED, on=clock.today(), by=principal.account_id)
            _take_effect(tx, principal, institution, measure=measure)
        elif waiting is not None:
            raise MeasureProposed
        else:
            measure = _measure(principal, authority, institution_id, given=given)
        tx.add(measure)
        _record(tx, measure, reason=given.reason)
        return tell_measure(tx, institution_id, measure.measure_id)


def refuse(
    principal: Principal, institution_id: UUID, measure_id: UUID, *, reason: str
) -> MeasureView:
    """The administrator follows the proposal not."""
    with transaction() as tx:
        _hold(tx, principal, institution_id)
        measure = tx.get(StandingMeasure, measure_id, with_for_update=True)
        if measure is None or measure.institution_id != institution_id:
            raise NotFound
        measure.decide(REFUSED, on=clock.today(), by=principal.account_id, reason=reason)
        _record(tx, measure, reason=reason)
        return tell_measure(tx, institution_id, measure_id)


def _hold(tx: Tx, principal: Principal, institution_id: UUID) -> tuple[Institution, AuthorityClaim]:
    """The institution's row keeps two who order at once apart."""
    institution = tx.get(Institution, institution_id, with_for_update={"key_share": True})
    if institution is None:
        raise NotFound
    if principal.authority is None:
        raise Forbidden
    principal.require_jurisdiction(institution.region_code or "")
    asking = Seat(principal.authority.department, principal.authority.level)
    if not is_in_charge(asking, list_seats(tx, institution_id)):
        raise NotInCharge
    return institution, principal.authority


def _find_waiting(tx: Tx, institution_id: UUID) -> StandingMeasure | None:
    waiting = select(StandingMeasure).where(
        StandingMeasure.institution_id == institution_id, StandingMeasure.state == PROPOSED
    )
    return tx.scalars(waiting.with_for_update()).first()


def _taken_over(
    tx: Tx, principal: Principal, waiting: StandingMeasure | None, *, kind: str
) -> StandingMeasure | None:
    """The proposal that is followed; one of the other kind is pointless from now on."""
    if waiting is None or waiting.kind == kind:
        return waiting
    waiting.decide(LAPSED, on=clock.today(), by=principal.account_id)
    _record(tx, waiting, reason=None)
    return None


def _measure(
    principal: Principal, authority: AuthorityClaim, institution_id: UUID, *, given: Ordered
) -> StandingMeasure:
    return StandingMeasure(
        measure_id=new_id(),
        institution_id=institution_id,
        kind=given.kind,
        state=PROPOSED,
        reason=given.reason,
        basis_doc=given.basis_doc,
        authority_id=authority.authority_id,
        authority_name=authority.name,
        proposed_by=principal.account_id,
        proposed_at=clock.business_now(),
    )


def _take_effect(
    tx: Tx, principal: Principal, institution: Institution, *, measure: StandingMeasure
) -> None:
    profile, before = profile_of(institution), institution.compliance_status
    with changing(tx, institution, actor=principal.account_id):
        if measure.kind == RESUMPTION:
            institution.resume()
        else:
            institution.suspend()
    tell_profile(tx, institution, profile, actor=principal.account_id)
    publish(
        tx,
        MeasureOrdered(
            institution_id=institution.institution_id,
            version=institution.version,
            actor=principal.account_id,
            from_state=before,
            to_state=institution.compliance_status,
            measure_id=measure.measure_id,
            kind=measure.kind,
            authority_id=measure.authority_id,
            ordered_on=clock.today(),
        ),
    )


def _record(tx: Tx, measure: StandingMeasure, *, reason: str | None) -> None:
    audit.record(
        tx,
        f"institution.{measure.kind}_{measure.state}",
        object_type="standing_measure",
        object_id=measure.measure_id,
        institution_id=measure.institution_id,
        after={"kind": measure.kind, "state": measure.state},
        reason=reason,
    )
