"""Writes of an institution's parts: those it has once, and those it has any number of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict, NotFound, StaleVersion
from otsp_chassis.removals import require_restorable
from otsp_institution.commands.approval import require_application
from otsp_institution.commands.changes import record_part
from otsp_institution.commands.charges import require_charging, tell_fee_item
from otsp_institution.commands.entry import (
    Fields,
    entered_names,
    fill,
    open_for_write,
    require_files,
    values_of,
)
from otsp_institution.commands.registry import profile_of, tell_profile
from otsp_institution.model import (
    AuditReport,
    BasicAccount,
    Certificate,
    FeeItem,
    FormerLicence,
    Institution,
    Item,
    OtherDoc,
    Party,
    SchoolLicence,
    ServiceContract,
    Sheet,
    Supervision,
)
from otsp_institution.queries.parts import get_part
from otsp_institution.rules import major, rows

Row = TypeVar("Row", bound=rows.Part)


class PrimaryCertificateExists(Conflict):
    slug: ClassVar[str] = "institution-primary-certificate-exists"
    title: ClassVar[str] = "There is a primary certificate already"
    detail_zh: ClassVar[str] = "已有主要证照；请先取消原证照的主要标记，再将本证照设为主要证照。"


class AuditReportExists(Conflict):
    slug: ClassVar[str] = "institution-audit-report-exists"
    title: ClassVar[str] = "There is a report of this year already"
    detail_zh: ClassVar[str] = "该年度的审计报告已存在，请修改原报告或先将其删除。"


@dataclass(frozen=True, slots=True)
class SheetKind(Generic[Row]):
    """A part that there is one of: its table, how it is told, what locks it, and its name in a
    notice that opens it.
    """

    entity: type[Sheet]
    row: type[Row]
    scope: str
    part: str


@dataclass(frozen=True, slots=True)
class ItemKind(Generic[Row]):
    """A part that there are any number of; of those alike in `only_one` at most one."""

    entity: type[Item]
    row: type[Row]
    key: str
    scope: str
    part: str
    only_one: tuple[str, type[Conflict]] | None = None


LICENCE = SheetKind(SchoolLicence, rows.LicenceRow, "institution", "licence")
PARTY = SheetKind(Party, rows.PartyRow, "institution", "party")
SUPERVISION = SheetKind(Supervision, rows.SupervisionRow, "funds", "supervision")
BASIC_ACCOUNT = SheetKind(BasicAccount, rows.BasicAccountRow, "funds", "basic_account")
CONTRACT = SheetKind(ServiceContract, rows.ContractRow, "funds", "contract")
CERTIFICATE = ItemKind(
    Certificate,
    rows.CertificateRow,
    "certificate_id",
    "institution",
    "certificates",
    ("is_primary", PrimaryCertificateExists),
)
OTHER_DOC = ItemKind(OtherDoc, rows.OtherDocRow, "doc_id", "institution", "other_docs")
AUDIT_REPORT = ItemKind(
    AuditReport,
    rows.AuditReportRow,
    "audit_report_id",
    "funds",
    "audit_reports",
    ("year", AuditReportExists),
)
FEE_ITEM = ItemKind(FeeItem, rows.FeeItemRow, "fee_item_id", "funds", "fee_items")


def record_sheet(
    principal: Principal,
    institution_id: UUID,
    kind: SheetKind[Row],
    *,
    fields: Fields,
    if_match: int | None,
) -> Row:
    """Enter a part for the first time, or replace it as a whole.

    The institution is locked first, so that of two first entries the later one finds the other.
    """
    principal.require_own(institution_id)
    with transaction() as tx:
        institution = open_for_write(tx, institution_id, kind.scope, part=kind.part)
        require_files(tx, institution_id, fields)
        sheet = tx.get(kind.entity, institution_id)
        before = None
        if sheet is not None:
            require_version(sheet.version, if_match)
            before = values_of(sheet, entered_names(kind.entity))
        elif if_match is not None:
            raise StaleVersion
        else:
            sheet = kind.entity(institution_id=institution_id)
            tx.add(sheet)
        fill(sheet, fields, entered_names(kind.entity))
        _require_application(institution, sheet, before)
        _keep_former(tx, sheet, before)
        _record(tx, sheet, "recorded", object_id=institution_id, before=before)
        profile = profile_of(institution)
        _follow_licence(institution, sheet)
        tell_profile(tx, institution, profile, actor=principal.account_id)
        return get_part(tx, kind.row, institution_id)


def replace_columns(
    tx: Tx,
    kind: type[Sheet],
    institution_id: UUID,
    *,
    columns: Mapping[str, Any],
    actor: UUID | None,
) -> None:
    """Some columns of a part, by a decision from elsewhere; recorded as any write is.

    The caller tells the profile, of which what a licence covers is a part.
    """
    sheet = tx.get(kind, institution_id)
    before = None
    if sheet is None:
        sheet = kind(institution_id=institution_id)
        tx.add(sheet)
    else:
        before = values_of(sheet, entered_names(kind))
    for name, value in columns.items():
        setattr(sheet, name, value)
    _keep_former(tx, sheet, before)
    _follow_licence(tx.get_one(Institution, institution_id), sheet)
    _record(tx, sheet, "recorded", object_id=institution_id, before=before, actor=actor)


def add_item(
    principal: Principal, institution_id: UUID, kind: ItemKind[Row], *, fields: Fields
) -> Row:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, kind.scope, part=kind.part)
        require_files(tx, institution_id, fields)
        item_id = new_id()
        item = kind.entity(institution_id=institution_id, **{kind.key: item_id})
        fill(item, fields, entered_names(kind.entity))
        _refuse_rival(tx, kind, item)
        tx.add(item)
        _record(tx, item, "added", object_id=item_id)
        return get_part(tx, kind.row, institution_id, row_id=item_id)


def replace_item(
    principal: Principal,
    institution_id: UUID,
    kind: ItemKind[Row],
    *,
    item_id: UUID,
    fields: Fields,
    if_match: int | None,
) -> Row:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, kind.scope, part=kind.part, object_id=item_id)
        item = _get_item(tx, kind, institution_id, item_id=item_id)
        require_version(item.version, if_match)
        require_files(tx, institution_id, fields)
        before = values_of(item, entered_names(kind.entity))
        fill(item, fields, entered_names(kind.entity))
        _refuse_rival(tx, kind, item)
        _record(tx, item, "changed", object_id=item_id, before=before)
        return get_part(tx, kind.row, institution_id, row_id=item_id)


def remove_item(
    principal: Principal,
    institution_id: UUID,
    kind: ItemKind[Row],
    *,
    item_id: UUID,
    if_match: int | None,
) -> None:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, kind.scope, part=kind.part, object_id=item_id)
        item = _get_item(tx, kind, institution_id, item_id=item_id)
        require_version(item.version, if_match)
        before = values_of(item, entered_names(kind.entity))
        item.delete()
        _record(tx, item, "removed", object_id=item_id, before=before)


def restore_item(
    principal: Principal, institution_id: UUID, kind: ItemKind[Row], *, item_id: UUID
) -> Row:
    """Undo a removal of today; raises NotRemoved, RestorationOver, or what an addition would."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, kind.scope, part=kind.part, object_id=item_id)
        item = tx.get(kind.entity, item_id)
        if item is None or item.institution_id != institution_id:
            raise NotFound
        require_restorable(item.deleted_at)
        item.restore()
        _refuse_rival(tx, kind, item)
        _record(tx, item, "restored", object_id=item_id)
        return get_part(tx, kind.row, institution_id, row_id=item_id)


def _refuse_rival(tx: Tx, kind: ItemKind[Row], item: Item) -> None:
    """Nobody enters another one meanwhile: the institution is locked."""
    if kind.only_one is None:
        return
    name, taken = kind.only_one
    columns, value = kind.entity.__table__.columns, getattr(item, name)
    rival = select(columns[kind.key]).where(
        columns["institution_id"] == item.institution_id,
        columns[name] == value,
        columns["deleted_at"].is_(None),
        columns[kind.key] != getattr(item, kind.key),
    )
    with tx.no_autoflush:
        rival_id = tx.scalar(rival) if value else None
        if rival_id is not None:
            raise taken(conflicting=get_part(tx, kind.row, item.institution_id, row_id=rival_id))


def _get_item(tx: Tx, kind: ItemKind[Row], institution_id: UUID, *, item_id: UUID) -> Item:
    item = tx.get(kind.entity, item_id)
    if item is None or item.institution_id != institution_id or item.deleted_at is not None:
        raise NotFound
    return item


def _require_application(
    institution: Institution, sheet: Sheet, before: Mapping[str, Any] | None
) -> None:
    part = major.PARTS.get(sheet.__tablename__)
    if part is not None:
        after = values_of(sheet, part.columns)
        require_application(institution, part, before=before, after=after)


def _keep_former(tx: Tx, sheet: Sheet, before: Mapping[str, Any] | None) -> None:
    """Another document took the place of one: what that one said stays on record."""
    if before is None or not isinstance(sheet, SchoolLicence):
        return
    if sheet.is_another(before["licence_no"], before["valid_from"]):
        tx.add(
            FormerLicence(
                former_licence_id=new_id(),
                institution_id=sheet.institution_id,
                replaced_on=clock.today(),
                **before,
            )
        )


def _follow_licence(institution: Institution, sheet: Sheet) -> None:
    if isinstance(sheet, SchoolLicence):
        institution.licence_delivery = sheet.delivery_covered


def _record(
    tx: Tx,
    part: Sheet | Item,
    verb: str,
    *,
    object_id: UUID,
    before: Mapping[str, Any] | None = None,
    actor: UUID | None = None,
) -> None:
    """In the trail and in the history; `actor` where an event tells who decided."""
    tx.flush()  # the history names the version that the change has given the part
    table = part.__tablename__
    if isinstance(part, FeeItem) and verb != "removed":
        require_charging(tx, part, before=before)
    after = None if verb == "removed" else values_of(part, entered_names(type(part)))
    record_part(tx, part, object_id, before=before, after=after, actor=actor)
    if isinstance(part, FeeItem):
        tell_fee_item(tx, part, before=before)
    audit.record(
        tx,
        f"institution.{table}_{verb}",
        object_type=table,
        object_id=object_id,
        institution_id=part.institution_id,
        before=before,
        after=after,
    )
