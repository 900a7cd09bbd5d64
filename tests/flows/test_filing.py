"""One open application an institution, whoever asks, however often and at once."""

import threading

import pytest

from otsp_cli.dossier.gateway import Refused

APPLICATIONS = "/api/compliance/v1/applications"


def body_of(town, sample="A"):
    return {"institution_id": town.desks[sample].institution_id, "kind": "initial"}


def at_once(count, act):
    """Run `act` in as many threads, begun together; what each came to."""
    gate, answers = threading.Barrier(count), []

    def run(number):
        gate.wait(timeout=10)
        answers.append(act(number))

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return answers


def test_of_several_filings_at_once_one_wins(town):
    answers = at_once(4, lambda _: town.call("A", "POST", APPLICATIONS, json=body_of(town)))

    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    losers = [answer.json() for answer in answers if answer.status_code == 409]
    assert {loser["type"] for loser in losers} == {"urn:otsp:problem:application-open"}
    assert "撤回" in losers[0]["detail"]
    town.platform.settle()
    listed = town.clerk("A").list_all(APPLICATIONS)
    assert [one["state"] for one in listed] == ["awaiting_acknowledgement"]


def test_one_filing_sent_several_times_at_once_is_one_application(town):
    headers = {"Idempotency-Key": "the-same-filing"}

    answers = at_once(
        4, lambda _: town.call("A", "POST", APPLICATIONS, json=body_of(town), headers=headers)
    )

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["application_id"] for answer in answers}) == 1
    assert len(town.clerk("A").list_all(APPLICATIONS)) == 1


def test_two_institutions_file_at_once_without_minding_each_other(town):
    def file(number):
        sample = "AC"[number]
        return town.call(sample, "POST", APPLICATIONS, json=body_of(town, sample))

    answers = at_once(2, file)
    town.platform.settle()

    assert [answer.status_code for answer in answers] == [202, 202]
    assert town.clerk("A").list_all(APPLICATIONS)[0]["state"] == "awaiting_acknowledgement"
    assert town.clerk("C").list_all(APPLICATIONS)[0]["state"] == "precheck_failed"


def test_nobody_files_for_another_institution(town):
    with pytest.raises(Refused) as refused:
        town.clerk("A").post(APPLICATIONS, body_of(town, "C"))

    assert (refused.value.status, refused.value.slug) == (403, "other-institution")


def test_nobody_reads_or_withdraws_anothers_application(town):
    application_id = town.file("A")
    path = f"{APPLICATIONS}/{application_id}"

    read = town.call("C", "GET", path)
    withdrawn = town.call("C", "POST", f"{path}/withdrawal")

    assert (read.status_code, withdrawn.status_code) == (403, 403)
    assert town.clerk("C").list_all(APPLICATIONS) == []


def test_an_authority_reads_what_is_filed_in_its_county_and_no_further(town):
    application_id = town.file("A")
    own, other = (
        town.supervision.as_role(town.supervision.office("education", "county", region), "reviewer")
        for region in ("330106", "510107")
    )

    assert own.get(f"{APPLICATIONS}/{application_id}")["institution_name"].startswith("杭州")
    with pytest.raises(Refused) as refused:
        other.get(f"{APPLICATIONS}/{application_id}")
    assert refused.value.status == 403


def test_while_sections_are_gathered_nothing_can_be_withdrawn(town):
    application_id = town.file("A")

    refused = town.call("A", "POST", f"{APPLICATIONS}/{application_id}/withdrawal")
    town.platform.settle()

    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:otsp:problem:application-action-impossible",
    )
    assert town.application("A", application_id)["state"] == "awaiting_acknowledgement"
