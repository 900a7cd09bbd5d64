"""Who sees the papers of an institution, and which of them are kept."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.unnamed_files import KEPT_FOR
from otsp_contracts.compliance import CaseRouted
from otsp_testkit.documents import picture

pytestmark = pytest.mark.usefixtures("chinese_font")


@pytest.fixture
def approved(own, place, facts, decide):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")


@pytest.fixture
def reviewer(kit, approved):
    return kit.as_authority("reviewer", region="330106")


@pytest.fixture
def route(kit, institution_id):
    def told(client, kind="compliance"):
        kit.deliver(
            CaseRouted(
                case_id=new_id(),
                version=1,
                institution_id=institution_id,
                kind=kind,
                subject_id=new_id(),
                authority_id=client.principal.authority.authority_id,
            )
        )

    return told


@pytest.fixture
def scan(upload):
    return upload(picture(40, 30))


def reads(client, place, file_id):
    paths = (f"{place}/files/{file_id}{what}" for what in ("", "/preview", "/content"))
    answers = [client.get(path) for path in paths]
    return [each.status if each.status == 200 else each.problem for each in answers]


def enter(own, place, suffix, body):
    answered = own.put(f"{place}/{suffix}", body)
    assert answered.status in {200, 201}, answered.json


def test_a_certificate_is_seen_by_the_authorities_of_the_region(kit, own, place, scan, reviewer):
    body = {"is_primary": True, "cert_type": "pne_cert", "scan_file_id": scan}
    assert own.post(f"{place}/certificates", body).status == 201

    assert reads(reviewer, place, scan) == [200, 200, 200]
    elsewhere = kit.as_authority("reviewer", region="510107")
    assert reads(elsewhere, place, scan) == ["outside-jurisdiction"] * 3


def test_papers_of_a_draft_do_not_exist_to_authorities(kit, own, place, facts, scan):
    own.put(f"{place}/registration", facts)
    body = {"is_primary": True, "cert_type": "pne_cert", "scan_file_id": scan}
    own.post(f"{place}/certificates", body)

    reviewer = kit.as_authority("reviewer", region="330106")

    assert reads(reviewer, place, scan) == ["not-found"] * 3


@pytest.mark.parametrize(
    ("suffix", "field"),
    [("funds/supervision", "agreement_file_id"), ("funds/basic-account", "proof_file_id")],
)
def test_papers_with_account_numbers_are_seen_in_a_case_and_not_handed_out(
    own, place, facts, decide, scan, kit, route, suffix, field
):
    enter(own, place, "registration", facts)
    enter(own, place, suffix, {field: scan})
    own.post(f"{place}/registration/submission")
    decide("approved")
    reviewer = kit.as_authority("reviewer", region="330106")

    assert reads(reviewer, place, scan) == ["case-required"] * 3

    route(reviewer)
    assert reads(reviewer, place, scan) == [200, 200, "file-preview-only"]


def a_month_later(kit):
    with clock.frozen(clock.now() + KEPT_FOR + timedelta(minutes=1)):
        kit.run_job("erase_unnamed_files")


def test_what_nothing_names_is_gone_after_a_month(kit, own, place, scan):
    a_month_later(kit)

    assert reads(own, place, scan) == ["not-found"] * 3


def test_proofs_of_a_deregistration_stay_though_only_its_application_names_them(
    kit, own, place, scan, reviewer, route
):
    route(reviewer, "deregistration")

    a_month_later(kit)

    assert reads(own, place, scan) == [200, 200, 200]


def test_a_scan_that_was_replaced_stays_with_the_history(kit, own, place, scan, upload):
    path = own.post(
        f"{place}/certificates",
        {"is_primary": True, "cert_type": "pne_cert", "scan_file_id": scan},
    ).headers["Location"]
    other = {"is_primary": True, "cert_type": "pne_cert", "scan_file_id": upload(picture(9, 9))}
    assert own.put(path, other, if_match=1).status == 200

    a_month_later(kit)

    assert reads(own, place, scan) == [200, 200, 200]


def test_logo_and_papers_of_party_activities_are_no_secret(
    kit, own, place, facts, decide, scan, upload
):
    record = {"date": "2024-07-01", "title": "七一主题党日活动", "file_id": scan}
    enter(own, place, "party", {"activity_records": [record]})
    logo = upload(picture(9, 9))
    assert own.put(place, facts | {"logo_file_id": logo}).status == 201
    own.post(f"{place}/registration/submission")
    decide("approved")
    reviewer = kit.as_authority("reviewer", region="330106")

    a_month_later(kit)

    assert reads(reviewer, place, scan) == reads(reviewer, place, logo) == [200, 200, 200]
