"""Numbers of identity in clear: one's own, or within an open case of one's authority."""

import pytest
from sqlalchemy import select, text

from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import CaseRouted

HEAD, SPONSOR = "330199197803129904", "330199198506079917"
SHEN = {"name": "沈示例", "id_type": "cnid", "id_no": SPONSOR, "share_bp": 6_000}
FUND = {"name": "示例投资有限公司", "share_bp": 4_000}
REASON = "核对法定代表人身份证件"


@pytest.fixture
def entered(own, place, facts):
    """The institution with a legal representative and two sponsors, one of them a company."""
    body = facts | {"legal_rep": facts["legal_rep"] | {"id_no": HEAD}, "sponsors": [SHEN, FUND]}
    assert own.put(place, body).status == 201
    return f"{place}/reveals"


@pytest.fixture
def route(kit, institution_id):
    """Lets compliance tell with whom a case of the institution lies."""

    def _route(authority, **changes):
        case = {
            "case_id": new_id(),
            "version": 1,
            "institution_id": institution_id,
            "kind": "registration",
            "subject_id": institution_id,
            "authority_id": authority.principal.authority.authority_id,
        }
        told = CaseRouted(**case | changes)
        kit.deliver(told)
        return told

    return _route


def ask(client, path, *fields, case=None, reason=REASON):
    body = {"fields": list(fields or ["legal_rep.id_no"]), "reason": reason}
    return client.post(path, body | ({} if case is None else {"case_id": str(case.case_id)}))


def looks(kit):
    """What the trail says of every look."""
    with kit.runtime.database.autocommit.connect() as reader:
        these = select(audit_entry).where(audit_entry.c.action == "institution.revealed")
        return list(reader.execute(these.order_by(audit_entry.c.sequence)).mappings())


def test_the_institutions_administrator_sees_its_numbers_without_a_reason(kit, own, entered):
    answer = ask(own, entered, "legal_rep.id_no", "sponsors[].id_no", reason=None)

    assert answer.status == 200
    assert answer.json["values"] == {
        "legal_rep.id_no": HEAD,
        "sponsors[].id_no": [SPONSOR, None],
    }
    assert answer.headers["Cache-Control"] == "no-store"
    [look] = looks(kit)
    assert look["pii_fields"] == ["legal_rep.id_no", "sponsors[].id_no"]


def test_what_is_not_held_is_null(own, place):
    own.put(place, {"name": "示例"})

    values = ask(own, f"{place}/reveals", "legal_rep.id_no", "sponsors[].id_no").json["values"]

    assert values == {"legal_rep.id_no": None, "sponsors[].id_no": []}


def test_an_institution_that_was_never_heard_of_is_not_found(own, place):
    assert ask(own, f"{place}/reveals").problem == "not-found"


@pytest.mark.parametrize("kind", ["registration", "compliance"])
def test_the_authority_of_an_open_case_sees_them_and_the_trail_says_why(kit, entered, route, kind):
    reviewer = kit.as_authority()
    case = route(reviewer, kind=kind)

    answer = ask(reviewer, entered, case=case)

    assert (answer.status, answer.json["values"]) == (200, {"legal_rep.id_no": HEAD})
    [look] = looks(kit)
    assert look["reason"] == f"事项 {case.case_id}：{REASON}"
    assert look["object_id"] == str(case.institution_id)
    assert look["region_code"] == reviewer.principal.authority.region_code


def test_an_authority_needs_a_case_and_a_reason(kit, entered, route):
    reviewer = kit.as_authority()
    case = route(reviewer)

    assert ask(reviewer, entered).problem == "case-required"
    assert ask(reviewer, entered, case=case, reason=None).pointers == {"/reason"}
    assert looks(kit) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"institution_id": new_id()},
        {"authority_id": new_id()},
        {"kind": "external_review"},
        {"state": "decided"},
    ],
    ids=["another institution's", "another authority's", "of a material", "decided"],
)
def test_a_case_that_does_not_permit_it_is_refused_alike(kit, entered, route, changes):
    reviewer = kit.as_authority()
    case = route(reviewer, **changes)

    refused = ask(reviewer, entered, case=case)

    assert (refused.status, refused.problem) == (403, "case-not-open")
    assert looks(kit) == []


def test_it_ends_with_the_decision(kit, own, place, entered, route, decide):
    reviewer = kit.as_authority()
    own.post(f"{place}/registration/submission")
    case = route(reviewer)
    assert ask(reviewer, entered, case=case).status == 200

    decide("approved", case_id=case.case_id)
    route(reviewer, case_id=case.case_id, version=2)

    assert ask(reviewer, entered, case=case).problem == "case-not-open"


def test_another_institution_is_refused(kit, entered):
    assert ask(kit.as_institution(new_id()), entered).problem == "other-institution"


@pytest.mark.parametrize("role", ["national_admin", "auditor", "operator", "api_key"])
def test_others_have_no_such_right(kit, entered, route, role):
    caller = kit.as_authority(role)

    refused = ask(caller, entered, case=route(caller))

    assert refused.json["missing_scopes"] == ["institution:reveal"]


@pytest.mark.parametrize("field", ["legal_rep.id_hmac", "sponsors", "sponsors[0].id_no", "uscc"])
def test_only_fields_that_answers_mask_can_be_asked_for(kit, own, entered, field):
    assert (ask(own, entered, field).status, looks(kit)) == (422, [])


def test_no_look_writes_a_value_anywhere(kit, own, entered, capfd):
    capfd.readouterr()
    ask(own, entered, "legal_rep.id_no", "sponsors[].id_no")

    with kit.runtime.database.autocommit.connect() as reader:
        written = "".join(
            reader.execute(text(f"SELECT string_agg({name}::text, '') FROM {name}")).scalar() or ""
            for name in ("audit_entry", "outbox", "idempotency_key", "institution")
        )
    written += "".join(capfd.readouterr())
    assert HEAD not in written
    assert SPONSOR not in written
