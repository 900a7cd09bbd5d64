"""The worklist: what presses first, narrowed, counted, and read by the index."""

import re
from datetime import date, timedelta
from itertools import product

import psycopg
import pytest
from sqlalchemy import insert

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.page import encode_cursor
from otsp_compliance.model import Application, CaseClock, ReviewCase
from otsp_compliance.model.cases import NEVER
from otsp_compliance.queries.worklist import list_cases
from otsp_compliance.rules.clocks import Light, light_of
from otsp_testkit.listening import statements_sent

TODAY = date(2024, 10, 15)


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def reviewer(world, bureau):
    return world.reviewer(bureau)


@pytest.fixture
def lay(kit, bureau):
    kit.run_job("keep_calendar")
    return Pile(kit, bureau.authority_id).lay


class Pile:
    """Cases as they would lie there, without the way to them."""

    def __init__(self, kit, authority_id):
        self.kit, self.authority_id = kit, authority_id

    def lay(self, *wanted):
        """Each named by its `title`; in days from today `due`, `amber`, `paused`, `opened`."""
        cases, clocks, applications = [], [], []
        for fields in wanted:
            case = self._case(fields)
            cases.append(case)
            if fields.get("due") is not None:
                clocks.append(_clock(case, fields))
            if "application" in fields:
                applications.append(_application(case, *fields["application"]))
        with self.kit.active(), transaction() as tx:
            for model, rows in (
                (Application, applications),
                (ReviewCase, cases),
                (CaseClock, clocks),
            ):
                if rows:
                    tx.execute(insert(model), rows)
        return {case["title"]: str(case["case_id"]) for case in cases}

    def _case(self, fields):
        known = {
            "case_id": new_id(),
            "kind": "compliance" if "application" in fields else "registration",
            "institution_id": new_id(),
            "institution_name": "杭州某培训学校",
            "region_code": "330106",
            "subject_id": new_id(),
            "subject_version": 1,
            "details": {},
            "state": "open",
            "step_no": 1,
            "step_count": 2,
            "authority_id": self.authority_id,
            "opened_on": _day(fields.get("opened", 0)),
            "priority": "normal",
            "pressing_on": _pressing(fields),
            "assignee_id": None,
            "leased_until": None,
            "decision": None,
        }
        return known | {name: value for name, value in fields.items() if name in {*known, "title"}}


def _day(days):
    return TODAY + timedelta(days=days)


def _pressing(fields):
    """As counting keeps it; of a pause that began in time the clock stands still."""
    if fields.get("due") is None:
        return NEVER
    is_paused = fields.get("paused") is not None and fields["paused"] <= fields["due"]
    return _day(max(fields["due"], 1) if is_paused else fields["due"])


def _clock(case, fields):
    paused = fields.get("paused")
    return {
        "case_id": case["case_id"],
        "step_no": 1,
        "phase": "decide",
        "started_on": _day(-9),
        "limit_days": 20,
        "amber_on": _day(fields.get("amber", fields["due"])),
        "due_on": _day(fields["due"]),
        "is_provisional": False,
        "paused_on": None if paused is None else _day(paused),
        "local_holidays": [],
        "counted_by": "",
        "is_deemed": False,
    }


def _application(case, kind, state):
    return {
        "application_id": case["subject_id"],
        "institution_id": case["institution_id"],
        "institution_name": case["institution_name"],
        "region_code": case["region_code"],
        "kind": kind,
        "state": state,
        "since": clock.now(),
        "request_id": new_id(),
        "as_of": TODAY,
        "filed_by": new_id(),
        "filed_at": clock.now(),
    }


def titles(client, world, **query):
    answer = client.get(f"{world.api}/cases", query=query)
    assert answer.status == 200, answer.json
    return [each["title"] for each in answer.json["items"]]


def test_what_is_due_comes_first_then_what_is_urgent_then_by_day_then_the_oldest(
    world, reviewer, lay
):
    lay(
        {"title": "7 无期限"},
        {"title": "5 十天后", "due": 10},
        {"title": "6 十天后，后到", "due": 10},
        {"title": "3 加急，二十天后", "due": 20, "priority": "urgent"},
        {"title": "4 加急，无期限", "priority": "urgent"},
        {"title": "2 逾期一天", "due": -1},
        {"title": "1 加急，今天到期", "due": 0, "priority": "urgent"},
        {"title": "8 已办结", "state": "decided"},
    )

    shown = titles(reviewer, world)

    assert [title[0] for title in shown] == ["1", "2", "3", "4", "5", "6", "7"]


def test_pages_follow_one_another_in_that_order(world, reviewer, lay):
    ways = product(("normal", "urgent"), (None, -2, 0, 3, 3))
    lay(
        *(
            {"title": f"{number}", "priority": priority, "due": due}
            for number, (priority, due) in enumerate(ways)
        )
    )
    whole = titles(reviewer, world)
    pages, cursor = [], None

    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = reviewer.get(f"{world.api}/cases", query=query).json
        pages += [each["title"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(whole) == 10
    assert pages == whole


def test_decided_cases_stand_newest_first_in_pages(world, reviewer, lay):
    lay(*({"title": f"{number}", "state": "decided"} for number in range(3)))
    query = {"state": "decided", "limit": 2}

    first = reviewer.get(f"{world.api}/cases", query=query).json

    assert [each["title"] for each in first["items"]] == ["2", "1"]
    assert titles(reviewer, world, **query, cursor=first["next"]) == ["0"]


def test_cases_are_found_by_the_light_that_the_rules_give_them(world, reviewer, lay):
    days = (-3, -1, 0, 1, 3)
    wanted = [
        {"title": f"{amber}/{due}/{paused}", "amber": amber, "due": due, "paused": paused}
        for amber, due, paused in product(days, days, (None, *days))
        if amber <= due
    ]
    lay(*wanted)

    shown = {light: set(titles(reviewer, world, light=light, limit=100)) for light in Light}

    expected = {light: set() for light in Light}
    for each in wanted:
        paused_on = None if each["paused"] is None else _day(each["paused"])
        light = light_of(TODAY, _day(each["amber"]), _day(each["due"]), paused_on=paused_on)
        expected[light].add(each["title"])
    assert all(expected.values())
    assert shown == expected


NARROWED = [
    ({"kind": "compliance"}, {"首次", "注销"}),
    ({"application_kind": "deregistration"}, {"注销"}),
    ({"application_state": "in_review"}, {"首次"}),
    ({"step_no": 2}, {"第二步"}),
    ({"priority": "urgent"}, {"加急"}),
    ({"light": "red"}, {"逾期"}),
    ({"light": "paused"}, {"暂停"}),
    ({"min_age_days": 30}, {"三十天"}),
    ({"min_age_days": 10, "max_age_days": 10}, {"十天"}),
    ({"institution_name": "百分%"}, {"通配"}),
    ({"institution_name": "百%训"}, set()),
    ({"institution_name": "朝阳书"}, {"名称"}),
    ({"state": "decided"}, {"办结"}),
    ({"assignment": "me"}, {"我的"}),
    ({"assignment": "somebody"}, {"我的", "同事的"}),
    ({"assignment": "me", "priority": "urgent"}, set()),
]


@pytest.mark.parametrize(("query", "expected"), NARROWED)
def test_the_worklist_is_narrowed(world, reviewer, lay, query, expected):
    held = {"leased_until": TODAY}
    lay(
        {"title": "首次", "application": ("initial", "in_review")},
        {"title": "注销", "application": ("deregistration", "submitted")},
        {"title": "第二步", "step_no": 2},
        {"title": "加急", "priority": "urgent"},
        {"title": "逾期", "due": -1},
        {"title": "暂停", "due": 1, "paused": 0},
        {"title": "三十天", "opened": -30},
        {"title": "十天", "opened": -10},
        {"title": "通配", "institution_name": "百分%培训"},
        {"title": "名称", "institution_name": "杭州朝阳书院"},
        {"title": "办结", "state": "decided", "decision": "approved"},
        {"title": "我的", "assignee_id": reviewer.principal.account_id, **held},
        {"title": "同事的", "assignee_id": new_id(), **held},
        {
            "title": "我过期的",
            "assignee_id": reviewer.principal.account_id,
            "leased_until": _day(-1),
        },
    )

    assert set(titles(reviewer, world, **query)) == expected


def test_what_nobody_holds_any_more_is_nobodys(world, reviewer, lay):
    lay(
        {"title": "过期的", "assignee_id": new_id(), "leased_until": _day(-1)},
        {"title": "空闲"},
        {"title": "同事的", "assignee_id": new_id(), "leased_until": TODAY},
    )

    assert set(titles(reviewer, world, assignment="nobody")) == {"过期的", "空闲"}


def test_whoever_covers_a_leave_sees_what_the_other_holds(world, bureau, reviewer, lay, now):
    away = world.reviewer(bureau)
    lay({"title": "休假者的", "assignee_id": away.principal.account_id, "leased_until": TODAY})
    assert titles(reviewer, world, assignment="me") == []

    world.leave(away, reviewer, until=now + timedelta(days=1))

    assert titles(reviewer, world, assignment="me") == ["休假者的"]
    assert reviewer.get(f"{world.api}/cases/summary").json["mine"] == 1


def test_the_former_holder_finds_what_was_taken(world, bureau, reviewer, lay):
    case_ids = lay({"title": "被接办"}, {"title": "自己退回"})
    for case_id in case_ids.values():
        reviewer.post(f"{world.api}/cases/{case_id}/lease")
    reviewer.post(f"{world.api}/cases/{case_ids['自己退回']}/lease/release")
    colleague = world.reviewer(bureau)
    path = f"{world.api}/cases/{case_ids['被接办']}/lease/takeover"

    colleague.post(path, {"reason": "办理人外出培训"})

    assert titles(reviewer, world, assignment="taken_from_me") == ["被接办"]
    assert titles(colleague, world, assignment="taken_from_me") == []
    reviewer.post(path, {"reason": "已返岗"})
    assert titles(reviewer, world, assignment="taken_from_me") == []


def test_tabs_count_open_cases_by_state_and_light(world, reviewer, lay):
    mine = {"assignee_id": reviewer.principal.account_id, "leased_until": TODAY}
    lay(
        {"title": "登记", **mine},
        {"title": "过期", "assignee_id": new_id(), "leased_until": _day(-1)},
        {"title": "审核一", "due": 3, "application": ("initial", "in_review"), **mine},
        {"title": "审核二", "due": 3, "application": ("change", "in_review")},
        {"title": "逾期", "due": -1, "application": ("initial", "in_review"), "priority": "urgent"},
        {"title": "办结", "state": "decided"},
    )

    counts = reviewer.get(f"{world.api}/cases/summary").json

    tallies = [(each["state"], each["light"], each["count"]) for each in counts.pop("tallies")]
    assert counts == {"open": 5, "urgent": 1, "mine": 2, "unassigned": 3}
    assert tallies == [("in_review", "green", 2), ("in_review", "red", 1), ("open", None, 2)]


def test_a_cursor_that_is_not_ours_is_refused(world, reviewer):
    for parts in (["x"], ["0", "0", "gestern", str(new_id())], ["0", "0", "2024-10-15", "x"]):
        refused = reviewer.get(f"{world.api}/cases", query={"cursor": encode_cursor(parts)})
        assert (refused.status, refused.pointers) == (400, {"/cursor"})


class TestBelow:
    """A city's education department and what lies below it."""

    @pytest.fixture
    def city(self, world):
        return world.authority("杭州市教育局", level="city", region_code="330100")

    @pytest.fixture
    def head(self, world, city):
        return world.reviewer(city, "region_admin")

    def test_a_region_administrator_reads_the_worklists_below(self, kit, world, bureau, city, head):
        sports = world.authority("西湖区体育局", department="sports")
        ningbo = world.authority("宁波市海曙区教育局", region_code="330203")
        for authority in (bureau, city, sports, ningbo):
            Pile(kit, authority.authority_id).lay({"title": authority.name})

        assert titles(head, world) == ["杭州市教育局"]
        assert titles(head, world, scope="below") == ["杭州市西湖区教育局"]
        one = str(bureau.authority_id)
        assert titles(head, world, authority_id=one) == ["杭州市西湖区教育局"]
        assert titles(head, world, authority_id=str(city.authority_id)) == ["杭州市教育局"]
        counts = head.get(f"{world.api}/cases/summary", query={"scope": "below"}).json
        assert counts["open"] == 1
        for other in (sports, ningbo):
            query = {"authority_id": str(other.authority_id)}
            assert head.get(f"{world.api}/cases", query=query).problem == "outside-jurisdiction"

    def test_what_lies_below_is_decided_below(self, kit, world, bureau, head):
        ((_, case_id),) = Pile(kit, bureau.authority_id).lay({"title": "区县事项"}).items()
        path = f"{world.api}/cases/{case_id}"

        assert head.get(path).status == 200
        for answer in (
            head.post(f"{path}/lease"),
            head.post(f"{path}/decisions", {"decision": "approve"}),
            head.post(f"{path}/priority", {"priority": "urgent", "reason": "加急"}),
        ):
            assert answer.problem == "case-not-routed-here"

    def test_a_reviewer_reads_the_own_worklist_only(self, world, city, bureau):
        reviewer = world.reviewer(city)

        for query in ({"scope": "below"}, {"authority_id": str(bureau.authority_id)}):
            assert reviewer.get(f"{world.api}/cases", query=query).problem == "forbidden"
            assert reviewer.get(f"{world.api}/cases/summary", query=query).problem == "forbidden"


def test_the_region_administrator_says_what_is_urgent_and_why(world, bureau, reviewer, lay):
    ((_, case_id),) = lay({"title": "暑期班"}).items()
    head, path = world.reviewer(bureau, "region_admin"), f"{world.api}/cases/{case_id}/priority"

    bare = head.post(path, {"priority": "urgent"})
    urgent = head.post(path, {"priority": "urgent", "reason": "暑期开班前须办结"})

    assert bare.pointers == {"/reason"}
    assert urgent.json["priority"] == "urgent"
    assert (
        reviewer.get(f"{world.api}/cases/{case_id}").json["priority_reason"] == "暑期开班前须办结"
    )
    assert reviewer.post(path, {"priority": "normal", "reason": "已开班"}).problem == "forbidden"
    assert head.post(path, {"priority": "normal", "reason": "已开班"}).json["priority"] == "normal"


@pytest.fixture
def thousands(kit, bureau, reviewer):
    """Cases of ten authorities; of 3,000 of the own one each third is late, each tenth urgent."""
    for authority_id in (bureau.authority_id, *(new_id() for _ in range(9))):
        is_own = authority_id == bureau.authority_id
        mine = {"assignee_id": reviewer.principal.account_id, "leased_until": TODAY}
        Pile(kit, authority_id).lay(
            *(
                {
                    "title": f"{number}",
                    "due": number % 60 - 20,
                    "amber": number % 60 - 25,
                    "priority": "normal" if number % 10 else "urgent",
                    **(mine if number % 500 == 0 and is_own else {}),
                }
                for number in range(3000 if is_own else 500)
            )
        )
    with psycopg.connect(kit.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE review_case, case_clock, application")


def _parts(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from _parts(part)


def _executed(connection, statement, parameters, *, is_known):
    """How it is run as a prepared statement: planned for its values, or once for all values."""
    names = list(parameters)
    numbered = re.sub(
        r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement
    ).replace("%%", "%")
    mode = "force_custom_plan" if is_known else "force_generic_plan"
    values = ", ".join(f"%({name})s" for name in names)
    with psycopg.ClientCursor(connection) as cursor:
        connection.execute(f"SET plan_cache_mode = {mode}")
        connection.execute(f"PREPARE page AS {numbered}".encode())
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE page ({values})"
        [[[told]]] = cursor.execute(explain, parameters).fetchall()
    connection.execute("DEALLOCATE page")
    connection.execute("RESET plan_cache_mode")
    return told["Plan"]


@pytest.mark.parametrize("is_known", [True, False], ids=["for_these_values", "for_all_values"])
@pytest.mark.parametrize(
    ("narrowed", "index", "most"),
    [
        ({}, "ix_review_case_pressing", 84),
        ({"priority": "urgent"}, "ix_review_case_pressing", 42),
        ({"light": "red"}, "ix_review_case_pressing", 42),
        ({"light": "amber"}, "ix_review_case_pressing", 195 + 21),  # all of few urgent ones
        ({"assignment": "nobody"}, "ix_review_case_pressing", 88),
        ({"assignment": "me"}, "ix_review_case_held", 24),
        ({"state": "decided"}, "ix_review_case_authority_id_state_case_id", 21),
    ],
)
def test_a_page_reads_no_more_than_it_tells_among_thousands(
    kit, reviewer, thousands, narrowed, index, most, is_known
):
    with kit.active(), reading() as tx:
        filters = {"state": "open", **narrowed}
        with statements_sent() as sent:
            list_cases(tx, reviewer.principal, filters=filters, cursor=None, limit=20)
        [page, *_] = [each for each in sent if "FROM review_case" in each.sql]
        plan = _executed(tx.connection.driver_connection, *page, is_known=is_known)

    scans = [
        part
        for part in _parts(plan)
        if part.get("Relation Name") == "review_case" and part.get("Index Name") != "pk_review_case"
    ]
    read = sum(
        (part["Actual Rows"] + part.get("Rows Removed by Filter", 0)) * part["Actual Loops"]
        for part in scans
    )
    assert {part.get("Index Name") for part in scans} == {index}, plan
    assert read <= most, plan
