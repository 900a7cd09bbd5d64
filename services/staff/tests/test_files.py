"""Who sees the scans of people: the matrix of domain specification §5.3, file by file."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_chassis.unnamed_files import KEPT_FOR
from otsp_contracts.compliance import CaseDecided, CaseRouted
from otsp_contracts.institution import ProfileChanged
from otsp_testkit.documents import pdf, picture

pytestmark = pytest.mark.usefixtures("chinese_font")
PROFILE = {"name": "示例培训学校", "categories": ["subject"], "delivery_modes": ["offline"]}
PROFILE |= {"stages": ["junior"], "legal_nature": "nonprofit", "registration_status": "approved"}
QUAL = {"type": "teacher_cert", "stage": "junior", "subject": "math"}
SCANS = {
    "contract": lambda it: {"contract_file_id": it},
    "check of criminal records": lambda it: {"precheck_proof_file_id": it},
    "certificate": lambda it: {"quals": [QUAL | {"scan_file_id": it}]},
}


@pytest.fixture
def place(owner):
    return f"/api/staff/v1/institutions/{owner.principal.institution_id}/files"


@pytest.fixture
def upload(owner, place):
    def send(raw=None, content_type="image/png"):
        stored = owner.call(
            "POST",
            place,
            raw=raw or picture(40, 30),
            content_type=content_type,
            query={"name": "a"},
        )
        assert stored.status == 201, stored.json
        return stored.json["file_id"]

    return send


@pytest.fixture
def reviewer(kit, owner):
    """Of the region in which the institution is known to be."""
    own = PROFILE | {"institution_id": owner.principal.institution_id, "region_code": "330106"}
    kit.deliver(ProfileChanged(**own, version=1, compliance_status="not_applied"))
    return kit.as_authority("reviewer", region="330106")


@pytest.fixture
def case(kit, owner, reviewer):
    told = CaseRouted(
        case_id=new_id(),
        version=1,
        institution_id=owner.principal.institution_id,
        kind="compliance",
        subject_id=new_id(),
        authority_id=reviewer.principal.authority.authority_id,
    )
    kit.deliver(told)
    return told


def reads(client, place, file_id):
    """What comes of asking for what is known, a picture and the bytes."""
    answers = (client.get(f"{place}/{file_id}{what}") for what in ("", "/preview", "/content"))
    return [each.status if each.status == 200 else each.problem for each in answers]


@pytest.mark.parametrize("scan", SCANS.values(), ids=SCANS)
def test_a_scan_is_seen_in_an_open_case_as_a_picture_only(
    kit, owner, register, upload, place, reviewer, case, scan
):
    file_id = upload()
    register(owner, **scan(file_id))

    assert reads(reviewer, place, file_id) == [200, 200, "file-preview-only"]


@pytest.mark.parametrize("scan", SCANS.values(), ids=SCANS)
def test_without_a_case_a_scan_is_not_seen(owner, register, upload, place, reviewer, scan):
    file_id = upload()
    register(owner, **scan(file_id))

    assert reads(reviewer, place, file_id) == ["case-required"] * 3


def test_when_the_case_is_over_nothing_is_seen_any_more(
    kit, owner, register, upload, place, reviewer, case
):
    file_id = upload()
    register(owner, contract_file_id=file_id)
    kit.deliver(
        CaseDecided(
            case_id=case.case_id, version=2, institution_id=case.institution_id, kind=case.kind,
            subject_id=case.subject_id, decision="approved", decided_on="2024-10-15",
        )
    )  # fmt: skip

    assert reads(reviewer, place, file_id) == ["case-required"] * 3


def test_a_photo_is_seen_by_every_authority_of_the_region(
    kit, owner, register, upload, place, reviewer
):
    file_id = upload()
    register(owner, photo_file_id=file_id)

    assert reads(reviewer, place, file_id) == [200, 200, 200]
    elsewhere = kit.as_authority("reviewer", region="510107")
    assert reads(elsewhere, place, file_id) == ["outside-jurisdiction"] * 3


def test_what_nobody_is_entered_with_does_not_exist_to_authorities(place, upload, reviewer, case):
    assert reads(reviewer, place, upload()) == ["not-found"] * 3


def test_the_institution_has_its_own_and_nobody_elses(kit, owner, register, upload, place):
    file_id = upload()
    register(owner, contract_file_id=file_id)

    assert reads(owner, place, file_id) == [200, 200, 200]
    other = kit.as_institution(new_id())
    assert reads(other, place, file_id) == ["other-institution"] * 3
    theirs = place.replace(str(owner.principal.institution_id), str(other.principal.institution_id))
    assert reads(other, theirs, file_id) == ["not-found"] * 3


def test_pages_are_told_and_each_look_is_in_the_trail(
    kit, owner, register, upload, place, reviewer, case
):
    file_id = upload(pdf("1", "2"), "application/pdf")
    register(owner, contract_file_id=file_id)

    assert reviewer.get(f"{place}/{file_id}").json["pages"] == 2
    reviewer.get(f"{place}/{file_id}/preview", query={"page": 2, "width": 320})
    reviewer.get(f"{place}/{file_id}/content")

    columns = audit_entry.c
    query = select(columns.action, columns.actor_id, columns.reason).where(
        columns.object_type == "file"
    )
    with kit.runtime.database.autocommit.connect() as reader:
        looks = [tuple(row) for row in reader.execute(query)]
    who = reviewer.principal.account_id
    assert looks == [("file.previewed", who, f"事项 {case.case_id}，第 2 页")]


def test_scans_of_somebody_who_was_let_go_of_are_erased(kit, owner, register, upload, place):
    """The history names them no more, so nothing does."""
    left = {"existing": True, "status": "departed", "departed_on": "2001-03-01"}
    left |= {"hired_on": "2000-03-01", "precheck_on": "2000-02-20"}
    file_id = upload()
    register(owner, **left, depart_reason="resigned", contract_file_id=file_id)

    with clock.frozen(clock.now() + KEPT_FOR + timedelta(minutes=1)):
        kit.run_job("erase_unnamed_files")
        assert owner.get(f"{place}/{file_id}").status == 200
        kit.run_job("let_go_of_what_is_past_its_time")
        kit.run_job("erase_unnamed_files")

    assert owner.get(f"{place}/{file_id}").problem == "not-found"
