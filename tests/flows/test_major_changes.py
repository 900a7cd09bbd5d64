"""Major fields of an approved institution: proposed, applied for, decided, known to all (§3.2)."""

import pytest
from sqlalchemy import text

from otsp_cli.dossier.gateway import Refused

READ = {"acknowledged_warnings": ["SIT-006"]}
WIDER = ["junior", "senior"]
KNOWN_STAGES = text("SELECT stages FROM institution_ref WHERE institution_id = :institution_id")


def warnings_of(application):
    """Those of the rules, and those about the data."""
    found = application["findings"]
    told = [*found["warnings"], *found["data"]]
    return sorted({one["rule_id"] for one in told if one["severity"] == "W"})


def decide(town, application_id, decision):
    """One person of its authority takes it up, a second one reads the warnings and decides."""
    head = town.head("330106")
    application = head.get(f"/api/compliance/v1/applications/{application_id}")
    case = f"/api/compliance/v1/cases/{application['case_id']}"
    town.reviewer("330106").post(f"{case}/acceptance", {})
    reason = None if decision == "approve" else "材料不符"
    given = {"decision": decision, "reason": reason, "warnings_read": warnings_of(application)}
    head.post(f"{case}/decisions", given)
    town.platform.settle()


def approved_once(town):
    first = town.filed("A", **READ)
    assert first["state"] == "submitted"
    decide(town, first["application_id"], "approve")
    return first


@pytest.fixture
def compliant(town):
    """Sample A, approved; what its first application was."""
    return town.moment("A is compliant", lambda: approved_once(town))


def body_of(town, *parts):
    """A part as a form would send it back."""
    shown = town.clerk("A").get(town.path("A", "institution", *parts))
    aside = {"institution_id", "version", "registration", "compliance_status", "migrated_from"}
    aside |= {"warnings", "major_fields", "has_proposed_change", "sponsors", "legal_rep"}
    aside |= {"actual_controller", "staff_total", "student_total"}
    return {name: value for name, value in shown.items() if name not in aside}


def propose(town, part, *source, **changes):
    at = town.path("A", "institution", "proposed-changes", part)
    body = body_of(town, *source) | changes
    if not source:
        shown = town.clerk("A").get(town.path("A", "institution"))["legal_rep"]
        body["legal_rep"] = {name: value for name, value in shown.items() if name != "id_masked"}
    known = town.call("A", "GET", town.path("A", "institution", "proposed-changes"))
    tags = {"If-Match": known.headers["ETag"]} if known.status_code == 200 else {}
    answer = town.call("A", "PUT", at, json=body, headers=tags)
    assert answer.status_code in {200, 201}, answer.text
    town.platform.settle()
    return answer.json()


@pytest.fixture
def proposing(town, compliant):
    """A teaches older pupils too, if it may."""

    def both():
        propose(town, "licence", "licence", scope_stages=WIDER)
        return propose(town, "basic-information", stages=WIDER)

    return town.moment("A proposes", both)


def stages(town):
    """As their owner has them, and as courses and compliance know them."""
    known = []
    for service in ("courses", "compliance"):
        with town.platform.kits[service].runtime.database.autocommit.connect() as reader:
            asked = {"institution_id": town.desks["A"].institution_id}
            known.append(reader.execute(KNOWN_STAGES, asked).scalar_one())
    return [town.clerk("A").get(town.path("A", "institution"))["stages"], *known]


def label(town):
    return town.clerk("A").get(town.path("A", "institution"))["compliance_status"]


def test_what_was_approved_cannot_be_edited_any_more(town, compliant):
    assert label(town) == "compliant"
    path = town.path("A", "institution", "licence")

    with pytest.raises(Refused) as refused:
        town.clerk("A").put(path, body_of(town, "licence") | {"scope_stages": WIDER}, of=path)

    assert (refused.value.status, refused.value.slug) == (
        409,
        "institution-change-application-needed",
    )
    [error] = refused.value.problem["errors"]
    assert error["detail"] == "许可学段属于重大事项，须经变更申请修改。"


def test_there_is_no_change_to_apply_for_before_one_is_proposed(town, compliant):
    with pytest.raises(Refused) as refused:
        town.file("A", kind="change")

    assert refused.value.slug == "no-proposed-change"


def test_a_proposal_waits_for_its_own_application(town, proposing):
    with pytest.raises(Refused) as refused:
        town.file("A", kind="renewal")

    assert refused.value.slug == "change-proposed"
    assert stages(town) == [["junior"]] * 3


def test_approved_the_new_values_are_on_record_everywhere(town, proposing):
    change = town.filed("A", kind="change", **READ)
    assert (change["state"], label(town)) == ("submitted", "change_pending")
    assert stages(town) == [["junior"]] * 3

    decide(town, change["application_id"], "approve")

    assert label(town) == "compliant"
    assert stages(town) == [WIDER] * 3
    licence = town.clerk("A").get(town.path("A", "institution", "licence"))
    assert licence["scope_stages"] == WIDER
    proposal = town.path("A", "institution", "proposed-changes")
    assert town.call("A", "GET", proposal).status_code == 404
    with pytest.raises(Refused) as refused:
        town.file("A", kind="change")
    assert refused.value.slug == "no-proposed-change"
    assert town.filed("A", kind="recheck", **READ)["state"] == "submitted"


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_refused_the_old_approval_and_the_old_values_stay(town, proposing, decision):
    change = town.filed("A", kind="change", **READ)

    decide(town, change["application_id"], decision)

    assert label(town) == "compliant"
    assert stages(town) == [["junior"]] * 3
    corrected = propose(town, "basic-information", stages=["junior", "vocational"])
    assert {part["part"] for part in corrected["parts"]} == {"institution", "school_licence"}


def test_withdrawn_the_proposal_may_be_discarded_and_all_is_as_before(town, proposing):
    change = town.filed("A", kind="change", **READ)
    town.withdraw("A", change["application_id"])
    at = town.path("A", "institution", "proposed-changes")

    etag = town.call("A", "GET", at).headers["ETag"]
    gone = town.call("A", "DELETE", at, headers={"If-Match": etag})
    town.platform.settle()

    assert gone.status_code == 204
    assert (label(town), stages(town)) == ("compliant", [["junior"]] * 3)
    assert town.filed("A", kind="renewal", **READ)["state"] == "submitted"


def test_a_change_that_breaks_a_rule_is_no_application_and_can_be_corrected(town, compliant):
    """The licence that is proposed has run out."""
    propose(town, "licence", "licence", valid_to="2024-09-30")

    change = town.filed("A", kind="change", **READ)

    assert change["state"] == "precheck_failed"
    assert label(town) == "compliant"
    propose(town, "licence", "licence", valid_to="2025-12-31")
    assert town.filed("A", kind="change", **READ)["state"] == "submitted"


def test_a_site_moves_with_the_same_application(town, proposing):
    site = town.path("A", "courses", "sites", town.ids("A")["S1"])
    place = {"region_code": "330106", "address": "示例路9号"}
    moved = town.call("A", "PUT", f"{site}/relocation", json=place)
    town.platform.settle()
    change = town.filed("A", kind="change", **READ)
    meanwhile = town.clerk("A").get(site)["address"]

    decide(town, change["application_id"], "approve")

    assert moved.status_code == 200, moved.text
    assert change["state"] == "submitted"
    assert meanwhile != "示例路9号"
    assert town.clerk("A").get(site)["address"] == "示例路9号"
    assert stages(town) == [WIDER] * 3
    with pytest.raises(Refused) as refused:
        town.file("A", kind="change")
    assert refused.value.slug == "no-proposed-change"


def test_moving_a_site_alone_is_a_change_too(town, compliant):
    site = town.path("A", "courses", "sites", town.ids("A")["S1"])
    place = {"region_code": "330106", "address": "示例路9号"}
    town.call("A", "PUT", f"{site}/relocation", json=place)
    town.platform.settle()

    with pytest.raises(Refused) as refused:
        town.file("A", kind="recheck")

    assert refused.value.slug == "change-proposed"
    assert town.filed("A", kind="change", **READ)["state"] == "submitted"
