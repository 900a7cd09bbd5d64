"""The history: every write on a person is in it field by field, and nothing personal is."""

from dataclasses import fields

import pytest
from sqlalchemy import text

from otsp_chassis.ids import new_id
from otsp_contracts.institution import ProfileChanged
from otsp_staff.rules.labels import LABELS
from otsp_staff.rules.rows import StaffRow

EVER = {"from": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
CERT = {"type": "teacher_cert", "cert_no": "20193300141000901", "stage": "senior"}


@pytest.fixture
def base(owner):
    return f"/api/staff/v1/institutions/{owner.principal.institution_id}"


@pytest.fixture
def history(owner, base):
    return lambda **query: owner.get(f"{base}/history", query=query).json["items"]


@pytest.fixture
def replace(owner, person):
    """Replaces the person by what was entered, with changes given by name."""
    version = iter(range(1, 10))

    def _replace(**changes):
        kept = {name: person[name] for name in ("name", "sex", "nationality", "education")}
        kept |= {name: person[name] for name in ("staff_type", "employment", "hired_on")}
        kept |= {name: person[name] for name in ("contract_signed", "contract_no")}
        kept |= {name: person[name] for name in ("contract_from", "precheck_on")}
        kept |= {"precheck_clear": True, "prohibited": False}
        replaced = owner.put(person["url"], kept | changes, if_match=next(version))
        assert replaced.status == 200, replaced.content

    return _replace


@pytest.fixture
def person(owner, register):
    return register(owner)


def ends(told):
    return {each["pointer"]: (each["before"], each["after"]) for each in told["fields"]}


def test_registration_is_told_with_all_that_was_entered(owner, person, history):
    [entered] = history()

    assert (entered["kind"], entered["part"], entered["part_zh"]) == ("added", "staff", "从业人员")
    assert (entered["object_id"], entered["version"]) == (person["staff_id"], 1)
    assert entered["account_id"] == str(owner.principal.account_id)
    assert ends(entered)["/staff_type"] == (None, "management")
    assert ends(entered)["/id_masked"] == (None, "330***********9917")


def test_replacement_is_told_by_what_changed(person, replace, history):
    replace(major="数学", employment="part_time")

    changed = history()[0]

    assert (changed["kind"], changed["version"]) == ("changed", 2)
    assert ends(changed) == {
        "/employment": ("full_time", "part_time"),
        "/major": (None, "数学"),
    }
    assert [each["label_zh"] for each in changed["fields"]] == ["用工形式", "专业"]


def test_departure_and_return_are_told(owner, person, history):
    owner.post(f"{person['url']}/departure", {"departed_on": "2024-01-31", "reason": "resigned"})
    terms = {"hired_on": "2024-09-01", "contract_signed": True}
    terms |= {"precheck_on": "2024-08-20", "precheck_clear": True}
    owner.post(f"{person['url']}/reinstatement", terms)

    returned, departed, _ = history()

    assert ends(departed) == {
        "/depart_reason": (None, "resigned"),
        "/departed_on": (None, "2024-01-31"),
        "/status": ("employed", "departed"),
    }
    assert ends(returned)["/hired_on"] == ("2020-03-01", "2024-09-01")
    assert ends(returned)["/status"] == ("departed", "employed")


def test_deletion_is_told_with_what_the_person_held(owner, person, history):
    owner.delete(person["url"], if_match=1)

    removed = history()[0]

    assert (removed["kind"], removed["version"]) == ("removed", 2)
    assert ends(removed)["/staff_type"] == ("management", None)


def test_history_of_one_person_is_asked_for_by_id(owner, register, person, history):
    other = register(owner, name="周乙", id_no=None)

    [only] = history(object_id=other["staff_id"])

    assert only["object_id"] == other["staff_id"]


def test_between_two_moments_stands_what_remains(owner, base, person, replace, history):
    replace(major="数学")
    replace(major=None, graduated_from="示例大学")
    entered = history()[2]["at"]
    since = {"from": history()[1]["at"], "to": EVER["to"]}

    [net] = owner.get(f"{base}/history/differences", query=since).json["items"]
    whole = owner.get(f"{base}/history/differences", query=EVER).json["items"]

    assert (net["kind"], ends(net)) == ("changed", {"/graduated_from": (None, "示例大学")})
    assert [each["kind"] for each in whole] == ["added"]
    assert entered


def test_refused_repeated_and_empty_writes_leave_no_change(owner, base, person, replace, history):
    owner.put(person["url"], {}, if_match=9)
    owner.put(person["url"], {"sex": "X"}, if_match=1)
    for _ in range(2):
        owner.post(f"{base}/staff", {"name": "周乙"}, key="key-00000001")
    before = history()
    replace()

    assert [each["kind"] for each in before] == ["added", "added"]
    assert history() == before


def test_no_personal_value_lies_in_the_history(kit, owner, register, history):
    secrets = {
        "name": "周暗号",
        "id_no": "X7700345",
        "id_type": "passport",
        "nationality": "AQ",
        "mobile": "13812340001",
        "political_status": "probationary",
        "prohibited_kind": ["sexual_abuse_violence"],
        "work_permit_no": "W9988776655",
        "work_permit_to": "2031-03-03",
        "precheck_on": "2020-02-02",
        "annual_check_on": "2024-04-04",
        "in_service_declared_on": "2021-05-05",
        "quals": [CERT],
    }
    person = register(owner, **secrets)
    owner.put(person["url"], {"id_no": None, "mobile": None}, if_match=1)
    owner.delete(person["url"], if_match=2)

    with kit.runtime.database.engine.connect() as reader:
        kept = reader.execute(text("SELECT string_agg(fields::text, '') FROM change")).scalar()
    for secret in (
        "暗", "7700", "AQ", "1381234", "probationary", "sexual", "998877",
        "2031-03", "2020-02", "2024-04", "2021-05", "1410009",
    ):  # fmt: skip
        assert secret not in kept, secret
    assert "周**" in kept
    assert "2019*********0901" in kept


def test_personal_value_behind_the_same_mask_is_told_as_changed(person, replace, history):
    replace(mobile="13899990001", precheck_on="2020-02-21", name="周丁")

    changed = history()[0]["fields"]

    assert [each["pointer"] for each in changed] == ["/mobile_masked", "/name", "/precheck_on"]
    assert all(each["is_masked"] and each["before"] == each["after"] for each in changed)


def test_name_of_who_teaches_is_public_and_so_is_its_change(owner, register, history):
    person = register(owner, name="周甲", staff_type="teaching")
    owner.put(person["url"], {"name": "周乙", "staff_type": "teaching"}, if_match=1)

    assert ends(history()[0])["/name"] == ("周甲", "周乙")


def test_another_staff_type_does_not_look_like_another_name(owner, person, replace, history):
    replace(staff_type="teaching")

    assert ends(history()[0]) == {"/staff_type": ("management", "teaching")}


def test_name_that_is_published_on_one_side_only_is_masked_on_both(person, replace, history):
    replace(staff_type="teaching", name="周丁")

    assert ends(history()[0])["/name"] == ("周*", "周*")


def test_education_of_who_does_not_teach_is_personal(owner, register, person, replace, history):
    teacher = register(owner, name="周乙", staff_type="teaching", id_no=None)
    owner.put(teacher["url"], {"education": "master", "staff_type": "teaching"}, if_match=1)
    replace(education="master")

    of_the_clerk, of_the_teacher = history()[:2]

    assert ends(of_the_clerk) == {"/education": ("***", "***")}
    assert ends(of_the_teacher)["/education"] == ("bachelor", "master")


@pytest.mark.parametrize("suffix", ["history", "history/differences"])
def test_who_reads_people_reads_their_history_and_nobody_else(kit, owner, base, person, suffix):
    def asked_by(client):
        return client.get(f"{base}/{suffix}", query=EVER)

    reviewer = kit.as_authority()
    assert asked_by(reviewer).problem == "not-found"
    kit.deliver(
        ProfileChanged(
            institution_id=owner.principal.institution_id, version=1, name="示例学校",
            region_code="330106", categories=("subject",), delivery_modes=("offline",),
            stages=("junior",), legal_nature="nonprofit", registration_status="approved",
            compliance_status="not_applied",
        )
    )  # fmt: skip

    assert asked_by(reviewer).json["items"] == asked_by(owner).json["items"] != []
    assert asked_by(kit.as_institution(new_id())).problem == "other-institution"
    assert asked_by(kit.as_authority(region="510107")).problem == "outside-jurisdiction"
    assert asked_by(kit.as_authority("auditor")).problem == "forbidden"
    assert asked_by(kit.anonymous()).problem == "unauthorised"


def test_history_of_another_institution_is_not_in_ones_own(kit, owner, register, person, history):
    register(kit.as_institution(new_id()))

    assert [each["object_id"] for each in history()] == [person["staff_id"]]


def test_every_field_that_is_kept_has_a_chinese_name(owner, register, history):
    """A field that is added later needs a name before it is entered."""
    computed = {"staff_id", "version", "id_valid", "birth_date", "blacklisted", "other_full_time"}
    computed |= {"registered_twice", "work_permit_held", "mobile", "withheld", "warnings"}
    computed |= {"depart_by", "checks_due", "former_employments"}

    told = {f"/{each.name}" for each in fields(StaffRow)} - {f"/{name}" for name in computed}

    assert LABELS["staff"][1].keys() == told | {"/political_status", "/prohibited_kind"}
