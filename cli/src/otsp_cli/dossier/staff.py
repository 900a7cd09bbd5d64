"""Entering the staff as existing: with the state, checks and dates that they have in fact (D16)."""

from otsp_cli.dossier.completion import INSTRUCTING
from otsp_cli.dossier.desk import Desk, Values, said
from otsp_cli.dossier.place import at
from otsp_contracts.snapshots.dossier import DossierStaff

SERVICE = "staff"


def fill(desk: Desk) -> None:
    for index, person in enumerate(desk.dossier.staff or ()):
        with at(f"/{index}"):
            stored = desk.create(SERVICE, "staff", values_of(desk, person))
        desk.remember("staff", person.staff_id, platform_id=stored["staff_id"])


def values_of(desk: Desk, person: DossierStaff) -> Values:
    """One person as the API takes it; what other roles bring about is left out."""
    completion = desk.completion
    part = said(person, "staff_id", "blacklisted", "other_full_time", "quals")
    if person.quals is not None:
        part["quals"] = [said(qual) for qual in person.quals]
    if not completion.is_on:
        return part | {"existing": True}
    defaults = completion.staff(person.staff_id, person.staff_type)
    if person.nationality not in (None, "CN"):
        defaults |= completion.foreigner()
    scan = desk.placeholder(SERVICE, f"scan-{person.staff_id}")
    defaults |= {"contract_file_id": scan, "precheck_proof_file_id": scan}
    if (person.staff_type or "teaching") in INSTRUCTING:
        defaults["photo_file_id"] = scan
    return defaults | part | {"existing": True}
