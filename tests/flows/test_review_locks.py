"""While an application is judged, what it shows stands still (domain.md §3.8)."""

import pytest
import yaml
from sqlalchemy import select

from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import SupplementRequested
from otsp_contracts.snapshots import TABS

LOCKED = "审核中，信息已锁定，可撤回申请后修改"
NO_ROW = "00000000-0000-7000-8000-000000000000"
LOCKED_WRITES = {
    "institution": [
        ("PUT", "", {}),
        ("PUT", "/registration", {}),
        ("POST", "/registration/submission", None),
        ("PUT", "/licence", {}),
        ("POST", "/certificates", {"is_primary": False, "cert_type": "other"}),
        ("PUT", "/certificates/{certificate_id}", {"is_primary": False, "cert_type": "other"}),
        ("DELETE", "/certificates/{certificate_id}", None),
        ("POST", "/certificates/{certificate_id}/restoration", None),
        ("PUT", "/party", {}),
        ("POST", "/other-docs", {"doc_type": "other"}),
        ("PUT", "/other-docs/{doc_id}", {"doc_type": "other"}),
        ("DELETE", "/other-docs/{doc_id}", None),
        ("POST", "/other-docs/{doc_id}/restoration", None),
        ("POST", "/audit-reports", {"year": 2022}),
        ("PUT", "/audit-reports/{audit_report_id}", {"year": 2022}),
        ("DELETE", "/audit-reports/{audit_report_id}", None),
        ("POST", "/audit-reports/{audit_report_id}/restoration", None),
        ("PUT", "/funds/supervision", {}),
        ("POST", "/funds/statements", {"month": "2024-09"}),
        ("PUT", "/funds/basic-account", {}),
        ("PUT", "/funds/contract", {}),
        ("POST", "/funds/fee-items", {}),
        ("PUT", "/funds/fee-items/{fee_item_id}", {}),
        ("DELETE", "/funds/fee-items/{fee_item_id}", None),
        ("POST", "/funds/fee-items/{fee_item_id}/restoration", None),
        ("PUT", "/proposed-changes/basic-information", {}),
        ("PUT", "/proposed-changes/licence", {}),
        ("PUT", "/proposed-changes/supervision", {}),
        ("DELETE", "/proposed-changes", None),
    ],
    "staff": [
        ("POST", "/staff", {"name": "示例新人"}),
        ("PUT", "/staff/{staff_id}", {}),
        ("DELETE", "/staff/{staff_id}", None),
        ("POST", "/staff/{staff_id}/restoration", None),
        (
            "POST",
            "/staff/{staff_id}/reinstatement",
            {
                "hired_on": "2024-10-15",
                "contract_signed": True,
                "precheck_on": "2024-10-10",
                "precheck_clear": True,
            },
        ),
        ("POST", "/imports/{import_id}/application", {"skip_faulty": False}),
    ],
    "materials": [
        ("PUT", "/materials/{material_id}", {}),
        ("DELETE", "/materials/{material_id}", None),
        ("POST", "/materials/{material_id}/restoration", None),
        ("POST", "/materials/{material_id}/internal-review-submission", None),
        (
            "POST",
            "/materials/{material_id}/internal-review-result",
            {"result": "pass", "reviewer_ids": [NO_ROW], "reviewed_on": "2024-08-10"},
        ),
        ("POST", "/materials/{material_id}/external-review-request", None),
        ("POST", "/materials/{material_id}/adoption", {"used_from": "2024-09-01"}),
        ("POST", "/materials/{material_id}/archiving", {"used_until": "2024-10-15"}),
        ("POST", "/materials/{material_id}/purge", None),
        ("POST", "/imports/{import_id}/application", {"skip_faulty": False}),
    ],
    "courses": [
        ("POST", "/sites", {}),
        ("PUT", "/sites/{site_id}", {}),
        ("DELETE", "/sites/{site_id}", None),
        ("PUT", "/sites/{site_id}/relocation", {"region_code": "330105", "address": "示例路9号"}),
        ("DELETE", "/sites/{site_id}/relocation", None),
        ("POST", "/sites/{site_id}/restoration", None),
        ("POST", "/systems", {}),
        ("PUT", "/systems/{system_id}", {}),
        ("DELETE", "/systems/{system_id}", None),
        ("POST", "/systems/{system_id}/restoration", None),
        ("PUT", "/courses/{course_id}", {}),
        ("DELETE", "/courses/{course_id}", None),
        ("POST", "/courses/{course_id}/restoration", None),
        ("PUT", "/courses/{course_id}/status", {"status": "closed"}),
        ("POST", "/courses/{course_id}/classes", {}),
        ("PUT", "/courses/{course_id}/classes/{class_id}", {}),
        ("DELETE", "/courses/{course_id}/classes/{class_id}", None),
        ("POST", "/courses/{course_id}/classes/{class_id}/restoration", None),
        ("PUT", "/courses/{course_id}/classes/{class_id}/status", {"status": "finished"}),
        ("POST", "/imports/{import_id}/application", {"skip_faulty": False}),
    ],
}
"""Every write of an institution's data that a review forbids, with the least that is let in."""
OPEN_WRITES = {
    "institution": {("POST", "/exports"), ("POST", "/reveals")},
    "staff": {
        ("POST", "/staff/{staff_id}/departure"),
        ("POST", "/staff/{staff_id}/reveals"),
        ("POST", "/staff-searches"),
        ("POST", "/correction-requests/{request_id}/answer"),
        ("POST", "/exports"),
        ("POST", "/imports"),
    },
    "materials": {
        ("POST", "/exports"),
        ("POST", "/imports"),
        ("POST", "/materials"),
        ("POST", "/materials/{material_id}/versions"),
    },
    "courses": {
        ("POST", "/courses"),
        ("POST", "/exports"),
        ("POST", "/imports"),
        ("PUT", "/courses/{course_id}/classes/{class_id}/attendance"),
        ("POST", "/courses/{course_id}/classes/{class_id}/cancellation"),
    },
}
"""What is allowed during a review too; a look in clear, an export and the
check of a workbook change nothing. Files mean
something only when a part names them."""
DRAFTS = {("PUT", "/drafts/{section}"), ("DELETE", "/drafts/{section}")}
"""Of what is typed and not saved; open in every service."""
AUTHORITYS = {
    ("POST", "/masked-exports"),
    ("PUT", "/legacy-origin"),
    ("POST", "/suspension"),
    ("POST", "/resumption"),
    ("POST", "/measures/{measure_id}/refusal"),
    ("POST", "/materials/{material_id}/suspension"),
    ("POST", "/materials/{material_id}/sampling"),
}

PARTS = {
    "institution": [
        ("/funds/statements", "supervision"),
        ("/registration", None),
        ("/proposed-changes/basic-information", "institution"),
        ("/proposed-changes/licence", "licence"),
        ("/proposed-changes/supervision", "supervision"),
        ("/proposed-changes", None),
        ("/funds/", "funds"),
        ("/", ""),
        ("", "institution"),
    ],
    "staff": [("", "staff")],
    "materials": [("", "materials")],
    "courses": [
        ("/courses/{course_id}/classes", "classes"),
        ("/imports", None),
        ("/", ""),
    ],
}
"""What part of the file a write is of, by how its place begins; the first that fits. Without one no
notice opens it: a registration is no part, a proposal is discarded as a whole, and an import of
courses may be of any list."""
OBJECTS = {"fee_items": "F1", "staff": "T2", "materials": "B1", "sites": "S1"}
OBJECTS |= {"courses": "K1", "classes": "K1-1"}


def part_of(service, place):
    part = next(part for start, part in PARTS[service] if place.startswith(start))
    if part in ("", "funds"):
        return place.removeprefix("/funds").split("/")[1].replace("-", "_")
    return part


def is_of_a_row(place):
    return "_id}" in place.replace("{import_id}", "").replace("{course_id}/classes", "")


def tell_supplement(town, application, unlocked, version=100):
    """What compliance tells once an authority has given its notice."""
    told = SupplementRequested(
        version=version,
        from_state="in_review",
        to_state="supplementing",
        application_id=application["application_id"],
        institution_id=application["institution_id"],
        kind="initial",
        case_id=new_id(),
        round=1,
        due_on="2024-11-14",
        unlocked=[
            {"section": TABS[part].section, "part": part, "object_id": row}
            for part, row in unlocked
        ],
    )
    with town.platform.kits["compliance"].active(), transaction() as tx:
        publish(tx, told)
    town.platform.settle()


@pytest.fixture
def under_review(town):
    """The application of sample A, sealed and waiting for its warning to be read."""
    found = town.moment("A is filed", lambda: town.filed("A"))
    assert found["state"] == "awaiting_acknowledgement"
    return found


def attempt(town, service, write, sample="A"):
    method, place, body = write
    ids = town.ids(sample)
    named = place.format(
        staff_id=ids["T2"],
        material_id=ids["B1"],
        site_id=ids["S1"],
        course_id=ids["K1"],
        class_id=ids["K1-1"],
        fee_item_id=ids["F1"],
        system_id=NO_ROW,
        certificate_id=NO_ROW,
        doc_id=NO_ROW,
        audit_report_id=NO_ROW,
        import_id=NO_ROW,
    )
    return town.call(sample, method, town.path(sample, service) + named, json=body)


def statuses(town, sample="A"):
    return {
        (service, write[0], write[1]): attempt(town, service, write, sample).status_code
        for service, writes in LOCKED_WRITES.items()
        for write in writes
    }


def test_each_write_of_the_four_services_is_known_here_as_locked_or_open(stage):
    for service, writes in LOCKED_WRITES.items():
        file = stage.ROOT / f"services/{service}/src/otsp_{service}/openapi.yaml"
        paths = yaml.safe_load(file.read_text(encoding="utf-8"))["paths"]
        below = f"/api/{service}/v1/institutions/{{institution_id}}"
        operations = {
            (method.upper(), path.removeprefix(below))
            for path, operations in paths.items()
            for method in operations.keys() & {"post", "put", "delete"}
            if path.startswith(below) and not path.endswith("/files")
        }

        locked = {write[:2] for write in writes}

        assert operations - AUTHORITYS - DRAFTS == locked | OPEN_WRITES[service]
        assert not locked & OPEN_WRITES[service]


@pytest.mark.parametrize("service", LOCKED_WRITES)
def test_under_review_every_write_is_refused_with_the_way_out(town, under_review, service):
    for write in LOCKED_WRITES[service]:
        answer = attempt(town, service, write)

        assert answer.status_code == 423, (write, answer.text)
        problem = answer.json()
        assert problem["type"] == "urn:otsp:problem:locked"
        assert problem["detail"] == LOCKED
        assert problem["application_id"] == under_review["application_id"]


def test_under_review_no_authority_changes_the_file_either(town, under_review):
    office = town.supervision.office("education", "county", "330106")
    http = town.platform.http(town.token_of(town.supervision.as_role(office, "region_admin")))

    answer = http.put(town.path("A", "institution", "legacy-origin"), json={"migrated_from": None})

    assert (answer.status_code, answer.json()["detail"]) == (423, LOCKED)


def test_under_review_only_its_own_institution_is_locked(town, under_review):
    assert 423 not in statuses(town, "C").values()


def test_under_review_somebody_may_leave_and_the_trail_says_after_what(town, under_review, kits):
    departure = {"departed_on": "2024-10-15", "reason": "resigned"}

    answer = attempt(town, "staff", ("POST", "/staff/{staff_id}/departure", departure))

    assert (answer.status_code, answer.json()["status"]) == (200, "departed")
    with kits.kits["staff"].runtime.database.autocommit.connect() as reader:
        reason = reader.scalar(
            select(audit_entry.c.reason).where(audit_entry.c.action == "staff.departed")
        )
    assert under_review["application_id"] in reason


def test_a_departure_under_review_does_not_reach_the_sealed_snapshot(town, under_review):
    departure = {"departed_on": "2024-10-15", "reason": "resigned"}
    attempt(town, "staff", ("POST", "/staff/{staff_id}/departure", departure))

    found = town.application("A", under_review["application_id"])

    assert found["snapshot"] == under_review["snapshot"]
    assert found["warnings"] == ["SIT-006"]


def test_under_review_pupils_come_and_go_and_a_class_may_fall_through(town, under_review):
    path = town.path("A", "courses", "courses", town.ids("A")["K1"], "classes")
    path = f"{path}/{town.ids('A')['K1-1']}"
    etag = town.call("A", "GET", path).headers["ETag"]

    attended = town.call(
        "A",
        "PUT",
        f"{path}/attendance",
        json={"enrolled": 11, "skip_dates": ["2024-10-17"]},
        headers={"If-Match": etag},
    )
    cancelled = town.call("A", "POST", f"{path}/cancellation", json={"reason": "人数不足"})

    assert (attended.status_code, attended.json()["enrolled"]) == (200, 11)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


def test_under_review_a_new_draft_of_a_material_may_be_begun_but_nothing_finished(
    town, under_review
):
    draft = {"title": "新编讲义(示例)", "category": "subject", "form": "basic"}

    begun = attempt(town, "materials", ("POST", "/materials", draft))
    finished = attempt(town, "materials", ("POST", "/materials", draft | {"existing": True}))

    assert (begun.status_code, begun.json()["status"]) == (201, "draft")
    assert (finished.status_code, finished.json()["detail"]) == (423, LOCKED)


def test_under_review_a_new_draft_of_a_course_may_be_begun_but_nothing_finished(town, under_review):
    draft = {"name": "初三数学", "host_id": town.ids("A")["S1"], "delivery": "offline"}

    begun = attempt(town, "courses", ("POST", "/courses", draft))
    finished = attempt(town, "courses", ("POST", "/courses", draft | {"existing": True}))

    assert (begun.status_code, begun.json().get("status")) == (201, "draft")
    assert (finished.status_code, finished.json()["detail"]) == (423, LOCKED)


@pytest.mark.parametrize(
    ("service", "section"),
    [
        ("institution", "party"),
        ("staff", "staff.new"),
        ("materials", "material.new"),
        ("courses", "course.new"),
    ],
)
def test_under_review_what_is_typed_is_kept_all_the_same(town, under_review, service, section):
    place = town.path("A", service, "drafts", section)

    kept = town.call("A", "PUT", place, json={"content": {}})

    assert (kept.status_code, town.call("A", "DELETE", place).status_code) == (200, 204)


def test_under_review_the_account_stays_its_owners(town, under_review):
    opened = town.entered["A"].account
    change = {
        "current_password": opened.password,
        "new_password": "Bb2-another-word",
        "new_password_confirmation": "Bb2-another-word",
    }

    answer = town.call("A", "POST", "/api/auth/v1/account/password", json=change)

    assert answer.status_code == 204, answer.text


def test_withdrawal_unlocks_everywhere(town, under_review):
    town.withdraw("A", under_review["application_id"])

    assert 423 not in statuses(town).values()


def test_after_a_withdrawal_a_new_application_may_be_filed_and_locks_again(town, under_review):
    town.withdraw("A", under_review["application_id"])

    assert town.filed("A")["state"] == "awaiting_acknowledgement"
    assert set(statuses(town).values()) == {423}


def test_failed_precheck_unlocks_everywhere_and_a_new_application_may_be_filed(town):
    first = town.filed("C")
    assert first["state"] == "precheck_failed"

    assert 423 not in statuses(town, "C").values()
    again = town.filed("C")
    assert again["application_id"] != first["application_id"]
    assert again["snapshot"]["parts"].keys() == first["snapshot"]["parts"].keys()


def test_a_self_check_locks_nothing(town):
    town.self_check("A")

    assert 423 not in statuses(town).values()


@pytest.mark.parametrize("chosen", [0, 1])
def test_tabs_that_a_notice_names_are_open_and_all_others_stay_locked(town, under_review, chosen):
    named = set(list(TABS)[chosen::2])
    tell_supplement(town, under_review, [(part, None) for part in named])

    for (service, method, place), status in statuses(town).items():
        is_named = part_of(service, place) in named
        assert (status != 423) is is_named, (service, method, place, status)


def test_rows_that_a_notice_names_are_open_and_their_neighbours_stay_locked(town, under_review):
    ids = town.ids("A")
    tell_supplement(town, under_review, [(part, ids[name]) for part, name in OBJECTS.items()])

    for (service, method, place), status in statuses(town).items():
        is_named = part_of(service, place) in OBJECTS and is_of_a_row(place)
        assert (status != 423) is is_named, (service, method, place, status)


def test_rows_that_no_notice_names_stay_locked(town, under_review):
    tell_supplement(town, under_review, [(part, NO_ROW) for part in OBJECTS])

    ids = set(statuses(town).items())

    assert {place[0] for place, status in ids if status != 423} == set()


def test_while_something_is_supplied_a_refusal_names_what_may_be_written(town, under_review):
    unlocked = [("licence", None), ("staff", town.ids("A")["T1"])]
    tell_supplement(town, under_review, unlocked)

    for service, write in [
        ("institution", ("PUT", "/party", {})),
        ("courses", ("POST", "/sites", {})),
    ]:
        problem = attempt(town, service, write).json()
        assert "办学许可证、从业人员（列明的1项）" in problem["detail"]
        assert [(each["part"], each["object_id"]) for each in problem["open_items"]] == unlocked


def test_lists_named_as_a_whole_may_be_imported(town, under_review):
    tell_supplement(town, under_review, [("staff", None)])

    answer = attempt(
        town, "staff", ("POST", "/imports/{import_id}/application", {"skip_faulty": False})
    )

    assert answer.status_code == 404


def test_supplement_told_late_or_twice_opens_nothing_that_is_over(town, under_review):
    everything = [(part, None) for part in TABS]
    tell_supplement(town, under_review, everything, version=0)
    assert set(statuses(town).values()) == {423}

    town.withdraw("A", under_review["application_id"])
    again = town.filed("A")
    tell_supplement(town, under_review, everything)

    assert again["state"] == "awaiting_acknowledgement"
    assert set(statuses(town).values()) == {423}
