"""The list of materials as a file for authorities: no draft, no person, no content."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseRouted
from otsp_testkit.exported import listed, masked_rows, place_of

IN_USE = {"existing": True, "status": "in_use", "used_from": "2024-09-01"}
IN_USE |= {"internal_review": {"result": "pass", "reviewer_ids": [], "reviewed_on": "2024-08-10"}}
IN_USE |= {"authors": [{"name": "周示例", "years": 6, "qual": "teacher_cert"}]}


@pytest.fixture
def shelf(owner, reviewer, enter):
    enter(owner, title="草稿讲义")
    enter(owner, title="初中数学讲义", **IN_USE)
    enter(owner, title="小学美术教材", category="nonsubject", stage="primary", **IN_USE)


@pytest.mark.parametrize("has_case", [False, True])
def test_drafts_and_persons_are_not_in_the_file(kit, owner, reviewer, shelf, has_case):
    if has_case:
        case = {"case_id": new_id(), "version": 1, "kind": "compliance", "subject_id": new_id()}
        case |= {"institution_id": owner.principal.institution_id}
        case |= {"authority_id": reviewer.principal.authority.authority_id}
        kit.deliver(CaseRouted(**case))

    rows = masked_rows(kit, reviewer, owner)

    assert [row["材料名称"] for row in rows] == ["初中数学讲义", "小学美术教材"]
    assert "周示例" not in str(rows)


@pytest.mark.parametrize(
    "filters",
    [{}, {"status": ["draft"]}, {"status": ["in_use"], "category": ["subject"]}, {"q": "meishu"}],
)
def test_file_has_what_the_list_tells_the_authority(kit, owner, reviewer, shelf, filters):
    told = listed(reviewer, f"{place_of(kit, owner)}/materials", **filters)

    rows = masked_rows(kit, reviewer, owner, filters=filters)

    assert [row["材料名称"] for row in rows] == [each["title"] for each in told]


def test_contents_are_not_for_authorities(kit, owner, reviewer, shelf):
    answer = reviewer.post(f"{place_of(kit, owner)}/masked-exports", {"format": "zip"})

    assert (answer.status, answer.pointers) == (422, {"/format"})
