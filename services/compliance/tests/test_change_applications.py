"""Changes of major fields: when they may be applied for, and what the owners are asked then."""

import gzip
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.canonical import pack
from otsp_chassis.db import reading
from otsp_chassis.ids import new_id
from otsp_compliance.model import SnapshotPart
from otsp_contracts.compliance import ApplicationSubmitted, SnapshotRequested
from otsp_contracts.courses import RelocationProposed

COMPLIANT = {"compliance_status": "compliant"}
PROPOSING = COMPLIANT | {"has_proposed_change": True}


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


def test_a_change_is_applied_for_once_something_is_proposed(world, kit):
    world.profile(**PROPOSING)

    answer = world.file(kind="change")

    assert (answer.status, answer.json["kind"]) == (202, "change")
    [asked] = kit.published(SnapshotRequested)
    assert asked.data["application_kind"] == "change"


def test_without_a_proposal_there_is_nothing_to_apply_for(world):
    world.profile(**COMPLIANT)

    refused = world.file(kind="change")

    assert (refused.status, refused.problem) == (409, "no-proposed-change")
    assert "拟变更" in refused.json["detail"]


@pytest.mark.parametrize("status", ["not_applied", "returned", "expired"])
def test_without_an_approval_the_record_is_edited_instead(world, status):
    world.profile(compliance_status=status, has_proposed_change=True)

    refused = world.file(kind="change")

    assert (refused.status, refused.problem) == (409, "no-approval-to-change")
    assert refused.json["compliance_status"] == status


def test_a_further_change_may_be_applied_for_while_the_label_still_tells_of_one(world):
    world.profile(**PROPOSING | {"compliance_status": "change_pending"})

    assert world.file(kind="change").status == 202


@pytest.mark.parametrize("kind", ["initial", "renewal", "recheck"])
def test_any_other_application_waits_for_the_proposal_to_be_filed_or_discarded(world, kind):
    world.profile(version=1, **PROPOSING)

    refused = world.file(kind=kind)
    world.profile(version=2, **COMPLIANT)

    assert (refused.status, refused.problem) == (409, "change-proposed")
    assert "放弃" in refused.json["detail"]
    assert world.file(kind=kind).status == 202


def test_a_site_that_is_to_move_is_a_change_as_well(world, kit):
    world.profile(**COMPLIANT)
    moving = {"institution_id": world.institution_id, "site_ids": (new_id(),)}
    kit.deliver(RelocationProposed(version=1, **moving))

    other = world.file(kind="renewal")
    change = world.file(kind="change")

    assert (other.problem, change.status) == ("change-proposed", 202)


def test_once_no_site_is_to_move_there_is_no_change(world, kit):
    world.profile(**COMPLIANT)
    whose = {"institution_id": world.institution_id}
    kit.deliver(RelocationProposed(version=2, **whose))
    kit.deliver(RelocationProposed(version=1, site_ids=(new_id(),), **whose))

    change = world.file(kind="change")

    assert change.problem == "no-proposed-change"
    assert world.file(kind="renewal").status == 202


def test_a_self_check_is_of_the_record_and_needs_no_proposal(world, kit):
    world.profile(**PROPOSING)

    body = {"institution_id": str(world.institution_id)}
    begun = world.institution().post(f"{world.api}/self-checks", body)

    assert begun.status == 202
    assert kit.published(SnapshotRequested)[-1].data["application_kind"] is None


def test_late_sections_are_asked_for_by_the_same_kind(world, kit, now):
    world.profile(**PROPOSING)
    world.filed(kind="change")

    with clock.frozen(now + timedelta(seconds=20)):
        kit.run_job("chase_sections")

    asked = kit.published(SnapshotRequested)
    assert [each.data["application_kind"] for each in asked] == ["change"] * len(asked)
    assert len(asked) > 1


def test_what_is_proposed_is_judged_and_sealed(world, kit):
    world.profile(**PROPOSING).configure()
    world.authority("杭州市西湖区教育局")
    application_id = world.filed(kind="change", acknowledged_warnings=["SIT-006"])
    asked = world.requests()[-1]
    document = orjson.loads(orjson.dumps(world.sections["A"]["institution"]))
    before = document["institution"]["name"]
    document["institution"] |= {"institution_id": str(world.institution_id)}
    document["proposed_change"] = [
        {"pointer": "/institution/name", "label_zh": "机构名称", "before": "旧名", "after": before}
    ]
    packed = pack(document)
    told = {name: getattr(packed, name) for name in ("sha256", "encoding", "data")}

    world.provide("staff", "materials", "courses", request=asked)
    kit.deliver(world.section("institution", asked, **told))

    assert kit.set_aside() == []
    assert world.state(application_id) == "submitted"
    [submitted] = kit.published(ApplicationSubmitted)
    assert submitted.data["kind"] == "change"
    assert sealed(kit)["proposed_change"][0]["before"] == "旧名"


def sealed(kit):
    """The institution's section as it was sealed."""
    with kit.active(), reading() as tx:
        query = select(SnapshotPart.content).where(SnapshotPart.part == "institution")
        return orjson.loads(gzip.decompress(tx.execute(query).scalar_one()))
