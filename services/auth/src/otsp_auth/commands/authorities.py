"""Authorities, and what others are told of them."""

from typing import Any, ClassVar
from uuid import UUID

from otsp_auth.model import Authority
from otsp_auth.queries.authority_rows import AuthorityRow, get_authority
from otsp_auth.rules.entry import region_above
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Forbidden
from otsp_contracts.auth import AuthorityChanged


class AuthorityExists(Conflict):
    slug: ClassVar[str] = "authority-exists"
    title: ClassVar[str] = "The region has an authority of this department"
    detail_zh: ClassVar[str] = "该地区已有同类别的主管部门，请勿重复创建。"


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
        )
        tx.add(authority)
        audit.record(
            tx,
            "auth.authority_created",
            object_type="authority",
            object_id=authority.authority_id,
            after=fields,
        )
        return tell_changed(tx, authority.authority_id, actor=principal.account_id)


def touch(authority: Authority) -> None:
    """What is told of it changed though no column did: its people."""
    authority.updated_at = clock.now()


def tell_changed(tx: Tx, authority_id: UUID, *, actor: UUID | None) -> AuthorityRow:
    """Publish the authority as it now is."""
    tx.flush()
    now = get_authority(tx, authority_id)
    publish(tx, as_told(now, actor=actor))
    return now


def as_told(now: AuthorityRow, *, actor: UUID | None = None) -> AuthorityChanged:
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
    )
