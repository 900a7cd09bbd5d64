"""Files deregistrations (注销): by the institution, or by the authority after a revocation."""

from dataclasses import dataclass, field
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Forbidden, Invalid, NotFound
from otsp_compliance.commands import submission
from otsp_compliance.commands.decisions import withdraw_case
from otsp_compliance.commands.files import require_files
from otsp_compliance.commands.filing import (
    ApplicationOpen,
    NewApplication,
    RegistrationNotApproved,
    enter,
    find_open,
    gather,
    refuse_over,
)
from otsp_compliance.model import Application, Deregistration, InstitutionRef
from otsp_compliance.queries.applications import ApplicationView
from otsp_compliance.queries.standing import find_standing, open_application
from otsp_compliance.queries.visibility import require_authority
from otsp_compliance.rules.closing import PAPERS, Closing
from otsp_compliance.rules.standing import obstacles_to_closing
from otsp_compliance.rules.states import DEREGISTRATION
from otsp_contracts.values import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeregistration:
    """What an institution files. `withdraw_open`: it takes back an application that is open."""

    institution_id: UUID
    closing: Closing
    acknowledged_warnings: list[str] = field(default_factory=list)
    exceptions: dict[str, str] = field(default_factory=dict)
    withdraw_open: bool = False


def file_deregistration(principal: Principal, new: NewDeregistration) -> ApplicationView:
    """For people alone: no system of the institution ends it."""
    principal.require_own(new.institution_id)
    if principal.role != "inst_admin":
        raise Forbidden("注销申请须由机构管理员本人登录后提交。")
    with transaction(conflicts={"uq_application_open": ApplicationOpen}) as tx:
        require_papers(tx, new.institution_id, new.closing)
        institution = _require_closable(tx, principal, new)
        return _file(tx, institution, new, filed_by=principal.account_id)


def open_for_revoked(
    principal: Principal, institution_id: UUID, *, closing: Closing
) -> ApplicationView:
    """The licence was revoked (吊销): the authority closes the institution without asking it."""
    authority = require_authority(principal)
    with transaction(conflicts={"uq_application_open": ApplicationOpen}) as tx:
        institution = tx.get(InstitutionRef, institution_id)
        if institution is None:
            raise NotFound
        principal.require_jurisdiction(institution.region_code)
        _require_past("/revoked_on", closing)
        new = NewDeregistration(institution_id=institution_id, closing=closing)
        _require_nothing_open(tx, institution)
        opened_by = authority.authority_id
        return _file(tx, institution, new, filed_by=principal.account_id, opened_by=opened_by)


def _file(
    tx: Tx,
    institution: InstitutionRef,
    new: NewDeregistration,
    *,
    filed_by: UUID,
    opened_by: UUID | None = None,
) -> ApplicationView:
    filed = NewApplication(
        institution_id=new.institution_id,
        kind=DEREGISTRATION,
        acknowledged_warnings=new.acknowledged_warnings,
        exceptions=new.exceptions,
    )
    application = enter(tx, institution, filed, filed_by=filed_by)
    tx.add(
        Deregistration(
            application_id=application.application_id,
            institution_id=new.institution_id,
            closing=new.closing.typed(),
            opened_by=opened_by,
        )
    )
    tx.flush()
    return gather(tx, application)


def require_papers(tx: Tx, institution_id: UUID, closing: Closing) -> None:
    """First of all: what erases unnamed files waits for it."""
    papers = {
        f"/closing/{name}": UUID(file_id)
        for name in PAPERS
        if (file_id := getattr(closing, name)) is not None
    }
    require_files(tx, institution_id, papers)
    _require_past("/closing/stop_on", closing)
    _require_past("/closing/notice_published_on", closing)


def _require_past(pointer: str, closing: Closing) -> None:
    day = getattr(closing, pointer.rpartition("/")[2])
    if day is not None and day > clock.today():
        raise Invalid(errors=[FieldError(pointer, "in_future", "日期不能晚于今天。")])


def _require_closable(tx: Tx, principal: Principal, new: NewDeregistration) -> InstitutionRef:
    """The guard of the button 注销申请, with what to do about it."""
    institution = tx.get(InstitutionRef, new.institution_id)
    if institution is None:
        raise RegistrationNotApproved
    if new.withdraw_open:
        _withdraw_open(tx, principal, new.institution_id)
    _require_nothing_open(tx, institution)
    return institution


def _withdraw_open(tx: Tx, principal: Principal, institution_id: UUID) -> None:
    """What it applied for to go on is moot; a deregistration is not taken back by another one."""
    found = find_open(tx, institution_id)
    if found is None:
        return
    application = tx.get_one(Application, found, with_for_update=True)
    if application.kind != DEREGISTRATION:
        submission.withdraw(tx, application, actor=principal.account_id)
        withdraw_case(tx, found, actor=principal.account_id)


def _require_nothing_open(tx: Tx, institution: InstitutionRef) -> None:
    open_one = open_application(tx, institution.institution_id)
    who = find_standing(tx, institution.institution_id, open_one)
    if who is not None:
        refuse_over(obstacles_to_closing(who), open_one)
