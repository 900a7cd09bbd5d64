"""What is stored and yet doubtful or still to be filled in: told with every answer and section.

A field that travels in the section is judged by compliance, which also reports it when empty;
reported here are the required fields that do not travel, and the V-checks that only warn.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from otsp_contracts.snapshots import MISSING
from otsp_contracts.values import USCC, BankAccount, FieldError
from otsp_institution.rules.rows import (
    BasicAccountRow,
    CertificateRow,
    ContractRow,
    FeeItemRow,
    InstitutionRow,
    LicenceRow,
    OtherDocRow,
    Part,
    PartyRow,
    Row,
    SupervisionRow,
)

ID_SCANS = 2
REGISTRATION_CERTIFICATES = frozenset({"pne_cert", "business_licence", "public_inst_cert"})


@dataclass(frozen=True, slots=True)
class Profile:
    """What decides which fields an institution must fill in."""

    categories: list[str]
    delivery_modes: list[str]

    @property
    def is_subject(self) -> bool:
        return "subject" in self.categories

    @property
    def is_online(self) -> bool:
        return "online" in self.delivery_modes


Applies = Callable[[Profile, Any], bool]


def _always(_profile: Profile, _row: Row) -> bool:
    return True


def _is_supervised(_profile: Profile, row: SupervisionRow) -> bool:
    return row.mode != "exempt_post_pay"


def _has_party_body(_profile: Profile, row: PartyRow) -> bool:
    return row.org_form not in (None, "none")


def _is_registration(_profile: Profile, row: CertificateRow) -> bool:
    return row.cert_type in REGISTRATION_CERTIFICATES


_REQUIRED: Mapping[type[Row], tuple[tuple[str, Applies], ...]] = {
    InstitutionRow: (
        ("has_licence", _always),
        ("legal_rep/mobile", _always),
        ("sponsor_type", _always),
        ("sponsors", _always),
        ("actual_controller", _always),
        ("board_members", _always),
        ("supervisors", _always),
        ("consult_tel", _always),
        ("complaint_tel", _always),
        ("website", lambda profile, _: profile.is_online),
        ("scale", _always),
    ),
    LicenceRow: (("scope_text", _always),),
    CertificateRow: (("business_scope", _is_registration),),
    PartyRow: (("secretary_name", _has_party_body),),
    SupervisionRow: (
        ("bank_branch", _is_supervised),
        ("agreement_no", _is_supervised),
        ("agreement_signed_on", _is_supervised),
        ("agreement_file_id", _is_supervised),
    ),
    BasicAccountRow: (
        ("bank_branch", _always),
        ("open_permit_no", _always),
        ("proof_file_id", _always),
    ),
    ContractRow: (("cooling_off_days", _always), ("refund_days", _always)),
    FeeItemRow: (
        ("publicity_place", lambda _, row: bool(row.publicized)),
        ("price_filing_no", lambda profile, _: profile.is_subject),
        ("refund_policy", _always),
    ),
}
"""Required to file (domain specification §2.2 to §2.8), by path within the row."""

STATED = "/latest_statement"
"""What the section says of the supervision itself."""

_PAST_DAYS: Mapping[type[Row], tuple[str, ...]] = {
    InstitutionRow: ("founded_on", "first_approved_on"),
    LicenceRow: ("issued_on",),
    CertificateRow: ("issued_on",),
    PartyRow: ("founded_on",),
    OtherDocRow: ("issued_on",),
    SupervisionRow: (
        "agreement_signed_on",
        "agreement_filed_on",
        "latest_statement/as_of",
    ),
    FeeItemRow: ("publicized_on",),
}
"""V-14: days on which something is said to have happened."""


_LATER_THAN_TODAY = "日期晚于今天，请核对。"
_UNFILLED = "必填项未填写，请在提交合规申请前补全。"


def doubts_of(row: Row, profile: Profile, today: date) -> Iterator[FieldError]:
    """Every doubt about one row; pointers are within the row."""
    for path, applies in _REQUIRED.get(type(row), ()):
        if applies(profile, row) and _at(row, path) in (None, "", []):
            yield FieldError(f"/{path}", MISSING, _UNFILLED)
    for name in _PAST_DAYS.get(type(row), ()):
        day = _at(row, name)
        if isinstance(day, date) and day > today:
            yield FieldError(f"/{name}", "v_14", _LATER_THAN_TODAY)
    match row:
        case InstitutionRow():
            yield from _doubts_of_number(row)
            yield from _scans_lacking(row)
            yield from _numbers_lacking(row)
            yield from _board_lacking(row)
        case PartyRow():
            yield from _activities_to_come(row, today)
        case SupervisionRow(account_no=str(number)) | BasicAccountRow(account_no=str(number)):
            if not BankAccount.accepts(number):
                yield FieldError("/account_no", "v_01", "银行账号一般为8至32位数字或字母，请核对。")


def place_of(row: Part) -> tuple[str | None, str]:
    """Id and pointer prefix of a row within the section; parts there is one of have no id."""
    match row:
        case CertificateRow(certificate_id=row_id):
            return str(row_id), ""
        case FeeItemRow(fee_item_id=row_id):
            return str(row_id), ""
        case OtherDocRow(doc_id=row_id):
            return str(row_id), ""
        case _:
            return None, _PLACES[type(row)]


_PLACES: Mapping[type[Part], str] = {
    LicenceRow: "/licence",
    PartyRow: "/party",
    SupervisionRow: "/funds/supervision",
    BasicAccountRow: "/funds/basic_account",
    ContractRow: "/funds/contract",
}


def _doubts_of_number(row: InstitutionRow) -> Iterator[FieldError]:
    if row.uscc is None:
        return
    number = USCC.parse(row.uscc)
    if not number.organisation_code_is_sound:
        detail = "统一社会信用代码中的组织机构代码校验位不符，请与证照核对。"
        yield FieldError("/uscc", "v_01", detail)
    if row.region_code is not None and number.region_code != row.region_code:
        detail = "统一社会信用代码中的行政区划与所属区县不一致，请核对。"
        yield FieldError("/uscc", "v_11", detail)


def _scans_lacking(row: InstitutionRow) -> Iterator[FieldError]:
    """Both sides of the document, or two pages of it (domain §2.2)."""
    if row.legal_rep is None or len(row.legal_rep.id_scan_file_ids or ()) < ID_SCANS:
        yield FieldError("/legal_rep/id_scan_file_ids", MISSING, _UNFILLED)


def _board_lacking(row: InstitutionRow) -> Iterator[FieldError]:
    for number, member in enumerate(row.board_members):
        for name in ("role", "edu_years"):
            if member.get(name) is None:
                yield FieldError(f"/board_members/{number}/{name}", MISSING, _UNFILLED)


def _numbers_lacking(row: InstitutionRow) -> Iterator[FieldError]:
    """Of a person the number is required; a sponsoring organisation has no identity document."""
    if row.actual_controller is not None and row.actual_controller.id_masked is None:
        yield FieldError("/actual_controller/id_no", MISSING, _UNFILLED)
    for number, sponsor in enumerate(row.sponsors):
        is_person = row.sponsor_type == "person" or sponsor.id_type is not None
        if is_person and sponsor.id_masked is None:
            yield FieldError(f"/sponsors/{number}/id_no", MISSING, _UNFILLED)


def _activities_to_come(row: PartyRow, today: date) -> Iterator[FieldError]:
    for number, record in enumerate(row.activity_records or ()):
        if date.fromisoformat(record["date"]) > today:
            yield FieldError(f"/activity_records/{number}/date", "v_14", _LATER_THAN_TODAY)


def _at(row: Row, path: str) -> object:
    value: object = row
    for name in path.split("/"):
        value = getattr(value, name, None)
    return value
