"""Changes of major fields (变更事项): proposed, filed with an application, made once approved.

From its approval on, what an institution was approved for is altered by an application only. Until
that is approved the record stays as it is; the proposal beside it can be corrected or discarded.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import delete

from otsp_chassis import audit
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Conflict, NotFound, StaleVersion
from otsp_contracts.values import FieldError
from otsp_institution.commands.claims import claim_uscc
from otsp_institution.commands.entry import (
    Fields,
    entered_names,
    fill,
    open_for_write,
    require_files,
    values_of,
)
from otsp_institution.commands.parts import replace_columns
from otsp_institution.commands.registry import (
    BASIC,
    PERSONS,
    SEALED,
    enter_facts,
    profile_of,
    require_complete,
    tell_profile,
)
from otsp_institution.model import FiledChange, Institution, ProposedChange, Sheet
from otsp_institution.model.proposals import ENTITIES, Columns, columns_of
from otsp_institution.model.registry import UsccRegistered
from otsp_institution.queries.proposals import Proposed, get_proposed_change
from otsp_institution.queries.registry import find_institution
from otsp_institution.rules import major
from otsp_institution.rules.major import INSTITUTION, MajorPart
from otsp_institution.rules.rows import ProposedChangeRow

SCOPE = "institution"


class NoApprovalToChange(Conflict):
    slug: ClassVar[str] = "institution-no-approval-to-change"
    title: ClassVar[str] = "There is no approval that a change would need"
    detail_zh: ClassVar[str] = (
        "本机构目前没有生效的合规审核结论，无需提出变更：请直接在机构信息中修改，再提交合规申请。"
    )


def propose_change(
    principal: Principal,
    institution_id: UUID,
    part: MajorPart,
    *,
    fields: Fields,
    if_match: int | None,
) -> ProposedChangeRow:
    """What a part is to hold: the major fields of the body that differ from the record.

    Takes the place of what was proposed of this part before. A number of identity that the body
    does not name is the one proposed before, or else that on record.
    """
    principal.require_own(institution_id)
    with transaction(conflicts={"uq_proposed_change_uscc": UsccRegistered}) as tx:
        institution = open_for_write(tx, institution_id, SCOPE, part=part.tab)
        if not institution.has_approval:
            raise NoApprovalToChange
        require_files(tx, institution_id, fields)
        proposal = _open(tx, institution_id, if_match)
        held = _on_record(tx, institution, part)
        wanted = _entered(part, held | columns_of(proposal.parts, part.table), fields)
        taken = major.proposed_columns(part, held, wanted)
        proposal.propose(part.table, taken)
        _require_possible(tx, institution, proposal)
        _note(tx, institution, is_open=bool(proposal.parts), actor=principal.account_id)
        _record(tx, institution, "proposed", reason=part.table)
        told = get_proposed_change(tx, institution_id)
        return replace(told, warnings=list(_left_behind(held, wanted, taken)))


def discard_change(principal: Principal, institution_id: UUID, *, if_match: int | None) -> None:
    """The record stays as it is."""
    principal.require_own(institution_id)
    with transaction() as tx:
        institution = open_for_write(tx, institution_id, SCOPE)
        proposal = tx.get(ProposedChange, institution_id)
        if proposal is None:
            raise NotFound
        require_version(proposal.version, if_match)
        tx.delete(proposal)
        _note(tx, institution, is_open=False, actor=principal.account_id)
        _record(tx, institution, "discarded")


def file_change(tx: Tx, institution_id: UUID, application_id: UUID) -> Proposed:
    """What this application asks to change, fixed until it is over; asked again, as it now is."""
    institution = tx.get(Institution, institution_id)
    proposal = tx.get(ProposedChange, institution_id)
    if institution is None or institution.is_past(application_id) or proposal is None:
        return Proposed({})
    filed = tx.get(FiledChange, application_id)
    if filed is None:
        filed = FiledChange(application_id=application_id, institution_id=institution_id)
        tx.add(filed)
    filed.parts = proposal.parts
    tx.flush()  # the section is read past the session
    return Proposed.of(filed.parts)


def settle_change(
    tx: Tx, institution: Institution, application_id: UUID, *, decision: str, actor: UUID | None
) -> None:
    """Approved, what was filed goes on record; else the record stays, and so does the proposal.

    Expects to be called once an application, when it is over: within the change of its institution.
    """
    filed = tx.get(FiledChange, application_id)
    if filed is not None and decision == "approved":
        for table in filed.parts:
            _apply(tx, institution, columns_of(filed.parts, table), table=table, actor=actor)
        _drop_what_is_done(tx, institution)
        _record(tx, institution, "made", reason=str(application_id))
    past = delete(FiledChange).where(
        FiledChange.institution_id == institution.institution_id,
        FiledChange.application_id <= application_id,
    )
    tx.execute(past)


def forget_filed_change(tx: Tx, application_id: UUID) -> None:
    """Of an application that came to no review: nobody will decide on what it asked."""
    tx.execute(delete(FiledChange).where(FiledChange.application_id == application_id))


def drop_proposals(tx: Tx, institution: Institution) -> int:
    """Whoever closes proposes nothing any more, and gives up a number that it wanted.

    Expects to be called within the change of its institution; returns how many there were.
    """
    dropped = 0
    for kind in (ProposedChange, FiledChange):
        own = kind.institution_id == institution.institution_id
        dropped += len(tx.execute(delete(kind).where(own).returning(kind.institution_id)).all())
    institution.has_proposed_change = False
    return dropped


def _open(tx: Tx, institution_id: UUID, if_match: int | None) -> ProposedChange:
    proposal = tx.get(ProposedChange, institution_id)
    if proposal is not None:
        require_version(proposal.version, if_match)
        return proposal
    if if_match is not None:
        raise StaleVersion
    proposal = ProposedChange(institution_id=institution_id, parts={})
    tx.add(proposal)
    return proposal


def _on_record(tx: Tx, institution: Institution, part: MajorPart) -> Columns:
    """All columns that are entered; of a part that was never entered all are empty."""
    kind = ENTITIES[part.table]
    others = (*BASIC, *PERSONS) if part is INSTITUTION else entered_names(kind)
    names = sorted({*part.columns, *others})
    if part is INSTITUTION:
        return values_of(institution, names)
    row = tx.get(kind, institution.institution_id)
    return dict.fromkeys(names) if row is None else values_of(row, names)


def _entered(part: MajorPart, start: Columns, fields: Fields) -> Columns:
    """The columns as the body would have them, judged and sealed as in the part itself."""
    draft = ENTITIES[part.table](**start)
    if isinstance(draft, Institution):
        enter_facts(draft, fields, [name for name in BASIC if name not in SEALED])
    else:
        fill(draft, fields, entered_names(type(draft)))
    return values_of(draft, start)


def _require_possible(tx: Tx, institution: Institution, proposal: ProposedChange) -> None:
    """What the registration demands of these fields, the future ones meet too."""
    institution_id = institution.institution_id
    proposed = columns_of(proposal.parts, INSTITUTION.table)
    row = find_institution(tx, institution_id, proposed)
    if proposed and row is not None:
        require_complete(row)
    if proposal.uscc is not None:
        claim_uscc(tx, proposal.uscc, by=institution_id)


def _left_behind(held: Columns, wanted: Columns, taken: Columns) -> Iterator[FieldError]:
    """Fields that were typed and need no application."""
    for name, value in wanted.items():
        is_told = isinstance(value, str | int | date | UUID)
        if is_told and name not in taken and not major.are_same(held[name], value):
            detail = "此项不属于重大事项，不随变更申请提交：请直接在机构信息中修改。"
            yield FieldError(major.pointer_of(name), "minor_field", detail)


def _apply(
    tx: Tx, institution: Institution, columns: Columns, *, table: str, actor: UUID | None
) -> None:
    kind = ENTITIES[table]
    if issubclass(kind, Sheet):
        replace_columns(tx, kind, institution.institution_id, columns=columns, actor=actor)
        return
    for name, value in columns.items():
        setattr(institution, name, value)


def _drop_what_is_done(tx: Tx, institution: Institution) -> None:
    """Of the proposal remains what is not on record by now: somebody may have gone on with it."""
    proposal = tx.get(ProposedChange, institution.institution_id)
    if proposal is None:
        return
    for table in list(proposal.parts):
        part = major.PARTS[table]
        held = _on_record(tx, institution, part)
        wanted = held | columns_of(proposal.parts, table)
        proposal.propose(table, major.proposed_columns(part, held, wanted))
    institution.has_proposed_change = bool(proposal.parts)
    if not proposal.parts:
        tx.delete(proposal)


def _note(tx: Tx, institution: Institution, *, is_open: bool, actor: UUID) -> None:
    """Others know whether there is something to apply for."""
    before = profile_of(institution)
    institution.has_proposed_change = is_open
    tx.flush()
    tell_profile(tx, institution, before, actor=actor)


def _record(tx: Tx, institution: Institution, verb: str, *, reason: str | None = None) -> None:
    audit.record(
        tx,
        f"institution.change_{verb}",
        object_type="institution",
        object_id=institution.institution_id,
        institution_id=institution.institution_id,
        reason=reason,
    )
