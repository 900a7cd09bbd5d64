"""An application from its filing to the register, over six services, as its people see it."""

import pytest

from otsp_cli.dossier.gateway import Refused

COMPLIANCE = "/api/compliance/v1"
READ = {"acknowledged_warnings": ["SIT-006"]}


def inbox(session):
    return [one["kind"] for one in session.list_all("/api/auth/v1/notifications")]


def case_of(town, application_id):
    application = town.application("A", application_id)
    return f"{COMPLIANCE}/cases/{application['case_id']}", application["warnings"]


def accept(town, application_id):
    case, _ = case_of(town, application_id)
    reviewer = town.reviewer("330106")
    reviewer.post(f"{case}/acceptance", {})
    town.platform.settle()
    return reviewer


def decide(town, application_id, decision, reason=None):
    """By a second person: whoever accepted does not approve."""
    case, warnings = case_of(town, application_id)
    given = {"decision": decision, "reason": reason, "warnings_read": warnings}
    town.head("330106").post(f"{case}/decisions", given)
    town.platform.settle()


def label(town):
    return town.clerk("A").get(town.path("A", "institution"))["compliance_status"]


def save_again(town):
    """A write that a review locks."""
    path = town.path("A", "institution", "party")
    shown = town.clerk("A").get(path)
    body = {name: shown[name] for name in shown.keys() - {"institution_id", "version", "warnings"}}
    try:
        town.clerk("A").put(path, body, of=path)
    except Refused as refused:
        return refused.status
    return 200


def public(town, path, **query):
    return town.platform.http().get(f"{COMPLIANCE}/public/{path}", params=query)


def test_an_approval_reaches_everybody(town):
    filed = town.filed("A", **READ)
    application_id = filed["application_id"]
    under_review, locked = label(town), save_again(town)
    reviewer = accept(town, application_id)
    decide(town, application_id, "approve")
    approved = town.application("A", application_id)
    name = approved["institution_name"]

    assert (under_review, locked) == ("under_review", 423)
    assert (approved["state"], label(town)) == ("approved", "compliant")
    assert inbox(town.clerk("A"))[:2] == ["application_decided", "application_accepted"]
    assert "case_routed" in inbox(reviewer)
    found = public(town, "register", q=name[:4]).json()
    assert [one["name"] for one in found["items"]] == [name]
    receipts = town.clerk("A").get(f"{COMPLIANCE}/applications/{application_id}/receipts")["items"]
    assert len(receipts) == 2
    statement = public(town, f"receipts/{receipts[-1]['receipt_no']}").json()
    assert statement["state"] == "valid", statement


def test_a_return_unlocks_and_asks_for_rectification(town):
    application_id = town.filed("A", **READ)["application_id"]
    accept(town, application_id)
    decide(town, application_id, "return", "消防证明与场所不符")
    after_return = label(town)

    assert after_return == "returned"
    assert save_again(town) != 423
    assert "rectification_opened" in inbox(town.clerk("A"))
    with pytest.raises(Refused) as refused:
        town.file("A", **READ)
    assert refused.value.slug == "rectification-open"
