"""What an authority reads of an institution's people: column by column of the masking matrix."""

import pytest
from sqlalchemy import select

from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import CaseDecided, CaseRouted
from otsp_contracts.institution import ProfileChanged

CERT = {"type": "teacher_cert", "cert_no": "20193300141000901", "stage": "senior"}
PRECHECKED = {"precheck_on": "2020-02-20", "annual_check_on": "2024-03-05", "in_china": True}
PERSONAL = {"sex", "nationality", "birth_date", "in_service_teacher", "in_service_declared_on"}
SENSITIVE = {
    "precheck_on",
    "precheck_proof_file_id",
    "annual_check_on",
    "in_china",
    "work_permit_to",
    "residence_permit_to",
}


@pytest.fixture
def settle(kit, owner):
    """Lets the institution tell where it is, and how far its registration is."""

    def _settle(version=1, **changes):
        profile = {
            "institution_id": owner.principal.institution_id,
            "version": version,
            "name": "示例学校",
            "region_code": "330106",
            "categories": ("subject",),
            "delivery_modes": ("offline",),
            "stages": ("junior",),
            "legal_nature": "nonprofit",
            "registration_status": "approved",
            "compliance_status": "not_applied",
        }
        kit.deliver(ProfileChanged(**profile | changes))

    return _settle


@pytest.fixture
def route(kit, owner):
    def _route(authority, **changes):
        case = {
            "case_id": new_id(),
            "version": 1,
            "institution_id": owner.principal.institution_id,
            "kind": "compliance",
            "subject_id": new_id(),
            "authority_id": authority.principal.authority.authority_id,
        }
        told = CaseRouted(**case | changes)
        kit.deliver(told)
        return told

    return _route


@pytest.fixture
def teacher(owner, register, settle):
    settle()
    return register(
        owner, name="周甲乙", staff_type="teaching", quals=[CERT], existing=True, **PRECHECKED
    )


@pytest.fixture
def clerk(owner, register, settle):
    settle()
    return register(owner, name="沈丙", staff_type="finance", **PRECHECKED)


def looks(kit):
    with kit.runtime.database.autocommit.connect() as reader:
        these = select(audit_entry).where(audit_entry.c.action == "staff.read_in_case")
        return list(reader.execute(these.order_by(audit_entry.c.sequence)).mappings())


def people_of(client, owner, **query):
    base = f"/api/staff/v1/institutions/{owner.principal.institution_id}/staff"
    return client.get(base, query=query)


@pytest.mark.parametrize("role", ["reviewer", "region_admin"])
def test_without_a_case_those_who_teach_are_named_and_nothing_personal_is_told(kit, teacher, role):
    read = kit.as_authority(role).get(teacher["url"])

    assert read.status == 200
    assert (read.json["name"], read.json["education"]) == ("周甲乙", "bachelor")
    assert read.json["id_masked"] == "330***********9917"
    assert (read.json["mobile_masked"], read.json["mobile"]) == ("138****0001", None)
    assert read.json["quals"][0]["cert_no"] == "2019*********0901"
    assert set(read.json["withheld"]) == SENSITIVE | PERSONAL | {"contract_file_id"}
    assert {read.json[name] for name in read.json["withheld"]} == {None}
    assert read.json["precheck_clear"] is True, "the result of a check is told, its day is not"


def test_without_a_case_the_others_are_masked(kit, clerk, owner):
    [read] = people_of(kit.as_authority(), owner).json["items"]

    assert (read["name"], read["education"]) == ("沈*", None)
    assert {"education", "photo_file_id"} <= set(read["withheld"])
    assert looks(kit) == []


@pytest.mark.parametrize("kind", ["compliance", "change", "deregistration"])
def test_in_an_open_case_class_2_is_told_in_full_and_class_3_is_not(kit, clerk, route, kind):
    reviewer = kit.as_authority()
    route(reviewer, kind=kind)

    read = reviewer.get(clerk["url"]).json

    assert (read["name"], read["mobile"], read["sex"]) == ("沈丙", "13800000001", "M")
    assert (read["birth_date"], read["education"]) == ("1985-06-07", "bachelor")
    assert read["id_masked"] == "330***********9917"
    assert set(read["withheld"]) == SENSITIVE
    assert {read[name] for name in SENSITIVE} == {None}


def test_scans_are_named_in_an_open_case_only(kit, owner, register, settle, route):
    settle()
    uploaded = owner.call(
        "POST",
        f"/api/staff/v1/institutions/{owner.principal.institution_id}/files",
        raw=b"\x89PNG\r\n\x1a\n" + bytes(64),
        content_type="image/png",
        query={"name": "a.png"},
    ).json["file_id"]
    person = register(owner, contract_file_id=uploaded, quals=[CERT | {"scan_file_id": uploaded}])
    owner.post(f"{person['url']}/departure", {"departed_on": "2024-01-31", "reason": "other"})
    terms = {"hired_on": "2024-09-01", "contract_signed": True, "contract_file_id": uploaded}
    terms |= {"precheck_on": "2024-08-20", "precheck_clear": True}
    owner.post(f"{person['url']}/reinstatement", terms)
    reviewer = kit.as_authority()

    def scans():
        read = reviewer.get(person["url"]).json
        former = read["former_employments"][0]["contract_file_id"]
        return read["contract_file_id"], read["quals"][0]["scan_file_id"], former

    assert scans() == (None, None, None)
    route(reviewer)
    assert scans() == (uploaded, uploaded, uploaded)


def test_certificates_are_told_in_full_in_an_open_case(kit, teacher, route):
    reviewer = kit.as_authority()
    route(reviewer)

    assert reviewer.get(teacher["url"]).json["quals"] == teacher["quals"]


def test_each_read_in_a_case_leaves_an_entry_that_names_case_and_fields(
    kit, owner, clerk, teacher, route
):
    reviewer = kit.as_authority()
    case = route(reviewer)

    reviewer.get(teacher["url"])
    people_of(reviewer, owner)

    one, *page = looks(kit)
    assert (one["object_id"], one["reason"]) == (teacher["staff_id"], f"事项 {case.case_id}")
    assert {"name", "mobile", "quals[].cert_no"} <= set(one["pii_fields"])
    assert {each["object_id"] for each in page} == {clerk["staff_id"], teacher["staff_id"]}
    assert one["institution_id"] == owner.principal.institution_id
    assert one["actor_id"] == reviewer.principal.account_id


def test_an_institutions_own_reads_leave_no_entry(kit, owner, clerk):
    owner.get(clerk["url"])
    people_of(owner, owner)

    assert looks(kit) == []


@pytest.mark.parametrize(
    "why", ["another authority's", "decided", "of a material", "another institution's"]
)
def test_a_case_that_opens_nothing_leaves_people_masked(kit, clerk, route, why):
    reviewer = kit.as_authority()
    case = route(
        reviewer,
        **{
            "another authority's": {"authority_id": new_id()},
            "of a material": {"kind": "external_review"},
            "another institution's": {"institution_id": new_id()},
        }.get(why, {}),
    )
    if why == "decided":
        kit.deliver(
            CaseDecided(
                case_id=case.case_id, version=2, institution_id=case.institution_id,
                kind=case.kind, subject_id=case.subject_id, decision="approved",
                decided_on="2024-10-15",
            )
        )  # fmt: skip

    assert reviewer.get(clerk["url"]).json["name"] == "沈*"


def test_an_authority_of_another_region_reads_nothing(kit, clerk, owner):
    elsewhere = kit.as_authority(region="510107")

    assert elsewhere.get(clerk["url"]).problem == "outside-jurisdiction"
    assert people_of(elsewhere, owner).problem == "outside-jurisdiction"


def test_the_city_and_the_province_above_read_too(kit, clerk):
    for level in ("city", "province", "national"):
        assert kit.as_authority(region="330100", level=level).get(clerk["url"]).status == 200


def test_people_of_an_institution_that_is_not_registered_do_not_exist_to_authorities(
    kit, owner, register, settle
):
    person = register(owner)
    reviewer = kit.as_authority()
    assert reviewer.get(person["url"]).problem == "not-found"

    settle(registration_status="draft")
    assert reviewer.get(person["url"]).problem == "not-found"

    settle(version=2, registration_status="submitted")
    assert reviewer.get(person["url"]).status == 200


def test_an_authority_writes_nothing_in_its_case_either(kit, owner, clerk, route):
    reviewer = kit.as_authority("region_admin")
    route(reviewer)
    base = f"/api/staff/v1/institutions/{owner.principal.institution_id}"
    departure = {"departed_on": "2024-01-01", "reason": "other"}

    calls = [
        reviewer.post(f"{base}/staff", {}),
        reviewer.put(clerk["url"], {}, if_match=1),
        reviewer.delete(clerk["url"], if_match=1),
        reviewer.post(f"{clerk['url']}/departure", departure),
    ]

    assert {call.problem for call in calls} == {"forbidden"}
    assert owner.get(clerk["url"]).version == 1
