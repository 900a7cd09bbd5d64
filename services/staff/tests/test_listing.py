"""Lists of people: found by name, narrowed, in order, by numbers; by an index among many."""

from datetime import date

import psycopg
import pytest
from sqlalchemy import select

from otsp_chassis import pii
from otsp_chassis.db import reading
from otsp_chassis.ids import new_id
from otsp_chassis.sight import OWN
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import CaseRouted
from otsp_contracts.institution import ProfileChanged
from otsp_staff.commands.entry import tail_index
from otsp_staff.queries.listing import Wanted, narrowed
from otsp_staff.snapshot import build_section

NUMBER = "330199198506079917"


@pytest.fixture
def base(owner):
    return f"/api/staff/v1/institutions/{owner.principal.institution_id}"


@pytest.fixture
def names(owner, base):
    """Those whom the institution's list holds, as it is asked."""

    def _names(**query):
        answer = owner.get(f"{base}/staff", query=query)
        assert answer.status == 200, answer.content
        return [each["name"] for each in answer.json["items"]]

    return _names


@pytest.fixture
def team(register, owner):
    """Three who sound apart and one whose surname is not read as it is written."""
    facts = [
        ("曾亮", {"staff_type": "teaching", "hired_on": "2021-05-01"}),
        ("欧阳明华", {"staff_type": "research", "employment": "part_time", "hired_on": None}),
        ("安小红", {"staff_type": "finance", "employment": "dispatched"}),
        ("John Smith", {"staff_type": "teaching", "hired_on": "2023-09-01"}),
    ]
    return {name: register(owner, name=name, id_no=None, **each) for name, each in facts}


@pytest.fixture
def reviewer(kit, owner):
    """Of the institution's region, without a case."""
    kit.deliver(
        ProfileChanged(
            institution_id=owner.principal.institution_id, version=1, name="示例学校",
            region_code="330106", categories=("subject",), delivery_modes=("offline",),
            stages=("junior",), legal_nature="nonprofit", registration_status="approved",
            compliance_status="not_applied",
        )
    )  # fmt: skip
    return kit.as_authority()


@pytest.fixture
def route(kit, owner):
    def _route(authority):
        kit.deliver(
            CaseRouted(
                case_id=new_id(), version=1, institution_id=owner.principal.institution_id,
                kind="compliance", subject_id=new_id(),
                authority_id=authority.principal.authority.authority_id,
            )
        )  # fmt: skip

    return _route


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("欧阳", ["欧阳明华"]),
        ("明华", ["欧阳明华"]),
        ("ouyang", ["欧阳明华"]),
        ("oymh", ["欧阳明华"]),
        ("zengliang", ["曾亮"]),
        ("smith", ["John Smith"]),
        ("不在", []),
    ],
)
def test_people_are_found_by_characters_pinyin_and_initials(team, names, q, found):
    assert names(q=q) == found


def test_people_are_found_by_the_name_that_they_have_now(owner, register, names):
    person = register(owner, name="安小红")
    owner.put(person["url"], {"name": "安小兰"}, if_match=1)

    assert (names(q="小红"), names(q="小兰")) == ([], ["安小兰"])


def test_one_character_is_too_little_to_look_for(owner, base, team):
    refused = owner.get(f"{base}/staff", query={"q": "安"})

    assert (refused.status, refused.pointers) == (400, {"/q"})


def test_lists_are_narrowed_by_several_things_at_once(team, names):
    assert names(staff_type=["teaching", "research"], employment="full_time") == [
        "曾亮",
        "John Smith",
    ]
    assert names(employment=["part_time", "dispatched"]) == ["欧阳明华", "安小红"]
    assert names(employment="part_time", q="安小") == []


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("registered", ["曾亮", "欧阳明华", "安小红", "John Smith"]),
        ("name", ["安小红", "John Smith", "欧阳明华", "曾亮"]),
        ("hired_on", ["欧阳明华", "安小红", "曾亮", "John Smith"]),
        ("-hired_on", ["John Smith", "曾亮", "安小红", "欧阳明华"]),
    ],
)
def test_pages_continue_in_every_order(owner, base, team, names, sort, order):
    paged, cursor = [], None
    while cursor is not None or not paged:
        query = {"sort": sort, "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = owner.get(f"{base}/staff", query=query).json
        paged += [each["name"] for each in page["items"]]
        cursor = page["next"]

    assert names(sort=sort) == paged == order


def test_no_name_stands_in_the_address_of_the_next_page(owner, base, team):
    page = owner.get(f"{base}/staff", query={"sort": "name", "limit": 1}).json

    assert len(page["next"]) < 60, "an id and no more"


def test_those_of_one_sound_stand_together(owner, register, names):
    for name in ("李力", "黎丽", "李丽"):
        register(owner, name=name, id_no=None)

    assert names(sort="name") == ["李丽", "李力", "黎丽"]


def test_names_that_are_told_masked_are_not_searched(owner, base, team, reviewer, route):
    def found(q):
        items = reviewer.get(f"{base}/staff", query={"q": q}).json["items"]
        return [each["name"] for each in items]

    assert (found("zeng"), found("anxiaohong")) == (["曾亮"], [])
    route(reviewer)
    assert found("anxiaohong") == ["安小红"]


def search(client, base, **criteria):
    return client.post(f"{base}/staff-searches", criteria)


def searches(kit):
    with kit.runtime.database.autocommit.connect() as reader:
        these = select(audit_entry).where(audit_entry.c.action == "staff.searched")
        return list(reader.execute(these.order_by(audit_entry.c.sequence)).mappings())


def test_a_number_is_found_in_any_spelling_and_whole(owner, base, register, team):
    person = register(owner)
    stranger = register(owner, id_type="passport", id_no="x0000001", nationality="US")

    def ids(**criteria):
        return [each["staff_id"] for each in search(owner, base, **criteria).json["items"]]

    assert ids(id_no=NUMBER) == [person["staff_id"]]
    assert ids(id_type="passport", id_no="X0000001") == [stranger["staff_id"]]
    assert ids(id_type="passport", id_no="X000000") == []


def test_a_mobile_is_found_by_its_last_four_digits(owner, base, register):
    person = register(owner, mobile="13912345678")
    register(owner, mobile="13912340001", id_no=None)

    def ids(**criteria):
        return [each["staff_id"] for each in search(owner, base, **criteria).json["items"]]

    assert ids(mobile_last4="5678") == [person["staff_id"]]
    assert ids(mobile_last4="5678", id_no=NUMBER) == [person["staff_id"]]
    assert ids(mobile_last4="1234") == []
    owner.put(person["url"], {"mobile": None}, if_match=1)
    assert ids(mobile_last4="5678") == []


@pytest.mark.parametrize(
    ("criteria", "pointers"),
    [
        ({}, {""}),
        ({"id_type": "cnid"}, {""}),
        ({"id_no": "330199198506079918"}, {"/id_no"}),
        ({"mobile_last4": "567"}, {"/mobile_last4", ""}),
    ],
)
def test_what_would_find_everybody_or_nobody_is_refused(owner, base, criteria, pointers):
    refused = search(owner, base, **criteria)

    assert (refused.status, refused.pointers) == (422, pointers)


def test_each_search_leaves_an_entry_without_the_number(
    kit, owner, base, register, reviewer, route
):
    register(owner)
    route(reviewer)

    search(owner, base, mobile_last4="9999")
    found = search(reviewer, base, id_no=NUMBER).json["items"]

    first, second = searches(kit)
    assert (first["pii_fields"], first["reason"]) == (["mobile_last4"], None)
    assert (second["pii_fields"], second["role"]) == (["id_no"], "reviewer")
    assert second["reason"].startswith("事项 ")
    assert [each["name"] for each in found] == ["周甲"]
    with kit.runtime.database.autocommit.connect() as reader:
        whole = reader.exec_driver_sql("SELECT string_agg(a::text, '') FROM audit_entry a").scalar()
    assert NUMBER not in whole


def test_who_may_not_read_in_full_looks_for_no_number(kit, owner, base, reviewer, register):
    register(owner)

    assert search(reviewer, base, id_no=NUMBER).problem == "case-required"
    assert search(kit.as_institution(new_id()), base, id_no=NUMBER).problem == "other-institution"
    assert search(kit.as_authority(region="510107"), base, id_no=NUMBER).status == 403
    assert searches(kit) == []


MANY = """
INSERT INTO staff (staff_id, institution_id, status, version, created_at, updated_at, name,
  name_order, search_text, search_terms, staff_type, employment, hired_on, id_index,
  mobile_tail_index, teach_subjects, teach_stages, teach_experience, quals)
SELECT gen_random_uuid(), %(of)s, 'employed', 1, now(), now(), name, lower(name), name,
  ARRAY(SELECT substr(name, at, 2) FROM generate_series(1, length(name) - 1) AS at),
  'teaching', 'full_time', DATE '2010-01-01' + number %% 5000, sha256(name::bytea),
  sha256((number %% 9000)::text::bytea), '{}', '{}', '[]', '[]'
FROM (
  SELECT number,
    chr(20000 + number %% 900) || chr(30000 + number %% 700) || chr(25000 + number %% 80) AS name
  FROM generate_series(1, 10000) AS number
) AS people
"""
PLANS = [
    (Wanted(q=chr(20007) + chr(30007)), "ix_staff_search_terms"),
    (Wanted(sort="name"), "ix_staff_institution_id_name_order"),
    (Wanted(sort="hired_on"), "ix_staff_institution_id_hired_on"),
    (Wanted(sort="-hired_on"), "ix_staff_institution_id_hired_on"),
    (Wanted(staff_types=["teaching"], status="employed"), "ix_staff_institution_id_staff_id"),
    (Wanted(id_index=bytes(32)), "ix_staff_institution_id_id_index"),
    (Wanted(mobile_tail=bytes(32)), "ix_staff_institution_id_mobile_tail"),
]


@pytest.fixture
def crowd(kit, owner):
    """Ten thousand people at the institution and as many elsewhere."""
    with psycopg.connect(kit.owner_url, autocommit=True) as connection:
        for institution_id in (owner.principal.institution_id, new_id()):
            connection.execute(MANY, {"of": institution_id})
        connection.execute("VACUUM ANALYZE staff")


def test_an_index_is_used_among_ten_thousand(kit, owner, base, crowd):
    page = owner.get(f"{base}/staff", query={"sort": "name", "limit": 2}).json
    with kit.runtime.database.autocommit.connect() as reader:
        for wanted, index in PLANS:
            for cursor in (None, page["next"]):
                query = narrowed(OWN, wanted, cursor).limit(21)
                query = query.params(of=owner.principal.institution_id)
                sent = query.compile(reader).construct_expanded_state()
                explained = reader.exec_driver_sql(f"EXPLAIN {sent.statement}", sent.parameters)
                plan = "\n".join(explained.scalars())
                assert index in plan, (wanted, plan)
                assert "Seq Scan on staff" not in plan, (wanted, plan)


def test_a_section_holds_ten_thousand(kit, owner, crowd):
    with kit.active(), reading() as tx:
        section = build_section(tx, owner.principal.institution_id, date(2024, 10, 15))

    assert len(section.staff) == 10_000


def test_last_digits_are_indexed_apart_from_other_texts(kit):
    with kit.active():
        assert tail_index("0001") != pii.blind_index("0001")
