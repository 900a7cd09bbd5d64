"""Personal data in clear: one's own, or within an open case of one's authority."""

import pytest
from sqlalchemy import select, text

from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry, idempotency_key
from otsp_contracts.compliance import CaseDecided, CaseRouted

NUMBER, MOBILE = "330199198506079917", "13800000001"
REASON = "核对教师资格证书持有人身份"
SECRETS = {
    "political_status": "party_member",
    "prohibited_kind": ["intentional_crime", "sexual_abuse_violence"],
    "work_permit_no": "11000000099999",
    "work_permit_to": "2027-01-01",
}


@pytest.fixture
def person(owner, register):
    return register(owner, **SECRETS)


@pytest.fixture
def route(kit, owner):
    """Lets compliance tell with whom a case of the institution lies."""

    def _route(authority, **changes):
        case = {
            "case_id": new_id(),
            "version": 1,
            "institution_id": owner.principal.institution_id,
            "kind": "compliance",
            "subject_id": new_id(),
            "authority_id": authority.principal.authority.authority_id,
        }
        told = CaseRouted(**case | changes)
        kit.deliver(told)
        return told

    return _route


@pytest.fixture
def close(kit):
    def _close(case, version=2):
        kit.deliver(
            CaseDecided(
                case_id=case.case_id, version=version, institution_id=case.institution_id,
                kind=case.kind, subject_id=case.subject_id, decision="withdrawn",
                decided_on="2024-10-15",
            )
        )  # fmt: skip

    return _close


def ask(client, person, *fields, case=None, reason=None, **more):
    body = {"fields": list(fields or ["id_no"]), **more}
    body |= {} if case is None else {"case_id": str(case.case_id)}
    body |= {} if reason is None else {"reason": reason}
    return client.post(f"{person['url']}/reveals", body)


def looks(kit):
    """What the trail says of every look."""
    with kit.runtime.database.autocommit.connect() as reader:
        these = select(audit_entry).where(audit_entry.c.action == "staff.revealed")
        return list(reader.execute(these.order_by(audit_entry.c.sequence)).mappings())


def everything_but_the_sealed(kit, table):
    with kit.runtime.database.autocommit.connect() as reader:
        return reader.execute(text(f"SELECT string_agg({table}::text, '') FROM {table}")).scalar()


def test_the_institutions_administrator_sees_what_answers_mask(kit, owner, person):
    answer = ask(owner, person, "id_no", "mobile", *SECRETS)

    assert answer.status == 200
    assert answer.json["values"] == {"id_no": NUMBER, "mobile": MOBILE, **SECRETS}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["revealed_at"]
    [look] = looks(kit)
    assert (look["object_id"], look["institution_id"]) == (
        person["staff_id"],
        owner.principal.institution_id,
    )
    assert look["pii_fields"] == ["id_no", "mobile", *SECRETS]
    assert (look["actor_id"], look["reason"]) == (owner.principal.account_id, None)


def test_what_is_not_held_is_null(owner, register):
    person = register(owner, id_no=None)

    values = ask(owner, person, "id_no", "prohibited_kind", "annual_check_on").json["values"]

    assert values == {"id_no": None, "prohibited_kind": None, "annual_check_on": None}


@pytest.mark.parametrize("role", ["reviewer", "region_admin"])
def test_an_authority_sees_a_field_while_the_case_lies_with_it(kit, person, route, role):
    reviewer = kit.as_authority(role)
    case = route(reviewer)

    answer = ask(reviewer, person, case=case, reason=f"  {REASON} ")

    assert (answer.status, answer.json["values"]) == (200, {"id_no": NUMBER})
    assert answer.headers["Cache-Control"] == "no-store"
    [look] = looks(kit)
    assert look["reason"] == f"事项 {case.case_id}：{REASON}"
    assert (look["pii_fields"], look["object_id"]) == (["id_no"], person["staff_id"])
    assert (look["actor_id"], look["role"]) == (reviewer.principal.account_id, role)


def test_an_authority_without_a_case_is_told_that_it_needs_one(kit, person, route):
    reviewer = kit.as_authority()
    route(reviewer)

    refused = ask(reviewer, person, reason=REASON)

    assert (refused.status, refused.problem) == (403, "case-required")
    assert "事项" in refused.json["detail"]
    assert looks(kit) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"institution_id": new_id()},
        {"authority_id": new_id()},
        {"kind": "external_review"},
        {"kind": "registration"},
        {"state": "decided"},
    ],
    ids=["another institution's", "another authority's", "of a material", "first", "decided"],
)
def test_a_case_that_does_not_permit_it_is_refused_alike(kit, person, route, changes):
    reviewer = kit.as_authority()
    case = route(reviewer, **changes)

    refused = ask(reviewer, person, case=case, reason=REASON)

    assert (refused.status, refused.problem) == (403, "case-not-open")
    assert NUMBER not in refused.content.decode()
    assert looks(kit) == []


def test_a_case_that_nobody_heard_of_is_refused(kit, person, route):
    reviewer = kit.as_authority()
    route(reviewer)

    refused = ask(reviewer, person, reason=REASON, case_id=str(new_id()))

    assert (refused.status, refused.problem) == (403, "case-not-open")


def test_it_ends_with_the_case_whatever_arrives_late(kit, person, route, close):
    reviewer = kit.as_authority()
    case = route(reviewer)
    assert ask(reviewer, person, case=case, reason=REASON).status == 200

    close(case, version=3)
    route(reviewer, case_id=case.case_id, version=2)

    assert ask(reviewer, person, case=case, reason=REASON).problem == "case-not-open"
    assert len(looks(kit)) == 1


def test_an_end_that_is_heard_before_the_beginning_is_the_end(kit, person, owner, route, close):
    reviewer = kit.as_authority()
    told = CaseRouted(
        case_id=new_id(), version=1, institution_id=owner.principal.institution_id,
        kind="compliance", subject_id=new_id(),
        authority_id=reviewer.principal.authority.authority_id,
    )  # fmt: skip
    close(told)
    kit.deliver(told)

    assert ask(reviewer, person, case=told, reason=REASON).problem == "case-not-open"


def test_it_goes_with_the_case_to_another_authority(kit, person, route):
    first, second = kit.as_authority(), kit.as_authority(region="330100", level="city")
    case = route(first)
    route(second, case_id=case.case_id, version=2)

    assert ask(first, person, case=case, reason=REASON).problem == "case-not-open"
    assert ask(second, person, case=case, reason=REASON).status == 200


@pytest.mark.parametrize("reason", [None, "核对", "　 核对 \t ", "     "])
def test_an_authority_says_why(kit, person, route, reason):
    reviewer = kit.as_authority()
    case = route(reviewer)

    refused = ask(reviewer, person, case=case, reason=reason)

    assert (refused.status, refused.pointers) == (422, {"/reason"})
    assert looks(kit) == []


@pytest.mark.parametrize(
    "fields", [[], ["id_no", "id_no"], ["id_no_sealed"], ["id_index"], ["name"], ["*"], [None]]
)
def test_only_fields_that_answers_mask_can_be_asked_for(kit, owner, person, fields):
    refused = owner.post(f"{person['url']}/reveals", {"fields": fields})

    assert (refused.status, refused.problem) == (422, "invalid")
    assert looks(kit) == []


def test_another_institution_sees_nothing_under_any_path(kit, owner, person):
    other = kit.as_institution(new_id())
    there = person | {"url": person["url"].replace(str(owner.principal.institution_id), "{}")}
    there["url"] = there["url"].format(other.principal.institution_id)

    assert ask(other, person).problem == "other-institution"
    assert ask(other, there).problem == "not-found"
    assert looks(kit) == []


def test_an_institution_does_not_borrow_a_case(kit, person, route):
    case = route(kit.as_authority())

    refused = ask(kit.as_institution(new_id()), person, case=case, reason=REASON)

    assert refused.problem == "other-institution"


def test_a_person_of_another_institution_is_not_found_within_ones_case(kit, register, route):
    elsewhere = register(kit.as_institution(new_id()))
    reviewer = kit.as_authority()
    case = route(reviewer)
    path = elsewhere | {
        "url": f"/api/staff/v1/institutions/{case.institution_id}/staff/{elsewhere['staff_id']}"
    }

    assert ask(reviewer, path, case=case, reason=REASON).problem == "not-found"
    assert ask(reviewer, elsewhere, case=case, reason=REASON).problem == "case-not-open"


def test_a_deleted_person_is_seen_by_nobody(kit, owner, person):
    owner.delete(person["url"], if_match=person["version"])

    assert ask(owner, person).problem == "not-found"


@pytest.mark.parametrize("role", ["national_admin", "auditor", "operator", "api_key"])
def test_others_have_no_such_right(kit, owner, person, route, role):
    caller = kit.as_authority(role)
    case = route(caller)

    refused = ask(caller, person, case=case, reason=REASON)

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert refused.json["missing_scopes"] == ["staff:reveal"]


def test_each_look_is_a_look_of_its_own_and_none_is_kept(kit, owner, person):
    kit_key = {"Idempotency-Key": "the-same-look"}
    path = f"{person['url']}/reveals"
    with kit.runtime.database.autocommit.connect() as reader:
        before = reader.execute(select(idempotency_key)).all()

    answers = [owner.post(path, {"fields": ["id_no"]}, headers=kit_key) for _ in range(2)]

    assert [answer.json["values"]["id_no"] for answer in answers] == [NUMBER, NUMBER]
    assert len(looks(kit)) == 2
    with kit.runtime.database.autocommit.connect() as reader:
        assert reader.execute(select(idempotency_key)).all() == before


def test_no_look_writes_a_value_anywhere(kit, owner, person, route, capfd):
    reviewer = kit.as_authority()
    case = route(reviewer)
    ask(owner, person, "id_no", "mobile")
    ask(reviewer, person, "id_no", "mobile", case=case, reason=REASON)
    ask(reviewer, person, "id_no", "mobile", reason=REASON)

    written = "".join(
        everything_but_the_sealed(kit, table) or ""
        for table in ("audit_entry", "outbox", "idempotency_key", "case_ref")
    )
    written += "".join(capfd.readouterr())
    assert NUMBER not in written
    assert MOBILE not in written
    assert str(case.case_id) in written
