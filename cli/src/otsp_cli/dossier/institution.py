"""Filling in the institution's own file: basic information, licence, papers, party, funds."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from otsp_cli.dossier.completion import Completion
from otsp_cli.dossier.desk import Desk, Values, said
from otsp_cli.dossier.place import at
from otsp_contracts.snapshots.dossier import (
    Dossier,
    DossierCertificate,
    DossierFunds,
    DossierOtherDoc,
    DossierSupervision,
)

SERVICE = "institution"
NEEDED_FILES = {
    "licence": "scan_file_id",
    "funds/supervision": "agreement_file_id",
    "funds/basic-account": "proof_file_id",
    "funds/contract": "sample_file_id",
}
"""The file that filing asks for beside each part."""
_STATED = ("deposit_balance_fen", "cycle_total_fen", "balance_fen", "unspent_lessons_fen", "as_of")
_NOT_STATED = tuple(name for name in DossierSupervision.model_fields if name not in _STATED)
"""A dossier says both at once: how fees are supervised, and what lies there."""
_ID_SCANS = "id_scan_file_ids"
_LATEST_AUDIT = "/funds/audit_latest_year"
REGISTERED = (
    "name",
    "uscc",
    "region_code",
    "registered_address",
    "categories",
    "delivery_modes",
    "nonsubject_types",
    "primary_nonsubject_type",
    "stages",
    "legal_nature",
    "legal_rep",
    "contact",
)


def registration_of(dossier: Dossier, completion: Completion) -> Values:
    """Step b of the registration: 机构信息, 法定代表人, 联系人; scans follow with all else."""
    facts = dossier.institution
    values = completion.complete(
        said(facts, "legal_rep", "contact", "migrated_from", "postcode"), completion.registration
    )
    legal_rep = said(facts.legal_rep, _ID_SCANS) if facts.legal_rep else {}
    contact = said(facts.contact) if facts.contact else {}
    values["legal_rep"] = completion.complete(legal_rep, completion.legal_rep)
    values["contact"] = completion.complete(contact, completion.contact)
    types = values.get("nonsubject_types") or []
    if types:
        values.setdefault("primary_nonsubject_type", types[0])
    return {name: value for name, value in values.items() if name in REGISTERED}


def fill_basic(desk: Desk) -> None:
    """基本信息."""
    dossier, completion = desk.dossier, desk.completion
    basic = completion.complete(
        said(dossier.institution, "legal_rep", "contact", "migrated_from", "postcode"),
        completion.institution,
    )
    if basic.get("sponsor_type") == "person" and basic.get("sponsors"):
        basic["sponsors"] = [_with_number(each, completion) for each in basic["sponsors"]]
    controller = basic.get("actual_controller")
    if controller:
        basic["actual_controller"] = _with_number(controller, completion)
    body = registration_of(dossier, completion) | basic
    body["legal_rep"] |= _id_scans(dossier, completion)
    desk.session.put(desk.path(SERVICE), _placed(desk, body))


def _id_scans(dossier: Dossier, completion: Completion) -> Values:
    legal_rep = dossier.institution.legal_rep
    told = (
        {}
        if legal_rep is None
        else legal_rep.model_dump(mode="json", exclude_unset=True, include={_ID_SCANS})
    )
    return completion.complete(told, completion.id_scans)


def _with_number(person: Values, completion: Completion) -> Values:
    return completion.complete(person, lambda: completion.identity(person["name"]))


def closing_of(desk: Desk) -> Values | None:
    """What is typed in order to close; the papers that are named get a placeholder here."""
    entry = desk.dossier.closing
    return None if entry is None else _with_files(desk, "closing", said(entry))


def fill(desk: Desk) -> None:
    """All else that the institution service keeps, in the order of the portal's tabs."""
    dossier, completion = desk.dossier, desk.completion
    _put(desk, "licence", dossier.licence, defaults=completion.licence())
    _certificates(desk)
    _put(desk, "party", dossier.party, defaults=completion.party())
    _other_docs(desk, dossier.other_docs or ())
    _funds(desk, dossier.funds or DossierFunds())


def _put(desk: Desk, place: str, entry: BaseModel | None, *, defaults: Values) -> None:
    """PUT one part; a part that the dossier sets to null is left out altogether."""
    top = place.rpartition("/")[2].replace("-", "_")
    owner = desk.dossier.funds if place.startswith("funds/") else desk.dossier
    if entry is None and owner is not None and top in owner.model_fields_set:
        return
    part = said(entry, *_STATED) if entry else {}
    values = desk.completion.complete(part, lambda: defaults)
    if values:
        with at("/" + place.replace("-", "_")):
            desk.session.put(desk.path(SERVICE, place), _with_files(desk, place, values))


def _with_files(desk: Desk, place: str, values: Values) -> Values:
    """Every file that is named gets a placeholder; those that filing needs are added."""
    needed = NEEDED_FILES.get(place)
    if needed and desk.completion.is_on:
        values = {needed: f"{place}-scan"} | values
    placed: Values = _placed(desk, values)
    return placed


def _placed(desk: Desk, value: Any, name: str = "") -> Any:  # noqa: ANN401 - JSON of any depth
    if isinstance(value, dict):
        return {member: _placed(desk, each, member) for member, each in value.items()}
    if isinstance(value, list):
        return [_placed(desk, each, name) for each in value]
    is_file = name.endswith(("file_id", "file_ids"))
    return desk.placeholder(SERVICE, value) if is_file and value else value


def _certificates(desk: Desk) -> None:
    dossier = desk.dossier
    first = [dossier.certificate] if dossier.certificate else []
    if not first and "certificate" not in dossier.model_fields_set:
        first = [DossierCertificate()]
    for number, entry in enumerate([*first, *(dossier.certificates or ())]):
        values = desk.completion.complete(said(entry), desk.completion.certificate)
        if desk.completion.is_on:
            values = {"scan_file_id": f"certificate-{number}"} | values
        values = _with_files(desk, "certificates", values)
        if values:
            values = {"cert_type": None, "is_primary": number == 0 and bool(first)} | values
            further = number - len(first)
            with at("/certificate" if further < 0 else f"/certificates/{further}"):
                desk.create(SERVICE, "certificates", values)


def _other_docs(desk: Desk, entries: Sequence[DossierOtherDoc]) -> None:
    told = {entry.doc_type for entry in entries}
    added = [kind for kind in desk.completion.required_docs() if kind not in told]
    rows = [said(entry) for entry in entries]
    if desk.completion.is_on and "other_docs" not in desk.dossier.model_fields_set:
        rows += [{"doc_type": kind, "title": "示例资料", "file_id": kind} for kind in added]
    for index, row in enumerate(rows):
        with at(f"/other_docs/{index}"):
            desk.create(SERVICE, "other-docs", _with_files(desk, "other-docs", row))


def _state(desk: Desk, funds: DossierFunds) -> None:
    """The figures of the supervision, as the statement of the month that they are of."""
    if funds.supervision is None and "supervision" in funds.model_fields_set:
        return
    part = said(funds.supervision, *_NOT_STATED) if funds.supervision else {}
    values = desk.completion.complete(part, desk.completion.statement)
    if values:
        month = (values.get("as_of") or desk.completion.day_before)[:7]
        with at("/funds/supervision"):
            desk.session.post(desk.path(SERVICE, "funds/statements"), values | {"month": month})


def _funds(desk: Desk, funds: DossierFunds) -> None:
    completion = desk.completion
    _put(desk, "funds/supervision", funds.supervision, defaults=completion.supervision())
    _state(desk, funds)
    _put(desk, "funds/basic-account", funds.basic_account, defaults=completion.basic_account())
    _put(desk, "funds/contract", funds.contract, defaults=completion.contract())
    for index, entry in enumerate(funds.fee_items or ()):
        values = completion.complete(said(entry, "fee_item_id"), completion.fee_item)
        with at(f"/funds/fee_items/{index}"):
            stored = desk.create(SERVICE, "funds/fee-items", values)
        desk.remember("fee_items", entry.fee_item_id, platform_id=stored["fee_item_id"])
    years = [(report.year, report.file_id) for report in funds.audit_reports or ()]
    if not years and funds.audit_latest_year is not None:
        years = [(funds.audit_latest_year, "audit")]
    for index, (year, name) in enumerate(years):
        file_id = desk.placeholder(SERVICE, f"{name}-{year}") if name else None
        with at(f"/funds/audit_reports/{index}" if funds.audit_reports else _LATEST_AUDIT):
            desk.create(SERVICE, "audit-reports", {"year": year, "file_id": file_id})
