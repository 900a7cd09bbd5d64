"""One service is down while its section is wanted: the application says so, and comes through."""

import pytest

APPLICATIONS = "/api/compliance/v1/applications"
RECEIVED = (
    "SELECT type, count(*) FROM inbox"
    " WHERE type LIKE '%%.snapshot_provided.v1' AND received_at > %s AND state = 'done'"
    " GROUP BY type"
)
SECTIONS = (
    "SELECT section, received_at IS NOT NULL FROM gathered_section JOIN gathering USING"
    " (request_id) WHERE application_id = %s ORDER BY section"
)
LOCK = "SELECT 1 FROM review_lock WHERE institution_id = %s AND scopes <> '{}'"
SEALS = "SELECT count(*) FROM snapshot JOIN gathering USING (request_id) WHERE application_id = %s"


@pytest.fixture
def clerk(estate):
    return estate.login("institution-C")


def waiting(application):
    return [each["section"] for each in application["sections"] if each["state"] == "waiting"]


def asked_again(estate):
    """The sections of each repeated request."""
    logged = estate.log("worker-compliance")
    return [line["sections"] for line in logged if line["event"] == "sections_asked_again"]


def locked(estate, clerk):
    """Services where this institution's data is locked for a review."""
    query, institution_id = LOCK, clerk.account["institution_id"]
    services = ("institution", "staff", "materials", "courses")
    return {name for name in services if estate.rows(name, query, institution_id)}


def moment(estate):
    [(now,)] = estate.rows("compliance", "SELECT clock_timestamp()")
    return now


def test_application_waits_for_a_service_that_is_down_and_completes_when_it_is_back(estate, clerk):
    begun, repeats_before = moment(estate), len(asked_again(estate))
    estate.stop("worker-courses")
    application_id = estate.file(clerk)

    def found():
        return clerk.get(f"{APPLICATIONS}/{application_id}")

    estate.until(lambda: waiting(found()) == ["courses"])
    estate.until(lambda: len(asked_again(estate)) > repeats_before)
    assert found()["state"] == "gathering"
    assert waiting(found()) == ["courses"]
    estate.until(lambda: locked(estate, clerk) == {"institution", "staff", "materials"})

    estate.start("worker-courses")

    estate.await_outcome(clerk, application_id, "C")
    estate.settle()
    repeated = asked_again(estate)[repeats_before:]
    assert repeated == [["courses"]] * len(repeated)
    assert dict(estate.rows("compliance", RECEIVED, begun)) == {
        "courses.snapshot_provided.v1": 1 + len(repeated),
        "institution.snapshot_provided.v1": 1,
        "materials.snapshot_provided.v1": 1,
        "staff.snapshot_provided.v1": 1,
    }
    assert [is_in for _, is_in in estate.rows("compliance", SECTIONS, application_id)] == [True] * 4
    assert estate.rows("compliance", SEALS, application_id) == [(1,)]
    assert locked(estate, clerk) == set()


def test_past_the_final_deadline_it_says_what_is_missing_unlocks_and_may_be_filed_again(
    estate, clerk
):
    estate.stop("worker-courses")
    estate.start("worker-compliance", OTSP_COMPLIANCE_GATHERING_SECONDS="4")
    application_id = estate.file(clerk)

    estate.until(lambda: clerk.get(f"{APPLICATIONS}/{application_id}")["state"] == "gather_failed")
    found = clerk.get(f"{APPLICATIONS}/{application_id}")
    assert found["missing_sections"] == ["courses"]
    assert found["snapshot"] is None
    estate.until(lambda: locked(estate, clerk) == set())

    estate.start("worker-compliance")
    estate.start("worker-courses")
    estate.settle()
    assert locked(estate, clerk) == set()
    assert clerk.get(f"{APPLICATIONS}/{application_id}")["state"] == "gather_failed"
    again = estate.file(clerk)

    assert again != application_id
    estate.await_outcome(clerk, again, "C")
    estate.until(lambda: locked(estate, clerk) == set())
