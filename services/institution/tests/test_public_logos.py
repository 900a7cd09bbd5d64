"""The logo that everybody may see beside an institution of the public register."""

import io

import pytest
from PIL import Image

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided
from otsp_contracts.compliance.register import PublicPicturesChanged
from otsp_testkit.documents import picture

PUBLIC = "/api/institution/v1/public/logos"


@pytest.fixture
def compliant(kit, own, place, facts, decide, institution_id):
    own.put(f"{place}/registration", facts)
    own.post(f"{place}/registration/submission")
    decide("approved")
    kit.deliver(
        CaseDecided(
            case_id=new_id(), version=2, institution_id=institution_id, kind="compliance",
            subject_id=new_id(), decision="approved", decided_on="2024-10-15",
        )
    )  # fmt: skip


@pytest.fixture
def publish(kit, institution_id):
    def told(logo, *, version=1, photos=()):
        names = {"logo_file_id": logo, "photo_file_ids": photos}
        told = PublicPicturesChanged(institution_id=institution_id, version=version, **names)
        kit.deliver(told)
        return told

    return told


@pytest.fixture
def look(kit, institution_id):
    return lambda file_id: kit.anonymous().get(f"{PUBLIC}/{institution_id}/{file_id}")


@pytest.fixture
def logo(upload):
    return upload(picture(900, 600))


def test_everybody_sees_the_logo_of_who_is_on_the_register(compliant, logo, publish, look):
    publish(logo)

    answer = look(logo)

    assert answer.status == 200
    assert Image.open(io.BytesIO(answer.content)).size == (320, 213)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="logo.jpg";')
    assert answer.headers["Cache-Control"] == "public, max-age=600"


def test_the_logo_of_who_is_not_on_it_is_not_public(own, place, facts, logo, publish, look):
    own.put(f"{place}/registration", facts)
    publish(logo)

    assert look(logo).problem == "not-found"


def test_a_logo_that_is_an_identity_scan_too_is_not_public(
    own, place, compliant, logo, publish, look
):
    proof = {"account_name": "示例", "bank_name": "示例银行", "proof_file_id": logo}
    assert own.put(f"{place}/funds/basic-account", proof).status == 201
    publish(logo)

    assert look(logo).problem == "not-found"


def test_without_a_logo_nothing_is_shown_and_photos_are_others_business(
    compliant, logo, publish, look
):
    publish(None, photos=[logo])

    assert look(logo).problem == "not-found"


def test_news_that_comes_twice_or_late_changes_nothing(kit, compliant, logo, publish, look):
    kit.deliver(publish(logo, version=2))
    publish(None, version=1)

    assert look(logo).status == 200
