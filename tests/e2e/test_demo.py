"""`./dev demo`: the README's first command, and what stays running after it."""

import json

import httpx

from otsp_testkit.outcomes import OF_SAMPLES, outcomes


def test_three_samples_come_to_exactly_what_the_law_says(demo):
    assert outcomes(demo.results) == OF_SAMPLES


def test_printed_objects_have_the_documented_members(demo):
    assert demo.results
    for result in demo.results:
        assert result.keys() >= {
            "sample",
            "application_id",
            "state",
            "blocking",
            "warnings",
            "findings",
            "routed_steps",
            "elapsed_ms",
        }
        for finding in result["findings"]:
            members = {"rule_id", "severity", "object_ids", "message_zh", "basis"}
            assert finding.keys() == members


def test_second_run_finds_what_the_first_one_filed(demo):
    again = demo.command("otsp_local", "demo", "--json")

    assert again.returncode == 0, again.stderr
    results = [json.loads(line) for line in again.stdout.splitlines()]
    assert outcomes(results) == OF_SAMPLES
    assert [r["application_id"] for r in results] == [r["application_id"] for r in demo.results]


def test_reviewer_of_the_routed_authority_finds_the_case_in_the_worklist(demo):
    with demo.login("reviewer-330106-education") as reviewer:
        cases = reviewer.get("/api/compliance/v1/cases?state=open&kind=compliance").json()["items"]
    with demo.login("reviewer-510107-education") as stranger:
        others = stranger.get("/api/compliance/v1/cases?state=open&kind=compliance").json()["items"]

    assert "杭州示例启明文化培训学校" in [case["institution_name"] for case in cases]
    assert others == []


def test_api_page_and_merged_document_are_served_without_a_foreign_origin(demo):
    page = httpx.get(f"{demo.url}/api/docs/")
    document = httpx.get(f"{demo.url}/api/openapi.json").json()

    assert page.status_code == 200
    assert "http://" not in page.text.replace(demo.url, "")
    assert "https://" not in page.text
    assert len(document["paths"]) > 40
    assert document["openapi"] == "3.0.3"


def test_nothing_is_dead_and_nothing_waits(demo):
    """Every event has been handled: the worker's metrics say so."""
    ports = json.loads((demo.run_dir / "ports.json").read_text(encoding="utf-8"))
    metrics = httpx.get(f"http://127.0.0.1:{ports['metrics-worker']}/metrics").text

    lines = [line for line in metrics.splitlines() if line.startswith("otsp_")]
    dead = [line for line in lines if line.startswith(("otsp_dead_letters{", "otsp_inbox_failed{"))]
    assert len(dead) == 12
    assert all(line.endswith(" 0.0") for line in dead)


def test_logs_hold_no_personal_data(demo):
    marked = ("330199197803129904", "330199198506079917", "X0000001", "沈示例", "周甲")
    for log in (demo.run_dir / "log").iterdir():
        text = log.read_text(encoding="utf-8", errors="replace")
        assert not [mark for mark in marked if mark in text], log
