"""Suspension and resumption of institutions by their authorities."""

from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_institution.api.answers import Body
from otsp_institution.commands import measures
from otsp_institution.model.measures import RESUMPTION, SUSPENSION
from otsp_institution.queries import measures as queries


def suspend(institution_id: str, principal: Principal, body: Body) -> Answer:
    return _ordered(institution_id, principal, body, kind=SUSPENSION)


def resume(institution_id: str, principal: Principal, body: Body) -> Answer:
    return _ordered(institution_id, principal, body, kind=RESUMPTION)


def refuse_measure(
    institution_id: str, measure_id: str, principal: Principal, *, body: Body
) -> Answer:
    view = measures.refuse(principal, UUID(institution_id), UUID(measure_id), reason=body["reason"])
    return Answer(view, version=view.version)


def list_measures(
    institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[queries.MeasureView]:
    with reading() as tx:
        return queries.list_measures(
            tx, principal, UUID(institution_id), cursor=cursor, limit=limit
        )


def _ordered(institution_id: str, principal: Principal, body: Body, *, kind: str) -> Answer:
    view = measures.order(
        principal,
        UUID(institution_id),
        measures.Ordered(kind=kind, reason=body["reason"], basis_doc=body.get("basis_doc")),
    )
    return Answer(view, 201, version=view.version)
