"""Sections: whole numbers only, nullable facts, no personal numbers, tolerant of newer senders."""

import datetime as dt

import pytest
from pydantic import BaseModel, ValidationError

from otsp_contracts import snapshots
from otsp_contracts.envelope import PAYLOAD_CLASSES
from otsp_contracts.snapshots import SECTIONS, InstitutionSection, RegionParameters, Snapshot

PERSONAL = {
    "id_no",
    "id_number",
    "passport_no",
    "work_permit_no",
    "residence_permit_no",
    "residence_permit_to",
    "birth_date",
    "sex",
    "mobile",
    "phone",
    "tel",
    "contact_tel",
    "email",
    "person_name",
    "political_status",
    "prohibited_kind",
    "photo",
    "password_hash",
    "secretary_name",
    "secretary_mobile",
}
PERSONAL_IN_EVENTS = PERSONAL | {"legal_rep", "legal_rep_name", "contact", "principal_name"}

JUDGED = {
    "InstitutionFacts": (
        "name uscc legal_nature first_approved_on migrated_from region_code foreign_controlled"
        " listed_affiliate legal_rep primary_nonsubject_type"
    ),
    "LegalRepFacts": "position nationality resides_in_china id_valid",
    "LicenceFacts": (
        "licence_no valid_from valid_to scan_file_id name_on_licence issuer_level status"
        " scope_categories scope_delivery scope_stages scope_subject_codes"
    ),
    "CertificateFacts": "uscc name_on_cert valid_to",
    "PartyFacts": "member_count org_form instructor_assigned",
    "SupervisionFacts": (
        "mode agreement_filed_on account_name account_no deposit_balance_fen cycle_total_fen"
        " balance_fen"
    ),
    "BasicAccountFacts": "account_no filed_with_authority",
    "ContractFacts": "template_code used_for_all sample_file_id",
    "FeeItemFacts": (
        "charge_mode lesson_count period_days amount_fen advance_days remaining_lessons"
        " publicized training_loan"
    ),
    "StaffFacts": (
        "status nationality in_china work_permit_held work_permit_to staff_type employment hired_on"
        " contract_signed precheck_on precheck_clear annual_check_on inducted publicized"
        " in_service_teacher prohibited blacklisted other_full_time id_valid id_hmac"
    ),
    "QualFacts": "type stage subject",
    "MaterialFacts": (
        "category form status overseas negative_list_ok content_sha256 reviewed_sha256 filed"
        " used_until purged_on internal_review external_review"
    ),
    "AuthorFacts": "staff_id years qual",
    "InternalReviewFacts": "result",
    "ExternalReviewFacts": "required result",
    "SiteFacts": (
        "region_code building_area_centi_m2 teaching_area_centi_m2 floor premises_type"
        " fire_proof_file_id fire_check_on lease_to"
    ),
    "SystemFacts": (
        "icp_no vat_licence_no mlps_level mlps_no server_in_mainland content_retention_days"
        " live_video_retention_days log_retention_days eye_protection parental_control"
        " stored_persons pia_done guardian_consent ads_or_games"
    ),
    "CourseFacts": (
        "name host_id category subject_code stage delivery fee_item_id homework"
        " overseas_curriculum status"
    ),
    "ClassFacts": "status capacity enrolled start_on end_on",
    "Slot": "weekday start lessons lesson_minutes break_minutes",
    "ExtraSession": "date start lessons lesson_minutes break_minutes",
    "RegionParameters": "price_cap_fen min_building_area_centi_m2 min_ft_teaching",
}


def properties(schema):
    """Every (name, subschema) in a JSON schema, at any depth."""
    if isinstance(schema, dict):
        for name, below in schema.get("properties", {}).items():
            yield name, below
        for below in schema.values():
            yield from properties(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from properties(below)


def types(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema["type"]
        for below in schema.values():
            yield from types(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from types(below)


@pytest.mark.parametrize("name", sorted(JUDGED))
def test_what_a_rule_judges_may_be_null(name):
    model = getattr(snapshots, name)

    for field in JUDGED[name].split():
        assert model.model_fields[field].default is None, field


def test_a_snapshot_holds_whole_numbers_only():
    assert "number" not in set(types(Snapshot.model_json_schema()))


@pytest.mark.parametrize(
    ("field", "value"),
    [("price_float_bp", 0.1), ("price_float_bp", 1000.0), ("min_ft_teaching", True)],
)
def test_a_fraction_is_refused_rather_than_rounded(field, value):
    with pytest.raises(ValidationError):
        RegionParameters.model_validate({"code": "330106", field: value})


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
def test_a_section_has_no_number_or_address_of_a_person(section):
    names = {name for name, _ in properties(section.model_json_schema())}

    assert not names & PERSONAL


@pytest.mark.parametrize("payload", PAYLOAD_CLASSES.values(), ids=PAYLOAD_CLASSES)
def test_an_event_has_no_personal_data(payload):
    names = {name for name, _ in properties(payload.model_json_schema())}

    assert not names & PERSONAL_IN_EVENTS


def test_the_sections_are_those_of_the_four_owners():
    assert list(SECTIONS) == ["institution", "staff", "materials", "courses"]


def test_a_newer_sender_is_understood():
    section = InstitutionSection.model_validate(
        {"institution": {"institution_id": "i", "mood": "good"}, "weather": []}
    )

    assert section.institution.institution_id == "i"


def test_facts_do_not_change():
    section = InstitutionSection.model_validate({"institution": {"institution_id": "i"}})

    with pytest.raises(ValidationError):
        section.institution.name = "x"


def test_region_defaults_are_the_national_ones():
    region = RegionParameters(code="330106")

    assert region.school_hours == {}
    assert region.vacations == ()
    assert region.price_cap_fen is None
    assert region.price_float_bp == 0
    assert region.min_area_centi_m2 == {"default": 300, "sports": 500}


def test_a_snapshot_survives_the_journey():
    snapshot = Snapshot.model_validate(
        {
            "as_of": dt.date(2024, 10, 15),
            "institution": {"institution": {"institution_id": "i"}},
            "staff": {
                "staff": [{"staff_id": "s", "hired_on": "2020-03-01"}],
                "field_warnings": [{"code": "v_09", "object_id": "s", "pointer": "/quals/0/stage"}],
            },
            "materials": {},
            "courses": {
                "courses": [
                    {
                        "course_id": "k",
                        "classes": [
                            {
                                "class_id": "c",
                                "slots": [{"weekday": 2, "start": "18:30"}],
                                "extra_sessions": [{"date": "2024-11-02", "start": "09:00"}],
                                "skip_dates": ["2024-10-12"],
                            }
                        ],
                    }
                ]
            },
            "region": {"code": "330106", "school_hours": {"primary": ["08:00", "16:30"]}},
        }
    )

    assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot
    assert snapshot.courses.courses[0].classes[0].extra_sessions[0].date.day == 2


def test_every_model_is_exported():
    exported = {
        value
        for name, value in vars(snapshots).items()
        if isinstance(value, type) and issubclass(value, BaseModel)
    }

    assert {snapshots.Snapshot, snapshots.Dossier, snapshots.FieldWarning} <= exported
    assert set(snapshots.__all__) <= set(vars(snapshots))
