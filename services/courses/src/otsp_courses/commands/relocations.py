"""Sites of an approved institution move by application only (domain specification §3.2).

Until that is approved they are where they are; beside them stands where they are to be.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import delete

from otsp_chassis import audit
from otsp_chassis.copies import tell_change
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import Conflict, NotFound
from otsp_contracts.courses import RelocationProposed
from otsp_contracts.values import FieldError
from otsp_courses.commands.entry import open_for_write, own_row, replace
from otsp_courses.commands.recording import recorded
from otsp_courses.model import FiledRelocation, ProposedRelocation, Site
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.relocations import RelocationTold, get_relocation
from otsp_courses.rules.fields import Fields
from otsp_courses.rules.places import PLACE, moved
from otsp_courses.rules.rows import Place
from otsp_courses.rules.states import has_approval

Sites = Mapping[str, Place]
"""Where sites are to be, by their ids."""


class ChangeApplicationNeeded(Conflict):
    slug: ClassVar[str] = "courses-change-application-needed"
    title: ClassVar[str] = "A site moves by application only"
    detail_zh: ClassVar[str] = (
        "本机构已审核合规，办学点地址属于重大事项，不能直接修改：请在该办学点的“迁址”中填写新地址，"
        "再提交变更申请，审核通过后自动更新。其他内容请在地址保持不变的情况下保存。"
    )


class NoApprovalToChange(Conflict):
    slug: ClassVar[str] = "courses-no-approval-to-change"
    title: ClassVar[str] = "There is no approval that a change would need"
    detail_zh: ClassVar[str] = (
        "本机构目前没有生效的合规审核结论，无需提出迁址：请直接修改办学点地址，再提交合规申请。"
    )


class SiteStays(Conflict):
    slug: ClassVar[str] = "courses-site-stays"
    title: ClassVar[str] = "The site is there already"
    detail_zh: ClassVar[str] = (
        "新地址与办学点现在的地址相同：请填写迁往的地址；不再迁址的请撤销迁址。"
    )


def require_application(tx: Tx, site: Site, after: Mapping[str, Any]) -> None:
    """Raises ChangeApplicationNeeded when a write would move a site that stands approved.

    A site that had no address yet does not move.
    """
    errors = [
        FieldError(f"/{name}", "major_field", f"{label}属于重大事项，须经变更申请修改。")
        for name, label in moved(_place_of(site), after)
    ]
    if errors and has_approval(find_institution(tx, site.institution_id)):
        raise ChangeApplicationNeeded(errors=errors)


def propose_relocation(
    principal: Principal,
    institution_id: UUID,
    site_id: UUID,
    *,
    fields: Fields,
    if_match: int | None,
) -> RelocationTold:
    """Takes the place of what was proposed for this site before."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Site, row_id=site_id)
        site = own_row(tx, Site, row_id=site_id, institution_id=institution_id)
        if not has_approval(find_institution(tx, institution_id)):
            raise NoApprovalToChange
        place = Place(
            region_code=fields["region_code"],
            address=fields["address"],
            lat_e6=fields.get("lat_e6"),
            lng_e6=fields.get("lng_e6"),
        )
        if place == _place_of(site):
            raise SiteStays
        proposal = tx.get(ProposedRelocation, institution_id, with_for_update=True)
        if proposal is not None and str(site_id) in proposal.sites:
            require_version(proposal.version, if_match)
        if proposal is None:
            proposal = ProposedRelocation(institution_id=institution_id, sites={})
        with _told(tx, proposal):
            proposal.propose(site_id, place)
        _record(tx, site, "relocation_proposed")
        return get_relocation(tx, institution_id, site_id)


def discard_relocation(
    principal: Principal, institution_id: UUID, site_id: UUID, *, if_match: int | None
) -> None:
    """The site stays where it is."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Site, row_id=site_id)
        site = own_row(tx, Site, row_id=site_id, institution_id=institution_id)
        proposal = tx.get(ProposedRelocation, institution_id, with_for_update=True)
        if proposal is None or str(site_id) not in proposal.sites:
            raise NotFound
        require_version(proposal.version, if_match)
        with _told(tx, proposal):
            proposal.propose(site_id, None)
        _record(tx, site, "relocation_discarded")


def forget_relocation(tx: Tx, site: Site) -> None:
    """A site that is removed does not move any more."""
    proposal = tx.get(ProposedRelocation, site.institution_id, with_for_update=True)
    if proposal is not None and str(site.site_id) in proposal.sites:
        with _told(tx, proposal):
            proposal.propose(site.site_id, None)


def forget_relocations(tx: Tx, institution_id: UUID) -> None:
    """Nothing of an institution that closes moves any more, whatever it has applied for."""
    proposal = tx.get(ProposedRelocation, institution_id, with_for_update=True)
    if proposal is not None and proposal.sites:
        with _told(tx, proposal):
            for key in list(proposal.sites):
                proposal.propose(UUID(key), None)
    filed = delete(FiledRelocation).where(FiledRelocation.institution_id == institution_id)
    tx.execute(filed)


def file_relocations(tx: Tx, institution_id: UUID, application_id: UUID) -> Sites:
    """What this application asks, fixed until it is over; asked again, as it now is."""
    proposal = tx.get(ProposedRelocation, institution_id)
    if proposal is None or not proposal.sites:
        return {}
    filed = tx.get(FiledRelocation, application_id)
    if filed is None:
        filed = FiledRelocation(application_id=application_id, institution_id=institution_id)
        tx.add(filed)
    filed.sites = proposal.sites
    return filed.sites


def forget_filed(tx: Tx, application_id: UUID) -> None:
    """Of an application that came to no review: nobody will decide on what it asked."""
    tx.execute(delete(FiledRelocation).where(FiledRelocation.application_id == application_id))


def settle_relocations(
    tx: Tx, institution_id: UUID, application_id: UUID, *, decision: str
) -> None:
    """Approved, the sites are where it was applied for; else they stay, and so does the proposal.

    An application is over once: what it asked is gone then, with what older ones asked.
    """
    filed = tx.get(FiledRelocation, application_id, with_for_update=True)
    if filed is not None and decision == "approved":
        proposal = tx.get_one(ProposedRelocation, institution_id, with_for_update=True)
        with _told(tx, proposal):
            for key, place in filed.sites.items():
                _move(tx, UUID(key), place)
                if proposal.sites.get(key) == place:
                    proposal.propose(UUID(key), None)
    past = delete(FiledRelocation).where(
        FiledRelocation.institution_id == institution_id,
        FiledRelocation.application_id <= application_id,
    )
    tx.execute(past)


def as_told(proposal: ProposedRelocation) -> RelocationProposed:
    """What others keep of it."""
    return RelocationProposed(
        institution_id=proposal.institution_id,
        version=proposal.version,
        site_ids=tuple(UUID(key) for key in proposal.sites),
    )


def _move(tx: Tx, site_id: UUID, place: Mapping[str, Any]) -> None:
    """A site that was removed meanwhile stays removed."""
    site = tx.get(Site, site_id, with_for_update=True)
    if site is not None and site.deleted_at is None:
        with recorded(tx, site, "site.relocated"):
            replace(site, place)


@contextmanager
def _told(tx: Tx, proposal: ProposedRelocation) -> Iterator[None]:
    """Others hear of it when other sites are to move than before."""
    before = as_told(proposal) if proposal in tx else None
    yield
    tx.add(proposal)
    tx.flush()  # the event carries the version after the change
    tell_change(tx, before=before, after=as_told(proposal))


def _place_of(site: Site) -> dict[str, Any]:
    return {name: getattr(site, name) for name in PLACE}


def _record(tx: Tx, site: Site, verb: str) -> None:
    audit.record(
        tx,
        f"site.{verb}",
        object_type="site",
        object_id=site.site_id,
        institution_id=site.institution_id,
    )
