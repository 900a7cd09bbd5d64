"""The database is what the models say, and the contract what the tables hold."""

import pytest
import yaml
from sqlalchemy import select

from otsp_chassis.migrate import newest_revision, undeclared_changes, upgrade
from otsp_chassis.problems import all_problems
from otsp_chassis.tables import audit_entry
from otsp_institution import api, app
from otsp_institution.commands.entry import entered_names
from otsp_institution.commands.registry import BASIC, REGISTERED
from otsp_institution.model import (
    AuditReport,
    Base,
    BasicAccount,
    Certificate,
    FeeItem,
    OtherDoc,
    Party,
    SchoolLicence,
    ServiceContract,
    Supervision,
)

ENTRIES = {
    "LicenceEntry": SchoolLicence,
    "CertificateEntry": Certificate,
    "PartyEntry": Party,
    "OtherDocEntry": OtherDoc,
    "AuditReportEntry": AuditReport,
    "SupervisionEntry": Supervision,
    "BasicAccountEntry": BasicAccount,
    "ContractEntry": ServiceContract,
    "FeeItemEntry": FeeItem,
}


@pytest.fixture(scope="module")
def schemas():
    from importlib import resources

    text = resources.files("otsp_institution").joinpath("openapi.yaml").read_text("utf-8")
    return yaml.safe_load(text)["components"]["schemas"]


def test_migrations_lead_to_what_the_models_say(kit):
    assert upgrade("otsp_institution", kit.owner_url) == newest_revision("otsp_institution")
    assert undeclared_changes(kit.owner_url, Base.metadata) == []


@pytest.mark.parametrize("name", ENTRIES)
def test_body_has_exactly_the_columns_that_are_entered(schemas, name):
    assert set(schemas[name]["properties"]) == set(entered_names(ENTRIES[name]))


@pytest.mark.parametrize(
    ("name", "columns"), [("RegistrationEntry", REGISTERED), ("InstitutionEntry", BASIC)]
)
def test_body_of_the_institution_has_its_columns_and_its_persons(schemas, name, columns):
    assert set(schemas[name]["properties"]) == {*columns, "legal_rep", "contact"}


def test_examples_of_bodies_are_accepted(own, place, schemas, upload):
    def example(name):
        return {
            field: upload() if field.endswith("file_id") else value
            for field, value in schemas[name]["example"].items()
        }

    answers = [
        own.put(f"{place}/registration", example("RegistrationEntry")),
        own.put(place, example("InstitutionEntry"), if_match=2),
        own.put(f"{place}/licence", example("LicenceEntry")),
        own.put(f"{place}/party", example("PartyEntry")),
        own.put(f"{place}/funds/supervision", example("SupervisionEntry")),
        own.put(f"{place}/funds/basic-account", example("BasicAccountEntry")),
        own.put(f"{place}/funds/contract", example("ContractEntry")),
        own.post(f"{place}/certificates", example("CertificateEntry")),
        own.post(f"{place}/other-docs", example("OtherDocEntry")),
        own.post(f"{place}/audit-reports", example("AuditReportEntry")),
        own.post(f"{place}/funds/fee-items", example("FeeItemEntry")),
    ]

    assert [answer.status for answer in answers] == [201, 200, *[201] * 9]


def test_every_write_leaves_its_own_entry_in_the_audit_trail(kit, own, place, facts):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    other = kit.as_institution(own.principal.institution_id)
    assert other.put(f"{place}/party", {}).status == 423

    with kit.runtime.database.engine.connect() as reader:
        columns = audit_entry.c
        entries = list(reader.execute(select(columns.action, columns.actor_id)))

    assert entries == [
        ("institution.entered", own.principal.account_id),
        ("institution.registration_submitted", own.principal.account_id),
    ]


def test_refusals_of_this_service_carry_its_name_and_speak_chinese():
    app.service.load_rooms()
    ours = [each for each in all_problems() if each.__module__.startswith("otsp_institution")]

    assert api.__doc__
    assert len(ours) > 4
    for problem in ours:
        assert problem.slug.startswith("institution-")
        assert problem.detail_zh.endswith("。")
