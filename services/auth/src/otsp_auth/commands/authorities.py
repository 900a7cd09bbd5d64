"""Authorities, and what others are told of them."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_auth.commands.sessions import close_all_sessions
from otsp_auth.model import Authority
from otsp_auth.queries.account_rows import account_ids_of, reviewers_of
from otsp_auth.queries.authority_rows import AuthorityRow, find_in_charge, get_authority
from otsp_auth.rules.entry import region_above
from otsp_chassis import audit, clock
from otsp_chassis.db import Reader, Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Forbidden, Invalid, NotFound
from otsp_contracts.auth import AuthorityChanged
from otsp_contracts.values import FieldError


class AuthorityExists(Conflict):
    slug: ClassVar[str] = "authority-exists"
    title: ClassVar[str] = "The region has an authority of this department"
    detail_zh: ClassVar[str] = "该地区已有同类别的主管部门，请勿重复创建。"


class NobodyInCharge(NotFound):
    slug: ClassVar[str] = "nobody-in-charge"
    title: ClassVar[str] = "No authority is in charge of the region yet"
    detail_zh: ClassVar[str] = "该地区及其上级尚无启用的教育主管部门，请向当地教育部门咨询。"


def create_authority(principal: Principal, fields: dict[str, Any]) -> AuthorityRow:
    if principal.role != "national_admin":
        raise Forbidden("只有国家级管理员可以创建主管部门。")
    with transaction(conflicts={"uq_authority_department_region_code": AuthorityExists}) as tx:
        authority = Authority(
            authority_id=new_id(),
            name=fields["name"],
            level=fields["level"],
            department=fields["department"],
            region_code=fields["region_code"],
            parent_region_code=region_above(fields["level"], fields["region_code"]),
            is_active=True,
            contact_tel=fields.get("contact_tel"),
            address=fields.get("address"),
            office_hours=fields.get("office_hours"),
        )
        tx.add(authority)
        audit.record(
            tx,
            "auth.authority_created",
            object_type="authority",
            object_id=authority.authority_id,
            after=fields,
        )
        told = tell_changed(tx, authority.authority_id, actor=principal.account_id)
        _tell_children(tx, authority, actor=principal.account_id)
        return told


def replace_authority(
    principal: Principal, authority_id: UUID, *, fields: dict[str, Any], if_match: int | None
) -> AuthorityRow:
    """Its name, contact data, and whether it is in use; an inactive one has no sessions.

    Its people stay with it, so that activating it again gives them back what they had.
    """
    with transaction() as tx:
        authority = tx.get(Authority, authority_id, with_for_update=True)
        if authority is None:
            raise NotFound
        _require_may_replace(principal, authority, fields)
        require_version(authority.version, if_match)
        _require_reason(authority, fields)
        before = _entered(authority)
        authority.name, authority.is_active = fields["name"], fields["active"]
        authority.contact_tel, authority.address = fields["contact_tel"], fields["address"]
        authority.office_hours = fields["office_hours"]
        if not authority.is_active:
            for account_id in account_ids_of(tx, authority_id):
                close_all_sessions(tx, account_id)
        audit.record(
            tx,
            "auth.authority_replaced",
            object_type="authority",
            object_id=authority_id,
            before=before,
            after=_entered(authority),
            reason=fields.get("reason"),
        )
        return tell_changed(tx, authority_id, actor=principal.account_id)


def require_in_charge(tx: Reader, region_code: str, delivery: str) -> AuthorityRow:
    """Who answers questions about accounts there, and recovers them (decision D25)."""
    found = find_in_charge(tx, region_code, delivery)
    if found is None:
        raise NobodyInCharge
    return found


def touch(authority: Authority) -> None:
    """What is told of it changed though no column did: its people, or its superior."""
    authority.updated_at = clock.now()


def require_active(tx: Tx, authority_id: UUID, *, may_rest: bool = False) -> Authority:
    """Locked, so that its people are counted one by one. `may_rest`: an inactive one will do."""
    authority = tx.get(Authority, authority_id, with_for_update=True)
    if authority is None or not (authority.is_active or may_rest):
        detail = "没有这个主管部门，或其已停用。"
        raise Invalid(errors=[FieldError("/authority_id", "unknown_authority", detail)])
    return authority


def tell_people_changed(tx: Tx, authority_id: UUID, *, actor: UUID | None) -> None:
    """What is told of it changed though no column did: its people."""
    touch(require_active(tx, authority_id, may_rest=True))
    tell_changed(tx, authority_id, actor=actor)


def tell_changed(tx: Tx, authority_id: UUID, *, actor: UUID | None) -> AuthorityRow:
    """Publish the authority as it now is."""
    tx.flush()
    now = get_authority(tx, authority_id)
    publish(tx, as_told(tx, now, actor=actor))
    return now


def as_told(tx: Reader, now: AuthorityRow, *, actor: UUID | None = None) -> AuthorityChanged:
    """What others keep of it."""
    return AuthorityChanged(
        authority_id=now.authority_id,
        version=now.version,
        actor=actor,
        name=now.name,
        level=now.level,
        department=now.department,
        region_code=now.region_code,
        parent_authority_id=now.parent_authority_id,
        active=now.active,
        reviewer_count=now.reviewer_count,
        reviewer_ids=tuple(reviewers_of(tx, now.authority_id)),
    )


def _tell_children(tx: Tx, authority: Authority, *, actor: UUID) -> None:
    """Those entered before their superior: who it is has changed with its entry."""
    children = select(Authority).where(
        Authority.department == authority.department,
        Authority.parent_region_code == authority.region_code,
    )
    for child in tx.scalars(children.order_by(Authority.authority_id).with_for_update()):
        touch(child)
        tell_changed(tx, child.authority_id, actor=actor)


def _require_may_replace(
    principal: Principal, authority: Authority, fields: dict[str, Any]
) -> None:
    if principal.role == "national_admin":
        return
    if principal.authority is None or principal.authority.authority_id != authority.authority_id:
        raise Forbidden("只能修改本部门的联系信息。")
    if (fields["name"], fields["active"]) != (authority.name, authority.is_active):
        raise Forbidden("名称和启用状态只能由国家级管理员修改。")


def _require_reason(authority: Authority, fields: dict[str, Any]) -> None:
    if fields["active"] != authority.is_active and not fields.get("reason"):
        detail = "停用或启用主管部门时，请说明原因。"
        raise Invalid(errors=[FieldError("/reason", "required", detail)])


def _entered(authority: Authority) -> dict[str, Any]:
    names = ("name", "is_active", "contact_tel", "address", "office_hours")
    return {name: getattr(authority, name) for name in names}
