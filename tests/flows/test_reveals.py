"""A reviewer sees one number in clear: within the open case, with a trace, and not a day longer."""

import pytest

from otsp_chassis.republish import By, Wanted, republish

REASON = "核对教师资格证书持有人身份"
CASES = "/api/compliance/v1/cases"


@pytest.fixture
def application(town):
    """Sample A's, which lies with the county."""
    return town.moment("A is submitted", lambda: town.filed("A", acknowledged_warnings=["SIT-006"]))


@pytest.fixture
def county(town, application):
    return Authority(town, town.reviewer("330106"), application["case_id"])


class Authority:
    """A reviewer who asks for what is masked of sample A."""

    def __init__(self, town, session, case_id):
        self.town, self.case_id = town, case_id
        self.http = town.platform.http(town.token_of(session))

    def staff(self, name="T1", **changes):
        path = self.town.path("A", "staff", "staff", self.town.ids("A")[name], "reveals")
        return self._ask(path, "id_no", **changes)

    def head(self, **changes):
        path = self.town.path("A", "institution", "reveals")
        return self._ask(path, "legal_rep.id_no", **changes)

    def _ask(self, path, field, **changes):
        body = {"fields": [field], "reason": REASON, "case_id": self.case_id} | changes
        return self.http.post(path, json=body)


def refusal(answer):
    return answer.status_code, answer.json().get("type", "").rpartition(":")[2]


def number_of(town, name):
    [person] = [each for each in town.desks["A"].dossier.staff if each.staff_id == name]
    return person.id_no


def trail(town, service, action):
    """As the nation's auditor reads it."""
    auditor = town.platform.kits[service].as_authority("auditor", level="national", region="000000")
    answer = auditor.get(f"/api/{service}/v1/audit-entries", query={"action": action})
    return answer.json["items"]


def test_the_reviewer_sees_a_number_and_the_trail_tells_it(town, county, application):
    answer = county.staff()

    assert answer.status_code == 200, answer.text
    assert answer.json()["values"] == {"id_no": number_of(town, "T1")}
    assert answer.headers["Cache-Control"] == "no-store"
    [look] = trail(town, "staff", "staff.revealed")
    assert look["object_id"] == town.ids("A")["T1"]
    assert look["institution_id"] == town.desks["A"].institution_id
    assert (look["role"], look["pii_fields"]) == ("reviewer", ["id_no"])
    assert look["reason"] == f"事项 {application['case_id']}：{REASON}"


def test_the_reviewer_sees_who_is_behind_the_institution(town, county):
    answer = county.head()

    assert answer.status_code == 200, answer.text
    number = town.desks["A"].dossier.institution.legal_rep.id_no
    assert answer.json()["values"] == {"legal_rep.id_no": number}
    assert len(trail(town, "institution", "institution.revealed")) == 1


def test_after_the_withdrawal_it_is_refused(town, county, application):
    assert county.staff().status_code == 200
    town.withdraw("A", application["application_id"])

    assert refusal(county.staff()) == (403, "case-not-open")
    assert refusal(county.head()) == (403, "case-not-open")
    assert len(trail(town, "staff", "staff.revealed")) == 1


def test_it_goes_with_the_case_to_another_authority(town, county):
    sports = town.supervision.office("sports", "county", "330106")
    reviewer = town.supervision.as_role(sports, "reviewer")
    town.platform.settle()
    beside = Authority(town, reviewer, county.case_id)
    assert refusal(beside.staff()) == (403, "case-not-open")

    claim = reviewer.get("/api/auth/v1/account")["authority"]
    transfer = {"authority_id": claim["authority_id"], "reason": "该机构的主要培训由体育部门审批"}
    education = town.supervision.office("education", "county", "330106")
    head = town.supervision.as_role(education, "region_admin")
    head.post(f"{CASES}/{county.case_id}/transfers", transfer)
    town.platform.settle()

    assert refusal(county.staff()) == (403, "case-not-open")
    assert beside.staff().status_code == 200


def test_the_case_of_one_institution_opens_no_other(town, county):
    path = town.path("C", "staff", "staff", next(iter(town.ids("C").values())), "reveals")

    answer = county.http.post(
        path, json={"fields": ["id_no"], "reason": REASON, "case_id": county.case_id}
    )

    assert refusal(answer) == (403, "case-not-open")


def test_the_review_of_a_material_opens_nobodys_data(town):
    province = town.reviewer("110108", level="province")
    [case, *_] = province.list_all(CASES, state="open", kind="external_review")
    path = town.path("B", "staff", "staff", town.ids("B")["T1"], "reveals")
    http = town.platform.http(town.token_of(province))

    answer = http.post(
        path, json={"fields": ["id_no"], "reason": REASON, "case_id": case["case_id"]}
    )

    assert refusal(answer) == (403, "case-not-open")


def test_a_copy_that_missed_the_end_of_a_case_is_closed_by_republishing(
    town, stage, county, application
):
    """The withdrawal never arrives; compliance tells its cases again."""
    postman = stage.Postman(town.platform)
    town.clerk("A").post(
        f"/api/compliance/v1/applications/{application['application_id']}/withdrawal", None
    )
    postman.deliver([each for each in postman.collect() if "case_decided" not in each.type])
    assert county.staff().status_code == 200

    kit = town.platform.kits["compliance"]
    for source in kit.service.republish_sources():
        list(republish(kit.runtime, source, wanted=Wanted(), by=By("somebody")))
    postman.settle()

    assert refusal(county.staff()) == (403, "case-not-open")
