"""Personal data in clear (揭示), one record at a time, for whom the masking matrix (§5.3) names.

Answers mask. The institution's own administrator sees its people's data when it asks; an authority
while a case of that institution lies with it, and says why (decision D26; PIPL articles 6 and 34:
for statutory duties, no wider than needed). Everybody else is refused before anything is looked up.

That somebody signs in again before is for the portal and auth: an identity token does not tell when
its bearer last proved who they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis import audit, clock, metrics
from otsp_chassis.context import current_runtime
from otsp_chassis.db import Reader, Tx
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.problems import Forbidden, Invalid
from otsp_contracts.values import FieldError

NEVER_STORED = {"Cache-Control": "no-store"}


class CaseRequired(Forbidden):
    slug: ClassVar[str] = "case-required"
    title: ClassVar[str] = "Only within an open case"
    detail_zh: ClassVar[str] = (
        "主管部门只能在办理该机构的事项时查看完整信息，请从正在办理的事项中进入后查看。"
    )


class CaseNotOpen(Forbidden):
    """One refusal for all: a stranger does not learn which cases there are."""

    slug: ClassVar[str] = "case-not-open"
    title: ClassVar[str] = "No open case that permits this"
    detail_zh: ClassVar[str] = (
        "该事项不是本部门正在办理的该机构事项，或不涉及所查看的信息，不能查看完整信息；"
        "请刷新事项列表，从正在办理的事项中进入后查看。"
    )


class KeptCase:
    """Mixin for `case_ref`, a copy kept from events.

    `state` is open or decided. A decided case stays: what arrives late must not open it again.
    `authority_id` is null when nobody is known to have had it.
    """

    __tablename__ = "case_ref"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    institution_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str]
    authority_id: Mapped[UUID | None]
    state: Mapped[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which fields, and on what grounds."""

    fields: tuple[str, ...]
    reason: str | None
    case_id: UUID | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        case_id = body.get("case_id")
        return cls(
            fields=tuple(body["fields"]),
            reason=body.get("reason"),
            case_id=None if case_id is None else UUID(case_id),
        )


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why it is allowed, as the trail says it."""

    institution_id: UUID
    reason: str | None


@dataclass(frozen=True, slots=True)
class Revealed:
    """Field → value, null where there is none. Its repr does not tell values."""

    values: Mapping[str, Any] = field(repr=False)
    revealed_at: datetime


def find_open_case(
    tx: Reader,
    authority: AuthorityClaim,
    *,
    institution_id: UUID,
    cases: type[KeptCase],
    kinds: frozenset[str],
) -> UUID | None:
    """The oldest case of the institution that lies with the authority now, of one of these kinds.

    What the matrix tells a reviewer in an open case is told while there is one; a read of it leaves
    an entry in the trail.
    """
    lying_here = select(cases.case_id).where(
        cases.institution_id == institution_id,
        cases.authority_id == authority.authority_id,
        cases.state == "open",
        cases.kind.in_(kinds),
    )
    return tx.execute(lying_here.order_by(cases.case_id).limit(1)).scalar()


def require_grounds(
    tx: Tx,
    principal: Principal,
    asked: Asked,
    *,
    institution_id: UUID,
    cases: type[KeptCase],
    kinds: frozenset[str],
) -> Grounds:
    """Raises OtherInstitution, CaseRequired, CaseNotOpen, or Invalid without a reason.

    `kinds` are those of the cases in which the service's data are examined. The institution names
    no case; one that it names means nothing.
    """
    if principal.authority is None:
        principal.require_own(institution_id)
        return Grounds(institution_id, asked.reason)
    if asked.case_id is None:
        raise CaseRequired
    lies_here = select(cases.case_id).where(
        cases.case_id == asked.case_id,
        cases.institution_id == institution_id,
        cases.authority_id == principal.authority.authority_id,
        cases.state == "open",
        cases.kind.in_(kinds),
    )
    if tx.execute(lies_here).first() is None:
        raise CaseNotOpen
    if asked.reason is None:
        detail = "请填写查看原因，不少于 5 个字。"
        raise Invalid(errors=[FieldError("/reason", "required", detail)])
    return Grounds(institution_id, f"事项 {asked.case_id}：{asked.reason}")


def reveal(
    tx: Tx, grounds: Grounds, values: Mapping[str, Any], *, object_type: str, object_id: UUID
) -> Revealed:
    """Into the trail go the names of the fields, the case and the reason, never a value."""
    audit.record(
        tx,
        f"{object_type}.revealed",
        object_type=object_type,
        object_id=object_id,
        institution_id=grounds.institution_id,
        reason=grounds.reason,
        pii_fields=list(values),
    )
    metrics.REVEALS.labels(current_runtime().service).inc()
    return Revealed(values, clock.now())
