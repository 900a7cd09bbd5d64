"""Rectification tasks: who sets, answers and closes them, and what follows another."""

from datetime import timedelta
from functools import cache

import pytest

from otsp_chassis import clock, metrics
from otsp_chassis.ids import new_id
from otsp_contracts.compliance.rectification import (
    RectificationClosed,
    RectificationDue,
    RectificationOpened,
    RectificationReturned,
)
from otsp_testkit.documents import pdf


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def reviewer(world):
    world.profile()
    return world.reviewer(world.authority("杭州市西湖区教育局"))


def open_task(client, world, **fields):
    body = {
        "institution_id": str(world.institution_id),
        "kind": "other",
        "reason_text": "消防安全专项检查",
    } | fields
    return client.post(f"{world.api}/rectifications", body)


def place(world, task):
    return f"{world.api}/rectifications/{task['rectification_id']}"


def seen(world, task):
    return world.institution().get(place(world, task)).json


def close(client, world, task, **fields):
    return client.post(f"{place(world, task)}/closure", fields)


def upload(world):
    files = f"{world.api}/institutions/{world.institution_id}/files"
    stored = world.institution().call(
        "POST", files, raw=pdf("1"), content_type="application/pdf", query={"name": "a.pdf"}
    )
    return stored.json["file_id"]


@cache
def evidence(world):
    """One file for all steps of a test: opening it takes a while."""
    return upload(world)


def record(world, task, code="as_asked", *, client=None, version=None, **fields):
    body = {"done_on": "2024-10-08", "file_ids": [evidence(world)]} | fields
    etag = version or seen(world, task)["version"]
    client = client or world.institution()
    return client.put(f"{place(world, task)}/steps/{code}", body, if_match=etag)


def submit(client, world, task):
    return client.post(f"{place(world, task)}/submission", {"note": "已提交整改材料"})


def hand_in(world, task):
    """Every step with its evidence, then the task."""
    for step in task["steps"]:
        assert record(world, task, step["code"]).status == 200
    answer = submit(world.institution(), world, task)
    assert answer.status == 200, answer.json
    return answer


def test_a_list_names_the_institution_of_each_task(world, reviewer):
    task = open_task(reviewer, world).json

    (listed,) = reviewer.get(f"{world.api}/rectifications").json["items"]

    assert listed["institution_name"] == task["institution_name"]
    assert reviewer.get(place(world, task)).json["institution_name"]


def test_a_reviewer_sets_a_task(world, reviewer):
    answer = open_task(reviewer, world, due_on="2021-12-31")

    assert answer.status == 201
    assert (answer.json["status"], answer.json["due_on"]) == ("open", "2021-12-31")
    assert answer.json["issued_by"] == str(reviewer.principal.authority.authority_id)
    assert reviewer.get(answer.headers["Location"]).json == answer.json


def test_without_a_day_a_task_is_due_in_thirty(world, reviewer):
    assert open_task(reviewer, world).json["due_on"] == "2024-11-14"


def test_a_task_has_the_steps_that_the_authority_lists_or_those_of_the_law(world, reviewer):
    listed = open_task(reviewer, world, steps=["补充应急预案", "补充演练记录"]).json
    by_law = open_task(reviewer, world, kind="filing_to_approval").json

    labels = [(step["code"], step["label_zh"]) for step in listed["steps"]]
    assert labels == [("step_01", "补充应急预案"), ("step_02", "补充演练记录")]
    assert [step["code"] for step in by_law["steps"]] == [
        "setup_met", "licence_granted", "legal_person_registered", "icp_updated",
    ]  # fmt: skip


def test_of_a_kind_that_the_law_orders_one_is_unfinished_at_a_time(world, reviewer):
    first = open_task(reviewer, world, kind="filing_to_approval").json

    again = open_task(reviewer, world, kind="filing_to_approval")

    assert (again.status, again.problem) == (409, "rectification-unfinished")
    assert again.json["rectification_id"] == first["rectification_id"]
    close(reviewer, world, first, status="closed")
    assert open_task(reviewer, world, kind="filing_to_approval").status == 201


def test_the_institution_and_its_authorities_see_its_tasks(world, kit, reviewer):
    tasks = [open_task(reviewer, world).json["rectification_id"] for _ in range(3)]
    query = {"institution_id": str(world.institution_id)}
    path = f"{world.api}/rectifications"

    own = world.institution().get(path, query=query | {"limit": 2}).json
    rest = world.institution().get(path, query=query | {"limit": 2, "cursor": own["next"]}).json

    seen = [one["rectification_id"] for one in [*own["items"], *rest["items"]]]
    assert seen == tasks[::-1]
    assert len(reviewer.get(path, query=query).json["items"]) == 3
    assert kit.as_institution(new_id()).get(path, query=query).problem == "other-institution"
    elsewhere = kit.as_authority(region="330105")
    assert elsewhere.get(path, query=query).problem == "outside-jurisdiction"
    assert elsewhere.get(f"{path}/{tasks[0]}").problem == "outside-jurisdiction"


def test_an_authority_lists_the_tasks_of_its_jurisdiction(world, kit, reviewer):
    waived, left = (open_task(reviewer, world).json for _ in range(2))
    close(reviewer, world, waived, status="waived", note="情况不属实")
    path = f"{world.api}/rectifications"

    def listed(client, **query):
        return [each["rectification_id"] for each in client.get(path, query=query).json["items"]]

    assert listed(reviewer, status="open") == [left["rectification_id"]]
    assert listed(reviewer, kind="filing_to_approval") == []
    assert len(listed(kit.as_authority("national_admin"))) == 2
    assert listed(kit.as_authority(region="330105")) == listed(kit.as_institution(new_id())) == []


def test_tasks_are_set_within_the_jurisdiction_only(world, kit, reviewer):
    elsewhere = kit.as_authority(region="330105")

    assert open_task(elsewhere, world).problem == "outside-jurisdiction"
    assert open_task(reviewer, world, institution_id=str(new_id())).problem == "institution-unknown"
    task = open_task(reviewer, world).json
    refused = close(elsewhere, world, task, status="closed")
    assert refused.problem == "outside-jurisdiction"


def test_the_nation_sets_and_closes_no_single_task(world, kit, reviewer):
    nation, task = kit.as_authority("national_admin"), open_task(reviewer, world).json

    assert open_task(nation, world).problem == "forbidden"
    assert close(nation, world, task, status="closed").problem == "forbidden"


def test_an_institution_does_not_set_or_close_tasks(world, reviewer):
    task = open_task(reviewer, world).json

    assert open_task(world.institution(), world).problem == "forbidden"
    assert close(world.institution(), world, task, status="closed").problem == "forbidden"


def test_a_step_is_done_and_shown(world, reviewer):
    task = open_task(reviewer, world, steps=["补充应急预案", "补充演练记录"]).json

    answer = record(world, task, "step_02", note="演练记录见附件")

    assert (answer.status, answer.json["status"]) == (200, "in_progress")
    first, second = answer.json["steps"]
    assert (first["done_on"], first["file_ids"]) == (None, [])
    assert (second["done_on"], second["note"]) == ("2024-10-08", "演练记录见附件")
    again = record(world, task, "step_02", done_on=None, file_ids=[])
    assert again.json["steps"][1]["done_on"] is None
    assert again.json["version"] > answer.json["version"] > task["version"]


def test_evidence_is_seen_by_the_authorities_of_the_region(kit, world, reviewer, chinese_font):
    task = open_task(reviewer, world).json
    file_id = record(world, task).json["steps"][0]["file_ids"][0]
    path = f"{world.api}/institutions/{world.institution_id}/files/{file_id}"

    assert [reviewer.get(f"{path}{it}").status for it in ("", "/preview", "/content")] == [200] * 3
    assert kit.as_authority(region="330105").get(path).problem == "outside-jurisdiction"
    with clock.frozen(clock.now() + timedelta(days=60)):
        kit.run_job("erase_unnamed_files")
    assert world.institution().get(path).status == 200


def test_a_step_is_refused_that_is_not_the_institutions_to_record(world, kit, reviewer):
    task = open_task(reviewer, world).json
    stranger = kit.as_institution(new_id())

    assert record(world, task, client=stranger).problem == "other-institution"
    assert record(world, task, "no_such_step").problem == "not-found"
    assert record(world, task, done_on="2024-10-16").pointers == {"/done_on"}
    assert record(world, task, file_ids=[str(new_id())]).pointers == {"/file_ids/0"}
    assert record(world, task, version=99).problem == "stale-version"
    body = {"done_on": None, "file_ids": []}
    unversioned = world.institution().put(f"{place(world, task)}/steps/as_asked", body)
    assert unversioned.problem == "precondition-required"
    assert seen(world, task)["status"] == "open"


@pytest.mark.parametrize("lacking", [{"done_on": None}, {"file_ids": []}])
def test_a_task_is_not_handed_in_before_each_step_is_shown(world, reviewer, lacking):
    task = open_task(reviewer, world, steps=["补充应急预案", "补充演练记录"]).json
    record(world, task, "step_01")
    record(world, task, "step_02", **lacking)

    refused = submit(world.institution(), world, task)

    assert (refused.status, refused.problem) == (422, "rectification-evidence-missing")
    assert refused.pointers == {"/steps/step_02"}
    assert seen(world, task)["status"] == "in_progress"


def test_an_untouched_task_is_told_what_it_lacks(world, reviewer):
    task = open_task(reviewer, world).json

    refused = submit(world.institution(), world, task)

    assert (refused.problem, refused.pointers) == (
        "rectification-evidence-missing",
        {"/steps/as_asked"},
    )


def test_a_task_is_handed_in_and_closed(world, reviewer):
    task = open_task(reviewer, world).json

    handed_in = hand_in(world, task)
    closed = close(reviewer, world, task, status="closed", note="已核验", closed_on="2024-10-01")

    assert (handed_in.json["status"], handed_in.json["note"]) == ("submitted", "已提交整改材料")
    assert (closed.json["status"], closed.json["closed_on"]) == ("closed", "2024-10-01")


def test_what_does_not_do_is_sent_back_and_answered_anew(world, kit, reviewer):
    task = open_task(reviewer, world, due_on="2024-10-20").json
    hand_in(world, task)

    assert close(reviewer, world, task, status="returned").pointers == {"/note"}
    sent_back = close(reviewer, world, task, status="returned", note="演练记录缺签到表")
    at_once = submit(world.institution(), world, task)
    told = kit.published(RectificationReturned)

    assert (sent_back.json["status"], sent_back.json["due_on"]) == ("returned", "2024-11-14")
    assert (at_once.status, at_once.problem) == (409, "rectification-nothing-anew")
    assert [each.data["due_on"] for each in told] == ["2024-11-14"]
    assert hand_in(world, task).json["status"] == "submitted"


def test_what_was_handed_in_is_not_altered(world, reviewer):
    task = open_task(reviewer, world).json
    hand_in(world, task)

    assert record(world, task).problem == "rectification-step-impossible"


def test_a_task_tells_its_history(world, reviewer):
    task = open_task(reviewer, world).json
    hand_in(world, task)
    close(reviewer, world, task, status="closed", note="已核验")

    history = seen(world, task)["history"]

    assert [(each["from_status"], each["to_status"], each["role"]) for each in history] == [
        (None, "open", "reviewer"),
        ("open", "in_progress", "inst_admin"),
        ("in_progress", "submitted", "inst_admin"),
        ("submitted", "closed", "reviewer"),
    ]
    assert [each["step"] for each in history] == [None, "as_asked", None, None]
    assert [each["note"] for each in history] == [None, None, "已提交整改材料", "已核验"]
    assert history[-1]["actor"] == str(reviewer.principal.account_id)


@pytest.mark.parametrize("status", ["closed", "waived"])
def test_others_hear_of_a_task_when_it_begins_and_when_it_is_over(world, kit, reviewer, status):
    task = open_task(reviewer, world).json
    hand_in(world, task)
    assert kit.published(RectificationClosed) == []

    close(reviewer, world, task, status=status, note="已核验", closed_on="2024-10-01")

    [opened], [over] = kit.published(RectificationOpened), kit.published(RectificationClosed)
    assert {opened.subject, over.subject} == {task["rectification_id"]}
    assert (opened.data["version"], opened.data["issued_on"]) == (1, "2024-10-15")
    assert over.data["version"] == seen(world, task)["version"]
    assert (over.data["from_state"], over.data["to_state"]) == ("submitted", status)
    assert (over.data["kind"], over.data["closed_on"]) == ("other", "2024-10-01")
    assert over.data["actor"] == str(reviewer.principal.account_id)


def test_a_task_that_the_authority_only_takes_in_is_not_over(world, kit, reviewer):
    task = open_task(reviewer, world).json

    assert close(reviewer, world, task, status="submitted").status == 200

    assert kit.published(RectificationClosed) == []


def test_another_institution_does_not_hand_in(world, kit, reviewer):
    task = open_task(reviewer, world).json

    assert submit(kit.as_institution(new_id()), world, task).problem == "other-institution"


def test_waiving_needs_a_reason(world, reviewer):
    task = open_task(reviewer, world).json

    assert close(reviewer, world, task, status="waived").pointers == {"/note"}
    waived = close(reviewer, world, task, status="waived", note="已剥离义务教育阶段业务")
    assert waived.json["status"] == "waived"


def test_a_closed_task_stays_closed(world, reviewer):
    task = open_task(reviewer, world).json
    close(reviewer, world, task, status="closed")

    again = close(reviewer, world, task, status="waived", note="改为免于")

    assert (again.status, again.problem) == (409, "rectification-step-impossible")
    assert record(world, task).problem == "rectification-step-impossible"


def test_a_task_is_not_closed_in_the_future(world, reviewer):
    task = open_task(reviewer, world).json

    refused = close(reviewer, world, task, status="closed", closed_on="2024-10-16")

    assert refused.pointers == {"/closed_on"}


def test_a_task_whose_day_has_passed_is_overdue_and_still_answerable(world, kit, reviewer, now):
    task = open_task(reviewer, world).json

    with clock.frozen(now + timedelta(days=30)):
        kit.run_job("mark_overdue_rectifications")
        assert seen(world, task)["status"] == "open"
    with clock.frozen(now + timedelta(days=31)):
        kit.run_job("mark_overdue_rectifications")
        assert record(world, task).json["status"] == "overdue"
        assert submit(world.institution(), world, task).json["status"] == "submitted"
    overdue = [each for each in seen(world, task)["history"] if each["to_status"] == "overdue"]
    assert [each["role"] for each in overdue] == ["system", "inst_admin"]


def test_the_institution_is_reminded_a_week_before_and_on_the_day(world, kit, reviewer, now):
    open_task(reviewer, world)

    for day in (22, 23, 24, 30, 30, 31):
        with clock.frozen(now + timedelta(days=day)):
            kit.run_job("remind_of_rectifications")

    assert [each.data["days_left"] for each in kit.published(RectificationDue)] == [7, 0]


def test_a_reminder_that_was_missed_is_sent_late(world, kit, reviewer, now):
    open_task(reviewer, world, due_on="2024-10-18")

    kit.run_job("remind_of_rectifications")
    kit.run_job("remind_of_rectifications")

    assert [each.data["days_left"] for each in kit.published(RectificationDue)] == [3]


def test_tasks_are_counted_by_kind_and_status(world, kit, reviewer):
    open_task(reviewer, world)

    kit.run_job("measure_rectifications")

    assert metrics.RECTIFICATIONS.labels("other", "open")._value.get() == 1
    assert metrics.RECTIFICATIONS.labels("filing_to_approval", "open")._value.get() == 0


def test_a_registrant_is_known_before_its_first_profile(world):
    bureau = world.authority("杭州市西湖区教育局")
    world.registration()

    assert open_task(world.reviewer(bureau), world).status == 201
    assert world.file().problem == "registration-not-approved"
