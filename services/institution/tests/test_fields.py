"""Each field of domain specification §2.2 to §2.8: where it stands, its class, when it is required.

The table below is the specification's; contract, columns, labels, masks and required fields follow.
"""

from importlib import resources
from typing import NamedTuple

import pytest
import yaml
from sqlalchemy import LargeBinary

from otsp_chassis.pii import SEALED_MEMBERS, SealedBytes
from otsp_contracts.snapshots.required import institution as required
from otsp_contracts.snapshots.required.field import always
from otsp_institution import model
from otsp_institution.queries.concealment import _PERSONAL
from otsp_institution.queries.files import REFERENCES
from otsp_institution.queries.reveals import _FIELDS
from otsp_institution.rules import doubts, rows
from otsp_institution.rules.labels import LABELS

ALWAYS, SOMETIMES, NEVER = "always", "sometimes", "never"
PUBLIC, INTERNAL, PERSONAL, SENSITIVE = range(4)

TABLE = """
institution     name                            0 always
institution     uscc                            0 always
institution     region_code                     0 always
institution     registered_address              0 always
institution     categories                      0 always
institution     delivery_modes                  0 always
institution     nonsubject_types                0 sometimes
institution     primary_nonsubject_type         0 sometimes
institution     stages                          0 always
institution     legal_nature                    0 always
institution     has_licence                     1 always
institution     legal_rep/name                  0 always
institution     legal_rep/id_type               1 always
institution     legal_rep/id_no                 3 always
institution     legal_rep/mobile                2 always
institution     legal_rep/nationality           2 always
institution     legal_rep/resides_in_china      2 always
institution     legal_rep/position              0 always
institution     legal_rep/id_scan_file_ids      3 always
institution     contact/name                    2 never
institution     contact/mobile                  2 never
institution     contact/email                   2 never
institution     contact/position                2 never
institution     short_name                      0 never
institution     logo_file_id                    0 never
institution     former_names                    1 never
institution     founded_on                      0 always
institution     first_approved_on               0 always
institution     legal_form                      0 always
institution     start_fund_fen                  0 always
institution     sponsor_type                    1 always
institution     sponsors                        1 always
institution     sponsors/name                   1 always
institution     sponsors/id_type                1 never
institution     sponsors/id_no                  3 sometimes
institution     sponsors/share_bp               1 always
institution     actual_controller               1 always
institution     actual_controller/name          1 always
institution     actual_controller/id_type       1 never
institution     actual_controller/id_no         3 always
institution     foreign_controlled              1 always
institution     listed_affiliate                1 always
institution     board_members                   1 always
institution     board_members/name              1 always
institution     board_members/role              1 always
institution     board_members/edu_years         1 always
institution     supervisors                     1 always
institution     supervisors/name                1 always
institution     principal_name                  0 always
institution     intro                           0 never
institution     website                         0 sometimes
institution     consult_tel                     0 always
institution     complaint_tel                   0 always
institution     office_address                  0 always
institution     branches                        0 never
institution     branches/name                   0 always
institution     branches/uscc                   0 never
institution     branches/region_code            0 never
institution     branches/licence_no             0 never
institution     scale                           1 always
institution     staff_total                     1 computed
institution     student_total                   1 computed
school_licence  licence_no                      0 always
school_licence  name_on_licence                 0 always
school_licence  address_on_licence              0 always
school_licence  principal_on_licence            0 always
school_licence  issuer_name                     0 always
school_licence  issuer_level                    0 always
school_licence  issuer_region_code              0 always
school_licence  scope_text                      0 always
school_licence  scope_categories                0 always
school_licence  scope_delivery                  0 always
school_licence  scope_stages                    0 always
school_licence  scope_subject_codes             0 always
school_licence  valid_from                      0 always
school_licence  valid_to                        0 always
school_licence  issued_on                       0 always
school_licence  replaces_licence_no             1 never
school_licence  scan_file_id                    0 always
school_licence  status                          0 always
certificate     cert_type                       0 always
certificate     cert_no                         0 always
certificate     uscc                            0 sometimes
certificate     name_on_cert                    0 always
certificate     registrar                       0 always
certificate     legal_rep_on_cert               0 always
certificate     business_scope                  0 sometimes
certificate     capital_fen                     0 never
certificate     issued_on                       0 always
certificate     valid_from                      0 always
certificate     valid_to                        0 never
certificate     scan_file_id                    0 always
certificate     is_primary                      0 never
party           member_count                    1 always
party           probationary_count              1 never
party           org_form                        0 always
party           org_name                        0 sometimes
party           parent_org                      1 never
party           founded_on                      1 never
party           secretary_name                  2 sometimes
party           secretary_mobile                2 never
party           secretary_in_board              1 sometimes
party           charter_has_party               1 always
party           instructor_assigned             1 always
party           instructor_name                 2 never
party           activity_records                1 never
party           activity_records/date           1 always
party           activity_records/title          1 always
party           activity_records/file_id        1 never
other_doc       doc_type                        1 never
other_doc       title                           1 never
other_doc       file_id                         1 never
other_doc       issued_on                       1 never
other_doc       valid_to                        1 never
other_doc       note                            1 never
audit_report    year                            1 never
audit_report    file_id                         1 never
fee_item        name                            0 always
fee_item        charge_mode                     0 always
fee_item        lesson_count                    0 always
fee_item        period_days                     0 always
fee_item        amount_fen                      0 always
fee_item        unit_price_fen                  0 computed
fee_item        advance_days                    1 always
fee_item        remaining_lessons               1 always
fee_item        extra_items                     0 never
fee_item        extra_items/name                0 always
fee_item        extra_items/amount_fen          0 always
fee_item        payment_plan                    0 always
fee_item        publicized                      0 always
fee_item        publicized_on                   0 sometimes
fee_item        publicity_place                 0 sometimes
fee_item        price_filing_no                 0 sometimes
fee_item        training_loan                   1 always
fee_item        refund_policy                   0 always
supervision     mode                            0 always
supervision     bank_name                       0 always
supervision     bank_branch                     0 sometimes
supervision     account_name                    0 always
supervision     account_no                      1 always
supervision     agreement_no                    1 sometimes
supervision     agreement_file_id               1 sometimes
supervision     agreement_signed_on             1 sometimes
supervision     agreement_filed_on              1 always
supervision     release_rule                    1 always
funds_statement month                           1 never
funds_statement deposit_balance_fen             1 sometimes
funds_statement cycle_total_fen                 1 always
funds_statement balance_fen                     1 always
funds_statement unspent_lessons_fen             1 always
funds_statement as_of                           1 always
funds_statement corrects_id                     1 never
funds_statement reason                          1 never
basic_account   account_type                    1 always
basic_account   bank_name                       1 always
basic_account   bank_branch                     1 always
basic_account   account_name                    1 always
basic_account   account_no                      1 always
basic_account   open_permit_no                  1 always
basic_account   filed_with_authority            1 sometimes
basic_account   proof_file_id                   1 always
service_contract template_code                  0 always
service_contract template_year                  0 always
service_contract used_for_all                   0 always
service_contract local_template_name            0 never
service_contract supervision_clause             0 computed
service_contract cooling_off_days               0 always
service_contract refund_days                    0 always
service_contract dispute_mode                   0 never
service_contract sample_file_id                 0 always
service_contract signed_count                   1 never
"""
ELSEWHERE = {
    "username": "auth: the account (D24)",
    "mobile": "auth: the account (D24)",
    "email": "auth: the account (D24)",
    "is_current": "former licences are rows of their own",
    "audit_latest_year": "the latest of the audit reports (D23)",
}
"""Named by the specification, and no field of this service's forms."""


class Field(NamedTuple):
    part: str
    path: str
    privacy: int
    when: str

    @property
    def top(self):
        return self.path.split("/")[0]


FIELDS = [
    Field(part, path, int(privacy), when)
    for part, path, privacy, when in (line.split() for line in TABLE.strip().splitlines())
]
FORMS = {
    "institution": "InstitutionEntry",
    "school_licence": "LicenceEntry",
    "certificate": "CertificateEntry",
    "party": "PartyEntry",
    "other_doc": "OtherDocEntry",
    "audit_report": "AuditReportEntry",
    "fee_item": "FeeItemEntry",
    "supervision": "SupervisionEntry",
    "funds_statement": "StatementEntry",
    "basic_account": "BasicAccountEntry",
    "service_contract": "ContractEntry",
}
TRAVELLING = {
    "institution": required.INSTITUTION,
    "school_licence": required.LICENCE,
    "certificate": required.CERTIFICATE,
    "party": required.PARTY,
    "fee_item": required.FEE_ITEM,
    "supervision": required.SUPERVISION,
    "funds_statement": required.SUPERVISION,
    "basic_account": required.BASIC_ACCOUNT,
    "service_contract": required.CONTRACT,
}
ROWS = {
    "school_licence": rows.LicenceRow,
    "certificate": rows.CertificateRow,
    "party": rows.PartyRow,
    "fee_item": rows.FeeItemRow,
    "supervision": rows.SupervisionRow,
    "basic_account": rows.BasicAccountRow,
    "service_contract": rows.ContractRow,
}
HOLDERS = {"legal_rep", "contact"}
"""Objects of a form that are no fields by themselves."""

each_field = pytest.mark.parametrize("field", FIELDS, ids=lambda each: f"{each.part}-{each.path}")
each_part = pytest.mark.parametrize("part", FORMS)


@pytest.fixture(scope="module")
def schemas():
    raw = resources.files("otsp_institution").joinpath("openapi.yaml").read_text("utf-8")
    return yaml.safe_load(raw)["components"]["schemas"]


@pytest.fixture(scope="module")
def members(schemas):
    """The fields of a form or an answer by path; whether each must be typed."""

    def resolved(schema):
        while "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def walk(schema, place=""):
        schema = resolved(schema)
        schema = resolved(schema["items"]) if schema.get("type") == "array" else schema
        for name, each in schema.get("properties", {}).items():
            yield f"{place}{name}", name in schema.get("required", ())
            yield from walk(each, f"{place}{name}/")

    return lambda name: dict(walk(schemas[name]))


@each_part
def test_form_has_the_fields_of_the_specification_and_no_others(members, part):
    named = {each.path for each in FIELDS if each.part == part and each.when != "computed"}

    assert set(members(FORMS[part])) - HOLDERS == named
    assert not named & ELSEWHERE.keys()


@each_field
def test_field_is_told_and_kept(members, field):
    answer = members(FORMS[field.part].removesuffix("Entry"))
    path = field.path if field.privacy < SENSITIVE else field.path.replace("id_no", "id_masked")

    assert path in answer
    assert (column_of(field) is None) is (field.when == "computed")


@each_field
def test_field_has_a_chinese_name(field):
    labels = LABELS[field.part][1]
    own = f"/{field.path.replace('id_no', 'id_masked')}"

    named = [pointer for pointer in labels if pointer in (own, f"/{field.top}")]
    assert named or any(pointer.startswith(f"{own}/") for pointer in labels)


@each_field
def test_field_is_kept_and_shown_as_its_class_demands(members, field):
    column = column_of(field)
    is_masked_in_histories = column is not None and column.name in _PERSONAL

    assert is_masked_in_histories is (field.privacy == PERSONAL)
    assert is_guarded(field, column) is (field.privacy == SENSITIVE)
    if field.path.endswith("id_no"):
        answer = members(FORMS[field.part].removesuffix("Entry"))
        assert field.path not in answer
        assert {each.replace(".", "/").replace("[]", "") for each in _FIELDS} >= {field.path}


@each_field
def test_field_is_required_when_the_specification_says_so(members, field):
    if field.when != "computed":
        typed = members(FORMS[field.part])[field.path] and field.top != field.path
        told = ALWAYS if typed else asked(field.part).get(field.path, NEVER)
        assert told == field.when


def column_of(field):
    """Of a list or object that is one value, the column of the whole."""
    columns = model.Base.metadata.tables[field.part].columns
    flat = field.path.replace("/", "_")
    return columns.get(flat, columns.get(field.top))


def is_guarded(field, column):
    """Encrypted, or a scan that is seen in a case only."""
    if column is None:
        return False
    member = field.path.rpartition("/")[2]
    sealed = isinstance(column.type, SealedBytes) or member in column.info.get(SEALED_MEMBERS, ())
    assert sealed or not isinstance(column.type, LargeBinary)
    scans = {each.column.key for each in REFERENCES if each.is_sensitive}
    return sealed or (field.part == "institution" and column.name in scans)


def asked(part):
    """What filing asks for: what travels by the published table, all else by the owner's doubts."""
    told = {each.path: said(each.when is always) for each in TRAVELLING.get(part, ())}
    told |= {
        path: said(applies is doubts._always)
        for path, applies in doubts._REQUIRED.get(ROWS.get(part), ())
    }
    if part == "institution":
        for each in required.LEGAL_REP:
            path = each.path.replace("id_valid", "id_no")
            told[f"legal_rep/{path}"] = said(each.when is always)
        told |= asked_of_institutions()
    return told


def said(is_always):
    return ALWAYS if is_always else SOMETIMES


def asked_of_institutions():
    """Of one that teaches offline and has an organisation behind it, and of one that is neither."""
    offline = missing_in(institution(None), doubts.Profile([], ["offline"]))
    online = missing_in(institution("passport"), doubts.Profile([], ["online"]))
    empty = missing_in(institution(None, is_empty=True), doubts.Profile([], []))
    whole = {path: said(path in offline and path in online) for path in offline | online}
    return dict.fromkeys(empty, ALWAYS) | whole


def missing_in(row, profile):
    pointers = (each.pointer for each in doubts.doubts_of(row, profile, None))
    return {pointer.strip("/").replace("/0/", "/") for pointer in pointers}


def institution(id_type, *, is_empty=False):
    names = [name for name in rows.InstitutionRow.__dataclass_fields__ if name != "warnings"]
    behind = {"sponsors": [], "board_members": [], "supervisors": []}
    if not is_empty:
        behind = {
            "sponsors": [rows.SponsorRow("示例", id_type, None, 10_000)],
            "actual_controller": rows.ControllerRow("示例", None, None),
            "board_members": [{"name": "示例", "role": None, "edu_years": None}],
            "supervisors": [{"name": "示例"}],
        }
    return rows.InstitutionRow(**(dict.fromkeys(names) | behind))
