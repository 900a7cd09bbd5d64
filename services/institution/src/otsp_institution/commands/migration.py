"""Institutions of the two legacy platforms: entered by an import, not by themselves (§1.7).

They start as approved (§3.2) and hold their number from then on. Where two accounts were imported
for one number, the second institution waits as a draft until somebody merges the accounts.
"""

from typing import ClassVar

from sqlalchemy import or_, select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx
from otsp_chassis.problems import Conflict
from otsp_contracts.auth import AccountMigrated, AccountsMerged
from otsp_institution.commands.changes import changing
from otsp_institution.commands.claims import is_claimed
from otsp_institution.commands.entry import fill, prepare
from otsp_institution.model import Institution
from otsp_institution.rules.standing import HOLDING_USCC

_TOLD = ("name", "uscc", "region_code", "categories")


class InstitutionMigrated(Conflict):
    slug: ClassVar[str] = "institution-migrated"
    title: ClassVar[str] = "The institution has an account of a legacy platform"
    detail_zh: ClassVar[str] = (
        "该机构在原平台已有账号，无需重新注册：请使用原平台的账号和密码登录并激活。"
        "忘记密码或有多个原平台账号的，请联系住所地区域管理员。"
    )


def admit_migrated(tx: Tx, told: AccountMigrated) -> None:
    """Told again it changes nothing."""
    institution = prepare(tx, told.institution_id)
    if institution.migrated_from is not None:
        return
    with changing(tx, institution):
        fill(institution, told.model_dump(include=set(_TOLD)), _TOLD)
        is_held = is_claimed(tx, told.uscc, but=told.institution_id)
        institution.admit_migrated(told.legacy_source, is_claimed=is_held)
        institution.entered_at = clock.now()
    _record(tx, "institution.migrated", institution)


def follow_merge(tx: Tx, told: AccountsMerged) -> None:
    """The number goes over to the institution whose account was kept.

    An institution that is not known yet is an error, tried again: its news is on its way.
    """
    merged = tx.get_one(Institution, told.merged_institution_id, with_for_update=True)
    kept = tx.get_one(Institution, told.institution_id, with_for_update=True)
    with changing(tx, merged):  # flushed: the number is free before it is claimed
        merged.give_way()
    with changing(tx, kept):
        kept.succeed()
    _record(tx, "institution.merged", merged)


def refuse_migrated(tx: Tx, institution: Institution) -> None:
    """The registration of an institution that has its account already (§2.2, last line).

    Whoever registered here holds its number as everybody does, wherever it came from.
    """
    same = or_(
        Institution.uscc == institution.uscc,
        (Institution.name == institution.name)
        & (Institution.region_code == institution.region_code),
    )
    query = select(Institution.institution_id).where(
        same,
        Institution.migrated_from.is_not(None),
        Institution.submitted_on.is_(None),
        Institution.registration_status.in_(HOLDING_USCC),
        Institution.compliance_status != "deregistered",
        Institution.institution_id != institution.institution_id,
    )
    if tx.execute(query.limit(1)).first() is not None:
        raise InstitutionMigrated


def _record(tx: Tx, action: str, institution: Institution) -> None:
    audit.record(
        tx,
        action,
        object_type="institution",
        object_id=institution.institution_id,
        institution_id=institution.institution_id,
    )
