"""Entering sites, systems, courses and classes as existing, each after what it refers to."""

from otsp_cli.dossier.desk import Desk, Values, said
from otsp_contracts.snapshots.dossier import DossierClass, DossierCourse

SERVICE = "courses"


def fill(desk: Desk) -> None:
    completion = desk.completion
    for site in desk.dossier.sites or ():
        values = completion.complete(said(site, "site_id"), completion.site)
        if completion.is_on:
            values = {"fire_proof_file_id": f"fire-proof-{site.site_id}"} | values
        stored = desk.create(SERVICE, "sites", _with_files(desk, values))
        desk.remember(site.site_id, stored["site_id"])
    for system in desk.dossier.systems or ():
        values = completion.complete(said(system, "system_id"), completion.system)
        if completion.is_on:
            values = {name: name for name in _SYSTEM_FILES} | values
        stored = desk.create(SERVICE, "systems", _with_files(desk, values))
        desk.remember(system.system_id, stored["system_id"])
    for course in desk.dossier.courses or ():
        _course(desk, course)


_SYSTEM_FILES = (
    "icp_shot_file_id",
    "vat_shot_file_id",
    "mlps_report_file_id",
    "pia_file_id",
    "service_agreement_file_id",
)


def _course(desk: Desk, course: DossierCourse) -> None:
    values = desk.completion.complete(said(course, "course_id", "classes"), desk.completion.course)
    for name in ("host_id", "fee_item_id"):
        if values.get(name) is not None:
            values[name] = desk.known(values[name])
    if values.get("material_ids") is not None:
        values["material_ids"] = [desk.known(each) for each in values["material_ids"]]
    stored = desk.create(SERVICE, "courses", values | {"existing": True})
    desk.remember(course.course_id, stored["course_id"])
    for each in course.classes or ():
        _class(desk, stored["course_id"], each)


def _class(desk: Desk, course_id: str, entry: DossierClass) -> None:
    values = said(entry, "class_id")
    if desk.completion.is_on:
        values = desk.completion.class_of_pupils(entry.class_id) | values
    for name in ("teacher_ids", "assistant_ids"):
        if values.get(name) is not None:
            values[name] = [desk.known(each) for each in values[name]]
    place = f"courses/{course_id}/classes"
    stored = desk.create(SERVICE, place, values | {"existing": True})
    desk.remember(entry.class_id, stored["class_id"])


def _with_files(desk: Desk, values: Values) -> Values:
    return {
        name: desk.placeholder(SERVICE, str(value)) if name.endswith("file_id") and value else value
        for name, value in values.items()
    }
