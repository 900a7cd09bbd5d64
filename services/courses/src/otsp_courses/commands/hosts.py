"""Sites and systems: entering, changing, removing."""

from typing import ClassVar
from uuid import UUID

from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict
from otsp_courses.commands.entry import (
    entered,
    file_faults,
    future_faults,
    open_for_write,
    refuse,
    removed_row,
    replace,
    versioned_row,
)
from otsp_courses.commands.recording import recorded
from otsp_courses.commands.relocations import forget_relocation, require_application
from otsp_courses.model import Site, System
from otsp_courses.queries.courses import find_hosted, get_course
from otsp_courses.queries.hosts import SiteTold, SystemTold, get_site, get_system
from otsp_courses.rules.fields import Fields


class HostInUse(Conflict):
    slug: ClassVar[str] = "courses-host-in-use"
    title: ClassVar[str] = "A course is held here"
    detail_zh: ClassVar[str] = "仍有课程在此办学点或业务系统开设，请先停开或改设课程。"


def add_site(principal: Principal, institution_id: UUID, fields: Fields) -> SiteTold:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Site)
        refuse(
            file_faults(tx, institution_id, fields=fields),
            future_faults(fields, "fire_check_on"),
        )
        columns = entered(Site, fields) | {"status": fields.get("status") or "open"}
        site = Site(site_id=new_id(), institution_id=institution_id, **columns)
        with recorded(tx, site, "site.added"):
            tx.add(site)
        return get_site(tx, institution_id, site.site_id)


def change_site(
    principal: Principal,
    institution_id: UUID,
    site_id: UUID,
    *,
    fields: Fields,
    if_match: int | None,
) -> SiteTold:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Site, row_id=site_id)
        site = versioned_row(
            tx, Site, row_id=site_id, institution_id=institution_id, if_match=if_match
        )
        refuse(
            file_faults(tx, institution_id, fields=fields),
            future_faults(fields, "fire_check_on"),
        )
        columns = entered(Site, fields) | {"status": fields.get("status") or "open"}
        require_application(tx, site, columns)
        with recorded(tx, site, "site.changed"):
            replace(site, columns)
        return get_site(tx, institution_id, site_id)


def remove_site(
    principal: Principal, institution_id: UUID, site_id: UUID, *, if_match: int | None
) -> None:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Site, row_id=site_id)
        site = versioned_row(
            tx, Site, row_id=site_id, institution_id=institution_id, if_match=if_match
        )
        _refuse_hosting(tx, institution_id, site_id)
        forget_relocation(tx, site)
        with recorded(tx, site, "site.removed"):
            site.delete()


def restore_site(principal: Principal, institution_id: UUID, site_id: UUID) -> SiteTold:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, Site, row_id=site_id)
        site = removed_row(tx, Site, row_id=site_id, institution_id=institution_id)
        with recorded(tx, site, "site.restored"):
            site.restore()
        return get_site(tx, institution_id, site_id)


def add_system(principal: Principal, institution_id: UUID, fields: Fields) -> SystemTold:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, System)
        refuse(
            file_faults(tx, institution_id, fields=fields),
            future_faults(fields, "mlps_tested_on"),
        )
        columns = entered(System, fields)
        system = System(system_id=new_id(), institution_id=institution_id, **columns)
        with recorded(tx, system, "system.added"):
            tx.add(system)
        return get_system(tx, institution_id, system.system_id)


def change_system(
    principal: Principal,
    institution_id: UUID,
    system_id: UUID,
    *,
    fields: Fields,
    if_match: int | None,
) -> SystemTold:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, System, row_id=system_id)
        system = versioned_row(
            tx, System, row_id=system_id, institution_id=institution_id, if_match=if_match
        )
        refuse(
            file_faults(tx, institution_id, fields=fields),
            future_faults(fields, "mlps_tested_on"),
        )
        columns = entered(System, fields)
        with recorded(tx, system, "system.changed"):
            replace(system, columns)
        return get_system(tx, institution_id, system_id)


def remove_system(
    principal: Principal, institution_id: UUID, system_id: UUID, *, if_match: int | None
) -> None:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, System, row_id=system_id)
        system = versioned_row(
            tx, System, row_id=system_id, institution_id=institution_id, if_match=if_match
        )
        _refuse_hosting(tx, institution_id, system_id)
        with recorded(tx, system, "system.removed"):
            system.delete()


def restore_system(principal: Principal, institution_id: UUID, system_id: UUID) -> SystemTold:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, System, row_id=system_id)
        system = removed_row(tx, System, row_id=system_id, institution_id=institution_id)
        with recorded(tx, system, "system.restored"):
            system.restore()
        return get_system(tx, institution_id, system_id)


def _refuse_hosting(tx: Tx, institution_id: UUID, host_id: UUID) -> None:
    course_id = find_hosted(tx, institution_id, host_id)
    if course_id is not None:
        raise HostInUse(conflicting=get_course(tx, institution_id, course_id))
