"""The public register: who is on it, how it is looked through, what is refused."""

from datetime import date

import psycopg
import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_compliance.commands import register
from otsp_contracts.compliance.register import ListEntryChanged
from otsp_testkit.listening import statements_sent

REGISTER = "/api/compliance/v1/public/register"
LISTS = "/api/compliance/v1/public/lists"
STATUSES = (
    "compliant",
    "change_pending",
    "not_applied",
    "under_review",
    "returned",
    "non_compliant",
    "expired",
    "suspended",
    "deregistering",
    "deregistered",
)
BY_NAME = "ix_register_entry_search_terms"
INDEXES = [
    ({"q": "启明"}, BY_NAME),
    ({"q": "qiming"}, BY_NAME),
    ({"q": "qmwh"}, BY_NAME),
    ({"q": "52330106MJFAKE011P"}, "ix_register_entry_uscc"),
    ({"q": "教民133010600000001号"}, "ix_register_entry_licence_no"),
    ({"region": "330200"}, "ix_register_entry_region_code"),
]


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def authority(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def public(kit):
    return kit.anonymous()


@pytest.fixture
def decide(world, authority):
    """Files sample A as it now is; it is accepted and decided."""
    world.profile().configure()

    def decided(decision="approve", **body):
        application_id = filed(world)
        case_id = world.application(application_id)["case_id"]
        reviewer = world.reviewer(authority)
        assert reviewer.post(f"{world.api}/cases/{case_id}/acceptance", {}).status == 200
        path = f"{world.api}/cases/{case_id}/decisions"
        answer = reviewer.post(path, {"decision": decision, "warnings_read": ["SIT-006"]} | body)
        assert answer.status == 200, answer.json
        return application_id

    return decided


def filed(world):
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    assert world.state(application_id) == "submitted"
    return application_id


def set_aside(world, authority, application_id, outcome="returned", **body):
    decision = world.application(application_id)["decisions"][-1]
    admin = world.reviewer(authority, role="region_admin")
    path = f"{world.api}/decisions/{decision['decision_id']}/replacement"
    answer = admin.post(path, {"outcome": outcome, "reason": "原决定认定事实有误"} | body)
    assert answer.status == 200, answer.json


@pytest.fixture
def approved(world, decide):
    """Sample A, approved and compliant."""
    application_id = decide()
    world.profile(version=2, compliance_status="compliant")
    return application_id


def names(answer):
    assert answer.status == 200, answer.json
    return [each["name"] for each in answer.json["items"]]


def test_an_approved_institution_is_found_with_what_was_approved(public, world, approved):
    told = public.get(REGISTER, query={"q": "启明"}).json

    assert (told["page_no"], told["page_size"], told["count"]) == (1, 10, 1)
    assert told["is_least"] is False
    [line] = told["items"]
    assert line["institution_id"] == str(world.institution_id)
    assert line["region_names"] == ["浙江省", "杭州市", "西湖区"]
    assert line["uscc"] == world.facts["uscc"]
    assert line["licence_no"] == world.sections["A"]["institution"]["licence"]["licence_no"]
    assert (line["approved_on"], line["also_on"]) == ("2024-10-15", [])


def test_the_detail_page_is_that_of_the_snapshot_and_not_of_today(kit, public, world, approved):
    world.sections["A"]["staff"]["staff"][0]["name"] = "周乙"
    withdrawn = filed(world)
    world.institution().post(f"{world.api}/applications/{withdrawn}/withdrawal")

    told = public.get(f"{REGISTER}/{world.institution_id}").json

    detail = told["detail"]
    assert "周甲" in [each["name"] for each in detail["teachers"]]
    licence = world.sections["A"]["institution"]["licence"]
    assert detail["licence"]["issuer_name"] == licence["issuer_name"]
    assert [each["name"] for each in detail["courses"]] == [
        each["name"] for each in world.sections["A"]["courses"]["courses"]
    ]
    account = world.sections["A"]["institution"]["funds"]["supervision"]["account_no"]
    assert account not in str(told)
    assert told["entry"]["name"] == world.facts["name"]


def test_only_whose_approval_stands_is_on_the_white_list(public, world, approved):
    shown = set()
    for version, status in enumerate(STATUSES, start=3):
        world.profile(version=version, compliance_status=status)
        found = public.get(REGISTER, query={"q": "启明"}).json["items"]
        page = public.get(f"{REGISTER}/{world.institution_id}")
        assert bool(found) == (page.status == 200)
        assert page.status == 200 or page.problem == "not-on-register"
        shown |= {status} if found else set()

    assert shown == {"compliant", "change_pending"}


def test_a_new_approval_takes_the_place_of_the_one_before(public, world, decide, approved):
    world.sections["A"]["institution"]["licence"]["issuer_name"] = "杭州市教育局"
    decide()

    told = public.get(f"{REGISTER}/{world.institution_id}").json

    assert told["detail"]["licence"]["issuer_name"] == "杭州市教育局"


def test_what_is_refused_later_leaves_the_entry_as_it_was_approved(public, world, decide, approved):
    before = public.get(f"{REGISTER}/{world.institution_id}").json
    world.sections["A"]["institution"]["licence"]["issuer_name"] = "杭州市教育局"
    decide("return", reason="许可证信息有误")

    assert public.get(f"{REGISTER}/{world.institution_id}").json == before


def test_what_is_set_aside_gives_way_to_the_approval_before(
    public, world, authority, decide, approved
):
    before = public.get(f"{REGISTER}/{world.institution_id}").json
    world.sections["A"]["institution"]["licence"]["issuer_name"] = "杭州市教育局"
    wrong = decide()
    assert public.get(f"{REGISTER}/{world.institution_id}").json != before

    set_aside(world, authority, wrong)

    assert public.get(f"{REGISTER}/{world.institution_id}").json == before


def test_whose_only_approval_is_set_aside_is_not_on_the_register(
    public, world, authority, approved
):
    set_aside(world, authority, approved)

    assert public.get(f"{REGISTER}/{world.institution_id}").status == 404


def test_whose_refusal_is_set_aside_by_an_approval_is_on_it(public, world, authority, decide):
    wrong = decide("reject", reason="材料不全")
    world.profile(version=2, compliance_status="compliant")
    assert public.get(f"{REGISTER}/{world.institution_id}").status == 404

    set_aside(world, authority, wrong, "approved", warnings_read=["SIT-006"])

    assert public.get(f"{REGISTER}/{world.institution_id}").status == 200


def test_who_deregisters_goes_to_the_list_of_the_closed_for_good(
    kit, public, world, authority, approved
):
    for _ in range(2):
        with kit.active(), transaction() as tx:
            register.leave(
                tx, world.institution_id, on=date(2024, 10, 15), reason_zh="自行终止办学"
            )

    assert public.get(f"{REGISTER}/{world.institution_id}").status == 404
    [entry] = public.get(f"{LISTS}/closed").json["items"]
    assert (entry["name"], entry["uscc"]) == (world.facts["name"], world.facts["uscc"])
    assert (entry["reason"], entry["from_on"]) == ("自行终止办学", "2024-10-15")
    assert entry["authority_name"] == authority.name
    [told] = [each.payload() for each in kit.published(ListEntryChanged)]
    assert (told.list_type, told.institution_id) == ("closed", world.institution_id)


def test_it_is_looked_through_by_name_place_and_kind(public, world, approved):
    kind = {"category": "subject", "delivery": "offline", "stage": "junior"}
    for query in (
        {},
        {"q": "启明"},
        {"q": "qiming"},
        {"q": "qmwh"},
        {"q": "启明", "region": "330000"},
        {"region": "330106"},
        {"region": "330100"} | kind,
    ):
        assert names(public.get(REGISTER, query=query)) == [world.facts["name"]], query


def test_it_is_looked_through_by_numbers(public, world, approved):
    licence_no = world.sections["A"]["institution"]["licence"]["licence_no"]
    for number in (world.facts["uscc"], world.facts["uscc"].lower(), licence_no, licence_no[:8]):
        assert names(public.get(REGISTER, query={"q": number})) == [world.facts["name"]]


def test_what_does_not_fit_is_not_found(public, approved):
    for query in (
        {"q": "远明"},
        {"q": "启明", "region": "110000"},
        {"region": "330106", "category": "nonsubject"},
        {"region": "330106", "delivery": "online"},
        {"region": "330106", "stage": "adult"},
    ):
        told = public.get(REGISTER, query=query).json
        assert (told["count"], told["items"]) == (0, []), query


@pytest.mark.parametrize(
    ("query", "pointer", "code", "word"),
    [
        ({"q": "新"}, "/q", "too_short", "至少两个字"),
        ({"q": "？！"}, "/q", "too_short", "至少两个字"),
        ({"region": "999999"}, "/region", "unknown_region", "没有这个行政区划代码"),
        ({"region": "330106", "page_no": 21, "page_size": 50}, "/page_no", "too_far", "开放数据"),
    ],
)
def test_a_question_without_sense_is_refused_with_what_to_do(public, query, pointer, code, word):
    refused = public.get(REGISTER, query=query)

    assert (refused.status, refused.problem) == (400, "bad-parameter")
    [error] = refused.json["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert word in error["detail"]


@pytest.mark.parametrize("query", [{"page_size": 51}, {"page_no": 0}, {"stage": "baby"}])
def test_pages_and_codes_have_their_bounds(public, query):
    assert public.get(REGISTER, query={"region": "330106"} | query).status == 400


def test_answers_may_be_kept_for_a_minute(public, world, approved):
    for path, query in ((REGISTER, {"q": "启明"}), (f"{REGISTER}/{world.institution_id}", {})):
        answer = public.get(path, query=query)
        assert answer.headers["Cache-Control"] == "public, max-age=60"


SPREAD = """
WITH many AS (SELECT gen_random_uuid() AS institution_id, n FROM generate_series(1, %s) n),
refs AS (INSERT INTO institution_ref SELECT (jsonb_populate_record(t, jsonb_build_object(
  'institution_id', many.institution_id))).* FROM many, institution_ref t
  WHERE t.institution_id = %s)
INSERT INTO register_entry SELECT (jsonb_populate_record(t, jsonb_build_object(
  'institution_id', many.institution_id, 'name', '远航' || many.n, 'uscc', 'U' || many.n,
  'licence_no', 'L' || many.n, 'search_text', '远航' || many.n, 'search_terms', ARRAY['远航']))).*
FROM many, register_entry t WHERE t.institution_id = %s
"""


@pytest.fixture
def many(kit, world, approved):
    """The approved one among three thousand others."""
    own = world.institution_id
    with psycopg.connect(kit.owner_url, autocommit=True) as owner:
        owner.execute(SPREAD, (3_000, own, own))
        owner.execute("ANALYZE register_entry, institution_ref")
        yield owner


def test_a_region_of_many_is_paged_through_to_its_thousandth(public, many):
    pages = [
        public.get(REGISTER, query={"region": "330106", "page_no": number, "page_size": 50}).json
        for number in (1, 2, 20)
    ]

    assert {(each["count"], each["is_least"]) for each in pages} == {(1_000, True)}
    seen = [line["institution_id"] for each in pages for line in each["items"]]
    assert len(set(seen)) == 150


def test_a_page_behind_the_last_is_empty_and_still_counts(public, approved):
    told = public.get(REGISTER, query={"q": "启明", "page_no": 2}).json

    assert (told["count"], told["items"]) == (1, [])


def test_each_way_of_looking_up_takes_an_index(public, many):
    with statements_sent() as asked:
        for query, _ in INDEXES:
            public.get(REGISTER, query=query)

    for (statement, parameters), (_, index) in zip(asked, INDEXES, strict=True):
        plan = many.execute(f"EXPLAIN {statement}", parameters).fetchall()
        assert index in str(plan), parameters
