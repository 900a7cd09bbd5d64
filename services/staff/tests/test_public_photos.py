"""Photos of teachers that everybody may see: which, for how long, and what exactly is sent."""

import io

import pytest
from PIL import Image

from otsp_chassis.ids import new_id
from otsp_contracts.compliance.register import PublicPicturesChanged
from otsp_contracts.institution import ON_REGISTER, ProfileChanged
from otsp_testkit.documents import pdf, picture

PROFILE = {"name": "示例培训学校", "categories": ["subject"], "delivery_modes": ["offline"]}
PROFILE |= {"stages": ["junior"], "legal_nature": "nonprofit", "registration_status": "approved"}
PUBLIC = "/api/staff/v1/public/photos"


@pytest.fixture
def upload(owner):
    def send(raw=None, content_type="image/png"):
        place = f"/api/staff/v1/institutions/{owner.principal.institution_id}/files"
        sent = {"raw": raw or picture(900, 600), "content_type": content_type}
        return owner.call("POST", place, query={"name": "周甲身份证"}, **sent).json["file_id"]

    return send


@pytest.fixture
def stand(kit, owner):
    """The institution stands as its owner tells."""
    own = PROFILE | {"institution_id": owner.principal.institution_id, "region_code": "330106"}
    versions = iter(range(1, 100))
    return lambda status: kit.deliver(
        ProfileChanged(**own, version=next(versions), compliance_status=status)
    )


@pytest.fixture
def publish(kit, owner):
    def told(*photos, version=1, logo=None):
        own = {"institution_id": owner.principal.institution_id, "version": version}
        told = PublicPicturesChanged(**own, photo_file_ids=photos, logo_file_id=logo)
        kit.deliver(told)
        return told

    return told


@pytest.fixture
def look(kit, owner):
    def asked(file_id, institution_id=owner.principal.institution_id, **headers):
        return kit.anonymous().get(f"{PUBLIC}/{institution_id}/{file_id}", headers=headers)

    return asked


@pytest.fixture
def shown(owner, register, upload, stand, publish):
    """The photo of a teacher of an institution that is on the register."""
    file_id = upload()
    register(owner, staff_type="teaching", photo_file_id=file_id)
    stand("compliant")
    publish(file_id)
    return file_id


def test_everybody_sees_a_small_picture_and_never_what_was_uploaded(look, shown):
    answer = look(shown)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    drawn = Image.open(io.BytesIO(answer.content))
    assert (drawn.format, drawn.size) == ("JPEG", (320, 213))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_it_is_not_called_as_its_file_is(look, shown):
    assert (
        look(shown).headers["Content-Disposition"].startswith('attachment; filename="photo.jpg";')
    )


def test_it_may_be_kept_a_while_and_is_not_sent_twice(look, shown):
    first = look(shown)
    again = look(shown, **{"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=600"
    assert (again.status, again.content) == (304, b"")


@pytest.mark.parametrize(
    "status",
    ["not_applied", "under_review", "returned", "expired", "suspended", "deregistered"],
)
def test_who_is_not_on_the_register_has_no_public_photos(look, shown, stand, status):
    stand(status)

    assert look(shown).problem == "not-found"


@pytest.mark.parametrize("status", ON_REGISTER)
def test_photos_come_back_with_the_institution(look, shown, stand, status):
    stand("suspended")
    stand(status)

    assert look(shown).status == 200


def test_what_the_register_does_not_name_is_not_public(owner, register, upload, look, shown):
    other = upload()
    register(owner, name="周乙", id_no=None, staff_type="teaching", photo_file_id=other)

    assert look(other).problem == "not-found"
    assert look(new_id()).problem == "not-found"
    assert look(shown, institution_id=new_id()).problem == "not-found"


def test_a_logo_is_not_the_business_of_this_service(upload, look, stand, publish):
    file_id = upload()
    stand("compliant")
    publish(logo=file_id)

    assert look(file_id).problem == "not-found"


def test_a_photo_that_is_a_contract_too_is_not_public(owner, register, look, shown):
    register(owner, name="周乙", id_no=None, contract_file_id=shown)

    assert look(shown).problem == "not-found"


def test_a_photo_that_was_replaced_stays_until_the_next_approval(
    owner, register, upload, look, stand, publish
):
    approved, later = upload(), upload(picture(40, 30))
    register(owner, staff_type="teaching", photo_file_id=later)
    stand("compliant")
    publish(approved)
    assert (look(approved).status, look(later).status) == (200, 404)

    publish(later, version=2)

    assert (look(approved).status, look(later).status) == (404, 200)


def test_news_that_comes_twice_or_late_changes_nothing(kit, look, shown, publish):
    newest = publish(shown, version=3)
    kit.deliver(newest)
    publish(version=2)

    assert look(shown).status == 200


def test_a_photo_in_a_pdf_is_its_first_page(upload, look, stand, publish):
    file_id = upload(pdf("1", "2"), "application/pdf")
    stand("compliant")
    publish(file_id)

    assert look(file_id).headers["Content-Type"] == "image/jpeg"


def test_what_cannot_be_drawn_is_not_sent_as_it_is(upload, look, stand, publish):
    broken = b"%PDF-1.4\n% no pages\n%%EOF\n"
    file_id = upload(broken, "application/pdf")
    stand("compliant")
    publish(file_id)

    assert look(file_id).problem == "file-has-no-preview"
