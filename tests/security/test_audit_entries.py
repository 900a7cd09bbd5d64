"""Who reads what of the audit trail, in each of the six services: one operation, one behaviour."""

from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import insert

from otsp_chassis import audit, clock
from otsp_chassis.context import Call, activate
from otsp_chassis.db import transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.institution import ProfileChanged
from otsp_institution.model import Institution
from otsp_testkit.specifications import SERVICES, all_operations

DECLARED = {each.service: each for each in all_operations() if each.path.endswith("/audit-entries")}
HERE, NEIGHBOUR, ELSEWHERE = "330106", "330110", "510107"
ACTIONS = {
    "by_here": "test.decided_here",
    "by_neighbour": "test.decided_next_door",
    "by_elsewhere": "test.decided_elsewhere",
    "of_here": "test.done_by_institution_here",
    "of_unknown": "test.done_by_institution_nobody_knows",
    "by_system": "test.done_by_itself",
}


@pytest.fixture(params=sorted(DECLARED))
def kit(request, make_kit):
    kit = make_kit(import_module(f"otsp_{request.param}.app").service)
    kit.clean()
    yield kit
    kit.clean()


@pytest.fixture
def institution_id(kit):
    """One of HERE that the service knows by its owner's event, or as its owner."""
    institution_id = new_id()
    if kit.service.name == "institution":
        with kit.active(), transaction() as tx:
            tx.add(Institution(institution_id=institution_id, region_code=HERE))
    else:
        kit.deliver(
            ProfileChanged(
                institution_id=institution_id, version=1, name="示例", region_code=HERE,
                categories=("subject",), delivery_modes=("offline",), stages=("primary",),
                legal_nature="non_profit", registration_status="approved",
                compliance_status="not_applied",
            )
        )  # fmt: skip
    return institution_id


@pytest.fixture
def trail(kit, institution_id):
    """An entry of each kind, oldest first."""
    reviewers = {
        name: Principal(
            new_id(), "reviewer", frozenset(), "s",
            authority=AuthorityClaim(new_id(), "county", "education", region),
        )
        for name, region in (
            ("by_here", HERE), ("by_neighbour", NEIGHBOUR), ("by_elsewhere", ELSEWHERE)
        )
    }  # fmt: skip
    for name, action in ACTIONS.items():
        concerned = {"of_here": institution_id, "of_unknown": new_id()}.get(name)
        call = Call("test", request_id="r", is_write=False, principal=reviewers.get(name))
        with activate(kit.runtime, call), transaction() as tx:
            audit.record(
                tx, action, object_type="test", object_id=name, institution_id=concerned,
                before={"a": 1}, after={"a": 2}, reason="核对", pii_fields=["name"],
            )  # fmt: skip
    return ACTIONS


def path_of(kit):
    return f"/api/{kit.service.name}/v1/audit-entries"


def read(kit, client, **query):
    answer = client.get(path_of(kit), query={"action": "test.", **query})
    assert answer.status == 200, answer.content
    return answer.json["items"]


def seen(kit, *, level, region):
    auditor = kit.as_authority("auditor", level=level, region=region)
    return {each["object_id"] for each in read(kit, auditor)}


def national(kit):
    return kit.as_authority("auditor", level="national", region="000000")


def test_all_six_declare_the_same_operation():
    assert set(DECLARED) == set(SERVICES)
    forms = [
        (
            {name: part for name, part in each.definition.items() if name != "operationId"},
            each.specification["components"]["schemas"]["AuditEntry"],
            each.specification["components"]["schemas"]["AuditEntryPage"],
        )
        for each in DECLARED.values()
    ]
    assert all(form == forms[0] for form in forms)
    assert {service: each.path for service, each in DECLARED.items()} == {
        service: f"/api/{service}/v1/audit-entries" for service in SERVICES
    }


def test_auditor_sees_the_own_subtree_and_the_nations_sees_everything(kit, trail):
    assert seen(kit, level="county", region=HERE) == {"by_here", "of_here"}
    assert seen(kit, level="city", region="330100") == {"by_here", "by_neighbour", "of_here"}
    assert seen(kit, level="province", region="330000") == {"by_here", "by_neighbour", "of_here"}
    assert seen(kit, level="province", region="510000") == {"by_elsewhere"}
    assert seen(kit, level="county", region="330109") == set()
    assert seen(kit, level="national", region="000000") == set(trail)


def test_auditor_of_no_authority_is_the_nations(kit, trail, callers):
    client = kit.as_principal(callers.principal("auditor"))

    assert {each["object_id"] for each in read(kit, client)} == set(trail)


def test_reading_is_an_entry_itself_with_who_and_what(kit, trail, institution_id):
    client = national(kit)
    [shown] = read(kit, client, institution_id=str(institution_id))
    read(kit, client, object_id="nothing")

    second, first = client.get(path_of(kit), query={"action": "audit.read"}).json["items"]
    assert first["actor_id"] == str(client.principal.account_id)
    assert (first["role"], first["client_ip"]) == ("auditor", "127.0.0.1")
    assert first["institution_id"] == str(institution_id)
    assert first["object_id"] == f"{shown['sequence']}..{shown['sequence']}"
    assert first["operation"] == DECLARED[kit.service.name].id
    assert (second["object_id"], second["after_sha256"] != first["after_sha256"]) == ("none", True)


def test_entry_is_told_whole_with_its_place_in_the_chain(kit, trail):
    before = read(kit, national(kit), object_id="by_here")[0]
    kit.run_job("seal_audit_trail")
    [entry] = read(kit, national(kit), object_id="by_here")

    assert (before["position"], entry["position"]) == (None, 1)
    assert entry["region_code"] == HERE
    assert (entry["reason"], entry["pii_fields"]) == ("核对", ["name"])
    assert len(entry["before_sha256"]) == len(entry["after_sha256"]) == 64
    assert entry["before_sha256"] != entry["after_sha256"]


def test_newest_first_page_by_page_without_gap_or_repeat(kit, trail):
    client, found, cursor = national(kit), [], None
    while True:
        query = {"action": "test.", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get(path_of(kit), query=query).json
        found += [each["object_id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert found == list(reversed(trail))


def test_filters_narrow(kit, trail, institution_id):
    client = national(kit)
    whole = {each["object_id"]: each for each in read(kit, client)}

    def only(**query):
        return [each["object_id"] for each in read(kit, client, **query)]

    one = whole["by_neighbour"]
    assert only(action="test.decided") == ["by_elsewhere", "by_neighbour", "by_here"]
    assert only(action="test.decided%") == []
    assert only(actor_id=one["actor_id"]) == ["by_neighbour"]
    assert only(object_id="by_system") == ["by_system"]
    assert only(institution_id=str(institution_id)) == ["of_here"]
    assert only(operation="other") == []
    assert only(**{"from": one["at"], "to": whole["of_here"]["at"]}) == [
        "by_elsewhere",
        "by_neighbour",
    ]


def test_days_of_long_ago_are_found_among_many(kit):
    long_ago = clock.now() - timedelta(days=400)
    entry = {"operation": "test", "action": "test.old", "at": long_ago}
    with kit.active(), transaction() as tx:
        tx.execute(insert(audit_entry), [entry, {**entry, "at": clock.now()}])

    found = read(kit, national(kit), to=(long_ago + timedelta(days=1)).isoformat())

    assert [each["at"][:10] for each in found] == [long_ago.date().isoformat()]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "yesterday"}, "/from"),
        ({"to": "2026-13-01T00:00:00Z"}, "/to"),
        ({"to": "2026-11-01"}, "/to"),
        ({"actor_id": "7"}, "/actor_id"),
        ({"cursor": "WyJ4Il0"}, "/cursor"),
        ({"cursor": "WyIxMjM0NTY3ODkwMTIzNDU2Nzg5Il0"}, "/cursor"),
        ({"role": "reviewer"}, "/role"),
    ],
)
def test_question_that_cannot_be_answered_is_refused_and_no_reading(kit, trail, query, pointer):
    client = national(kit)
    answer = client.get(path_of(kit), query=query)

    assert (answer.status, answer.pointers) == (400, {pointer})
    assert client.get(path_of(kit), query={"action": "audit.read"}).json["items"] == []


@pytest.mark.parametrize("role", ["reviewer", "region_admin", "national_admin", "operator"])
def test_nobody_else_reads(kit, trail, role):
    answer = kit.as_authority(role).get(path_of(kit))

    assert (answer.status, answer.json["missing_scopes"]) == (403, ["audit:read"])
