"""Entering sites, systems, courses and classes as existing, each after what it refers to."""

from otsp_cli.dossier.desk import Desk, Values, said
from otsp_cli.dossier.place import at
from otsp_contracts.snapshots.dossier import (
    DossierClass,
    DossierCourse,
    DossierSite,
    DossierSystem,
)

SERVICE = "courses"


def fill(desk: Desk) -> None:
    for index, site in enumerate(desk.dossier.sites or ()):
        with at(f"/sites/{index}"):
            _site(desk, site)
    for index, system in enumerate(desk.dossier.systems or ()):
        with at(f"/systems/{index}"):
            _system(desk, system)
    for index, course in enumerate(desk.dossier.courses or ()):
        with at(f"/courses/{index}"):
            _course(desk, course)


_SYSTEM_FILES = (
    "icp_shot_file_id",
    "vat_shot_file_id",
    "mlps_report_file_id",
    "pia_file_id",
    "service_agreement_file_id",
)


def _site(desk: Desk, site: DossierSite) -> None:
    completion = desk.completion
    values = completion.complete(said(site, "site_id"), completion.site)
    if completion.is_on:
        values = {"fire_proof_file_id": f"fire-proof-{site.site_id}"} | values
    stored = desk.create(SERVICE, "sites", _with_files(desk, values))
    desk.remember("sites", site.site_id, platform_id=stored["site_id"])


def _system(desk: Desk, system: DossierSystem) -> None:
    completion = desk.completion
    values = completion.complete(said(system, "system_id"), completion.system)
    if completion.is_on:
        values = {name: name for name in _SYSTEM_FILES} | values
    stored = desk.create(SERVICE, "systems", _with_files(desk, values))
    desk.remember("systems", system.system_id, platform_id=stored["system_id"])


def _course(desk: Desk, course: DossierCourse) -> None:
    values = desk.completion.complete(said(course, "course_id", "classes"), desk.completion.course)
    if values.get("host_id") is not None:
        values["host_id"] = _host(desk, values["host_id"], delivery=values.get("delivery"))
    if values.get("fee_item_id") is not None:
        values["fee_item_id"] = desk.known("fee_items", values["fee_item_id"])
    if values.get("material_ids") is not None:
        values["material_ids"] = [desk.known("materials", each) for each in values["material_ids"]]
    stored = desk.create(SERVICE, "courses", values | {"existing": True})
    desk.remember("courses", course.course_id, platform_id=stored["course_id"])
    for index, each in enumerate(course.classes or ()):
        with at(f"/classes/{index}"):
            _class(desk, stored["course_id"], each)


def _host(desk: Desk, reference: str, *, delivery: str | None) -> str:
    """Sites and systems are named apart; where both have the name, the delivery tells which."""
    kinds = ("sites", "systems") if delivery == "offline" else ("systems", "sites")
    is_named = (kinds[0], reference) in desk.ids
    return desk.known(kinds[0] if is_named else kinds[1], reference)


def _class(desk: Desk, course_id: str, entry: DossierClass) -> None:
    values = said(entry, "class_id")
    if desk.completion.is_on:
        values = desk.completion.class_of_pupils(entry.class_id) | values
    for name in ("teacher_ids", "assistant_ids"):
        if values.get(name) is not None:
            values[name] = [desk.known("staff", each) for each in values[name]]
    place = f"courses/{course_id}/classes"
    stored = desk.create(SERVICE, place, values | {"existing": True})
    desk.remember("classes", entry.class_id, platform_id=stored["class_id"])


def _with_files(desk: Desk, values: Values) -> Values:
    return {
        name: desk.placeholder(SERVICE, str(value)) if name.endswith("file_id") and value else value
        for name, value in values.items()
    }
